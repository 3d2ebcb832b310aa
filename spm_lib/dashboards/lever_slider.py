"""One lever: its name, its value as people write it, a slider, what it rests on."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from spm_lib.dashboards.kit import Kit


@dataclass(frozen=True)
class LeverRange:
    """Where a slider goes and how its value is written.

    Attributes
    ----------
    name
        The lever, as in ``Levers``.
    label
        What the reader sees.
    stops
        The values the slider stops at, ascending; today's is among them.
    today
        Today's value.
    told
        Writes a value for the reader.
    basis
        What today's value rests on: n, interval, period.
    """

    name: str
    label: str
    stops: Sequence[Any]
    today: Any
    told: Callable[[Any], str]
    basis: str


class LeverSlider:
    """A slider over a lever's stops; ``box`` shows it, ``value`` reads it."""

    def __init__(
        self, lever: LeverRange, *, kit: Kit, opens: str, changed: Callable[[], None]
    ) -> None:
        self.lever = lever
        self._stops = list(lever.stops)
        self._caption = kit.html()
        self.slider = kit.make(
            widgets.IntSlider,
            value=self._stops.index(lever.today),
            min=0,
            max=len(self._stops) - 1,
            readout=False,
            tooltip=lever.label,
        )
        self.opener = kit.make(widgets.Button, description=opens)
        self.slider.observe(lambda _: self._moved(changed), names="value")
        self.box = kit.make(
            widgets.VBox, [self._caption, self.slider, kit.html(self._basis()), self.opener]
        )
        self.box.add_class("spm-lever")
        self._write()

    @property
    def value(self) -> Any:
        """The value the slider stands at."""
        return self._stops[self.slider.value]

    def move_to(self, value: Any) -> None:
        """Put the slider on the stop nearest to a value."""
        nearest = min(self._stops, key=lambda stop: abs(stop - value))
        self.slider.value = self._stops.index(nearest)

    def _moved(self, changed: Callable[[], None]) -> None:
        self._write()
        changed()

    def _write(self) -> None:
        name, told = html.escape(self.lever.label), html.escape(self.lever.told(self.value))
        self._caption.value = (
            f'<div class="name">{name}</div><div class="value"><bdi>{told}</bdi></div>'
        )

    def _basis(self) -> str:
        return f'<div class="basis">{html.escape(self.lever.basis)}</div>'
