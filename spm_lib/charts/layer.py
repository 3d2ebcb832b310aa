"""A layer of a chart: one kind of mark on rows, of which altair makes many copies."""

from __future__ import annotations

from typing import Any

import altair as alt


class Layer(alt.Chart):
    """Marks on rows, as altair has them; copies share what a layer is made of.

    On the way to a specification altair copies each layer six times, with hundreds of options of
    its axes and marks that nobody has set. Nothing in a layer is changed once it is made.
    """

    def __deepcopy__(self, _: Any) -> Layer:
        """Return a layer of its own around the same parts."""
        return self.copy(deep=False)
