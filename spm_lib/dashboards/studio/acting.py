"""What the buttons of a page do: each an act by name, and what came of it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spm_lib.core.errors import SpmError
from spm_lib.dashboards.studio.view import StudioView


class Keeper:
    """Does what buttons ask for; an act gets the name in the page's field, and returns words."""

    def __init__(self, view: StudioView, acts: Mapping[str, Callable[[str], str]]) -> None:
        self._view, self._acts = view, dict(acts)

    def act(self, what: str, name: str) -> None:
        """Do what a button asks for, and tell what came of it; an act nobody knows is none."""
        if what not in self._acts:
            return
        try:
            said = self._acts[what](name.strip())
        except (SpmError, OSError) as error:
            self._view.tell("said", text=str(error), good=False)
        else:
            self._view.tell("said", text=said, good=True)
