"""What was derived from a client's data: found, and removed on demand."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spm_lib.store.client_folder import ClientFolder
from spm_lib.store.names import safe_name


@dataclass(frozen=True)
class Derived:
    """One place that holds what was derived from a client's data.

    ``files`` and ``size`` (bytes) count what lies in it; a link counts as one file of no size,
    since what it points to is not the client's folder.
    """

    place: Path
    files: int
    size: int


def derived_from(
    folder: ClientFolder, *, workspace_id: str, reports: str | Path
) -> tuple[Derived, ...]:
    """Return the places that hold what was derived from a client's data, those that exist.

    These are its cache, quarantine, kept states, pay runs, and its reports under the root
    ``reports``. Exports, workspace and brand file, plans, scenarios, notebooks and the register of
    what was said are not derived: they are what people wrote.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder = ClientFolder(Path(place))
    ...     folder.cache.mkdir()
    ...     _ = (folder.cache / "view").write_text("12 bytes of.")
    ...     found = derived_from(folder, workspace_id="acme", reports=Path(place, "reports"))
    >>> [(one.place.name, one.files, one.size) for one in found]
    [('cache', 1, 12)]
    """
    places = (
        folder.cache,
        folder.quarantine,
        folder.snapshots,
        folder.pay,
        Path(reports) / safe_name(workspace_id),
    )
    return tuple(_measured(place) for place in places if place.is_symlink() or place.exists())


def remove_derived(found: Sequence[Derived]) -> None:
    """Remove places and all that lies in them; of a link the link alone.

    Raises
    ------
    OSError
        If the system does not let something go. What could go before it is gone.
    """
    for one in found:
        if one.place.is_symlink() or one.place.is_file():
            one.place.unlink(missing_ok=True)
        else:
            shutil.rmtree(one.place)


def _measured(place: Path) -> Derived:
    inside = [] if place.is_symlink() else [p for p in place.rglob("*") if not p.is_dir()]
    sizes = [0 if path.is_symlink() else path.stat().st_size for path in inside]
    return Derived(place=place, files=len(sizes) or int(not place.is_dir()), size=sum(sizes))
