"""A layer of a chart: one kind of mark on rows, of which altair makes many copies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import altair as alt

PARTS = ["data", "mark", "encoding", "transform", "params", "projection", "view"]
_shared = ContextVar("shared", default=False)


class Layer(alt.Chart):
    """Marks on rows, as altair has them; copies made within ``shared_parts`` share what it is of.

    On the way to a specification altair copies each layer six times, with hundreds of options of
    its axes and marks that nobody has set.
    """

    def __deepcopy__(self, _: Any) -> Layer:
        """Return a layer of its own; its parts are its own too, unless they may be shared."""
        return self.copy(deep=False if _shared.get() else PARTS)


@contextmanager
def shared_parts() -> Iterator[None]:
    """Let copies of layers share their parts, where whoever makes them changes none."""
    before = _shared.set(True)
    try:
        yield
    finally:
        _shared.reset(before)
