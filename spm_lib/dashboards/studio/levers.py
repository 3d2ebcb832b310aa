"""The studio's levers: where each goes, how its value is written, what it makes of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from spm_lib.core.calendar import months_before
from spm_lib.core.errors import ParameterError
from spm_lib.core.language import Language
from spm_lib.plans import TargetScenario

_STOPS = 200  # of the company's target, on either side
_MOST_HIRES, _MOST_RAMP, _HIRING_DATES = 20, 18, 3


@dataclass(frozen=True)
class StudioLever:
    """One lever of the studio.

    Attributes
    ----------
    name
        How page and server call it.
    group, label
        What the reader sees.
    low, high, step
        Where the slider goes.
    value
        Where it stands.
    told
        Writes a value for the reader.
    """

    name: str
    group: str
    label: str
    low: float
    high: float
    step: float
    value: float
    told: Callable[[float], str]

    def to_dict(self) -> dict[str, Any]:
        """Return what the page is told."""
        told = ("name", "group", "label", "low", "high", "step", "value")
        return {name: getattr(self, name) for name in told} | {"told": self.told(self.value)}


@dataclass(frozen=True)
class Levers:
    """All levers of a scenario, as it stands when they are made.

    Parameters
    ----------
    origin
        The scenario that the levers begin at; what no lever moves stays as it says.
    ramp
        The ramp that was learned or given: shares per month on board.
    language
        Of labels and values.
    fixed_target
        Whether the target is given from above, and no lever.
    """

    origin: TargetScenario
    ramp: tuple[float, ...]
    language: Language
    fixed_target: bool = False

    @property
    def months(self) -> list[date]:
        """The months in which people can be hired: from the first unknown one to the last."""
        basis = self.origin.basis
        first = months_before(basis.as_of.replace(day=1), -1)
        count = (basis.end.year - first.year) * 12 + basis.end.month - first.month
        return [months_before(first, -n) for n in range(count)]

    def all(self) -> list[StudioLever]:
        """Return the levers in the order of the page."""
        made = [*self._target(), *self._weights(), *self._turned(), *self._people()]
        return made[1:] if self.fixed_target else made

    def turned(self, values: Mapping[str, float]) -> TargetScenario:
        """Return the scenario with levers turned; what stays where it began changes nothing.

        Raises
        ------
        ParameterError
            If there is no such lever, it does not go there, or the scenario cannot be.
        """
        known = {lever.name: lever for lever in self.all()}
        moved: dict[str, float] = {}
        for name, value in values.items():
            lever = known.get(name)
            if lever is None or not lever.low - 1e-9 <= value <= lever.high + 1e-9:
                raise ParameterError(
                    "There is no such lever, or it does not go there.",
                    found=f"{name} = {value}",
                    do="Move the sliders of the page",
                )
            if abs(value - lever.value) > lever.step / 1000:
                moved[name] = value
        return self.origin.changed(**self._fields(moved)) if moved else self.origin

    def _fields(self, moved: Mapping[str, float]) -> dict[str, Any]:
        """Return the changed sections of the scenario."""
        origin, fields = self.origin, dict[str, Any]()
        if "target" in moved:
            fields["basis"] = {"target": round(moved["target"])}
        share: dict[str, Any] = {}
        weights = {k[7:]: v for k, v in moved.items() if k.startswith("weight.")}
        if weights:
            share["weights"] = {
                **origin.share.weights,
                **{k: _clean(v) for k, v in weights.items()},
            }
        if any(name.startswith("over.") for name in moved):
            over = enumerate(self._over_now())
            share["over_assignment"] = tuple(_clean(moved.get(f"over.{n}", v)) for n, v in over)
        if share:
            fields["share"] = share
        odds = {k: _clean(v) for k, v in moved.items() if k in _TURNED}
        if odds:
            fields["odds"] = odds
        if "ramp" in moved:
            fields["over_time"] = {"ramp": stretched(self.ramp, round(moved["ramp"]))}
        if any(name.startswith("hire.") for name in moved):
            fields["hires"] = self._hires(moved)
        return fields

    def _hires(self, moved: Mapping[str, float]) -> tuple[dict[str, Any], ...]:
        found = []
        for number, (count, month, kept) in enumerate(self._hires_now()):
            heads = round(moved.get(f"hire.{number}.count", count))
            place = round(moved.get(f"hire.{number}.month", month))
            same = kept and place == month
            starts = kept["starts"] if same else self.months[place]
            if heads:
                found.append({**kept, "starts": starts, "count": heads})
        later = [dict(hire) for hire in self.origin.hires[_HIRING_DATES:]]
        return (*found, *later)

    def _hires_now(self) -> list[tuple[int, int, dict[str, Any]]]:
        """Return heads, place of the month and the rest of each hiring date; empty ones at last."""
        months = self.months
        found = [
            (
                hire.count,
                max((n for n, month in enumerate(months) if month <= hire.starts), default=0),
                dict(hire),
            )
            for hire in self.origin.hires[:_HIRING_DATES]
        ]
        begin = months.index(self.origin.basis.start) if self.origin.basis.start in months else 0
        empty = [(0, min(begin + 3 * n, len(months) - 1), {}) for n in range(_HIRING_DATES)]
        return [*found, *empty][: max(2, len(found))]

    def _over_now(self) -> tuple[float, ...]:
        share = self.origin.share
        return share.over_assignment or (0.0,) * (len(share.levels) + 1)

    def _target(self) -> Iterator[StudioLever]:
        text, basis = self.language.text, self.origin.basis
        stop = basis.step * max(basis.target // (basis.step * 2 * _STOPS), 1)
        below = min(_STOPS, max(basis.target // stop - 1, 0))
        group = text("Target")
        yield StudioLever(
            "target",
            group,
            text("The company's target"),
            basis.target - below * stop,
            basis.target + _STOPS * stop,
            stop,
            basis.target,
            self.amount,
        )
        names = self._steps_down()
        for number, value in enumerate(self._over_now()):
            high = max(0.3, value)
            yield StudioLever(
                f"over.{number}", group, names[number], 0, high, 0.005, value, self._percent
            )

    def amount(self, minor: float) -> str:
        """Write an amount of the scenario's metric."""
        if self.origin.basis.metric.endswith("count"):
            return self.language.number(round(minor))
        return self.language.money(round(minor), self.origin.currency, compact=True)

    def _steps_down(self) -> list[str]:
        text = self.language.text
        names = {"team": text("teams"), "manager_id": text("managers")}
        places = [
            text("company"),
            *(names[one] for one in self.origin.share.levels),
            text("people"),
        ]
        return [
            text("Over-assignment, {above} to {below}", above=above, below=below)
            for above, below in pairwise(places)
        ]

    def _weights(self) -> Iterator[StudioLever]:
        text, share = self.language.text, self.origin.share
        labels = {
            "history": text("By history"),
            "pipeline": text("By open pipeline"),
            "potential": text("By potential"),
            "even": text("Evenly"),
        }
        if share.potential is None:
            del labels["potential"]
        for name, label in labels.items():
            value = share.weights.get(name, 0.0)
            high = max(1.0, value)
            yield StudioLever(
                f"weight.{name}", text("Shared out"), label, 0, high, high / 20, value, self._weight
            )

    def _turned(self) -> Iterator[StudioLever]:
        text, odds = self.language.text, self.origin.odds
        labels = {
            "win_rate": text("Win rate"),
            "deal_size": text("Deal size"),
            "cycle": text("Sales cycle"),
            "activity": text("Activity"),
            "growth": text("Growth of new deals, a year"),
        }
        for name, label in labels.items():
            low, high, step = _TURNED[name]
            value = getattr(odds, name)
            told = self._percent if name == "growth" else self._of_today
            ends = (min(low, value), max(high, value))
            yield StudioLever(name, text("Sales"), label, *ends, step, value, told)

    def _people(self) -> Iterator[StudioLever]:
        text, group, months = self.language.text, self.language.text("People"), self.months
        for number, (count, month, _) in enumerate(self._hires_now()):
            told = {"number": self.language.number(number + 1)}
            heads, when = text("Hires {number}", **told), text("Hires {number}: from", **told)
            yield StudioLever(
                f"hire.{number}.count", group, heads, 0, max(_MOST_HIRES, count), 1, count,
                lambda x: self.language.number(round(x)),
            )  # fmt: skip
            yield StudioLever(
                f"hire.{number}.month", group, when, 0, len(months) - 1, 1, month,
                lambda x: self.language.month(months[round(x)]),
            )  # fmt: skip
        most = max(_MOST_RAMP, len(self.ramp))
        yield StudioLever(
            "ramp", group, text("Ramp of new people"), 0, most, 1, len(self.ramp), self._in_months
        )
        low, high, step = _TURNED["attrition"]
        value = self.origin.odds.attrition
        yield StudioLever(
            "attrition", group, text("Attrition, a year"), low, max(high, value), step, value,
            self._percent,
        )  # fmt: skip

    def _percent(self, value: float) -> str:
        return self.language.percent(value, 1)

    def _of_today(self, value: float) -> str:
        return self.language.text("{share} of today's", share=self.language.percent(value, 0))

    def _weight(self, value: float) -> str:
        return self.language.number(value, 2)

    def _in_months(self, value: float) -> str:
        return self.language.text("{n:1 month|{n} months}", n=round(value))


_TURNED = {
    "win_rate": (0.5, 1.5, 0.01),
    "deal_size": (0.5, 1.5, 0.01),
    "cycle": (0.5, 2.0, 0.01),
    "activity": (0.5, 1.5, 0.01),
    "growth": (-0.5, 1.0, 0.01),
    "attrition": (0.0, 0.6, 0.01),
}


def _clean(value: float) -> float:
    return round(value, 6)


def stretched(ramp: tuple[float, ...], months: int) -> tuple[float, ...]:
    """Return a ramp of the same shape over so many months.

    Examples
    --------
    >>> stretched((0.25, 0.5, 0.75), 3), stretched((0.25, 0.5, 0.75), 1), stretched((), 1)
    ((0.25, 0.5, 0.75), (0.5,), (0.5,))
    """
    points = [0.0, *ramp, 1.0]
    last = len(points) - 1
    found = []
    for month in range(1, months + 1):
        place = month * last / (months + 1)
        below = min(int(place), last - 1)
        share = points[below] + (place - below) * (points[below + 1] - points[below])
        found.append(round(share, 4))
    return tuple(found)
