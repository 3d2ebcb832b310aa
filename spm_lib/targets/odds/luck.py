"""Luck, drawn once: whatever the levers, scenario 17 is always the same future."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from spm_lib.targets.odds.bookings_table import LEVELS, step_of
from spm_lib.targets.odds.kept_arrays import Arrays
from spm_lib.targets.odds.people import People
from spm_lib.targets.odds.pipeline import Pipeline
from spm_lib.targets.odds.today import Today

Floats = np.ndarray
BLOCK = 2_000  # scenarios that are drawn and played together
MOST = 3.0  # times as likely as today a deal can be made by levers
BANDS = (0.0, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, MOST)
_CHUNK = 256  # deals that are drawn together
_OWN = ("flow", "months", "deals", "size", "leaving", "level")  # drawn once, beside the open deals
_RATES, _LEVEL, _MONTHS, _DEALS, _LEAVING, _OPEN, _HIRE = range(7)


@dataclass(frozen=True, eq=False)
class OpenLuck:
    """Who of the open deals can be won in which scenario: one row per deal and scenario.

    Attributes
    ----------
    needs
        By how much the chances must be multiplied for the deal to be won in the scenario.
    day
        Days from today to the win.
    amount
        Minor units.
    unit
        Whose deal it is: place among the people, their number for somebody else's.
    cell
        Place of the scenario in an array (people + 1, steps + 1, scenarios), first step.
    bands
        Rows whose ``needs`` lie below each of ``BANDS`` come before these.
    """

    needs: Floats
    day: Floats
    amount: Floats
    unit: np.ndarray
    cell: np.ndarray
    bands: np.ndarray


@dataclass(frozen=True, eq=False)
class Luck:
    """What chance and ignorance bring in each scenario of a block.

    Attributes
    ----------
    flow
        Rows of the bookings table by which each person's wins lie above the expected, (people,
        scenarios): the uncertainty of rates, and what moves everybody.
    months
        The same for each step, (steps, scenarios).
    deals
        Column of the bookings table, (people, steps, scenarios).
    size
        Average won amount, (people, scenarios), minor units.
    leaving
        Exponential waits of mean 1 until a person leaves, (people, scenarios).
    """

    seed: tuple[int, int]
    flow: Floats
    months: Floats
    deals: np.ndarray
    size: Floats
    leaving: Floats
    open: OpenLuck
    level: Floats
    newcomers: dict[int, tuple[Floats, np.ndarray, Floats]] = field(repr=False)

    def hired(self, number: int, people: People) -> tuple[Floats, np.ndarray, Floats]:
        """Return flow, deals and size of the so-many-th person hired, the same every time.

        Nobody knows how good somebody new will be: each scenario takes after one of the people.
        """
        if number not in self.newcomers:
            rng = np.random.default_rng([*self.seed, _HIRE, number])
            scenarios = self.flow.shape[1]
            like = rng.integers(len(people.reps), size=scenarios)
            each = np.arange(scenarios)
            own = people.arrivals.value * people.conversion.value
            flow = self.flow[like, each] + step_of(own[like] / own.mean())
            deals = _levels(rng, self.deals.shape[1], scenarios)
            self.newcomers[number] = flow.astype(np.float32), deals, self.size[like, each]
        return self.newcomers[number]


def luck_to_arrays(luck: Luck) -> Arrays:
    """Return what was drawn as plain arrays by name; people to be hired are drawn again."""
    own = {name: getattr(luck, name) for name in _OWN}
    return own | {f"open.{name}": values for name, values in vars(luck.open).items()}


def luck_from_arrays(found: Arrays, *, seed: int, block: int) -> Luck:
    """Return the luck that ``luck_to_arrays`` told.

    Raises
    ------
    KeyError
        If an array lacks.
    """
    names = [field.name for field in fields(OpenLuck)]
    drawn = OpenLuck(**{name: found[f"open.{name}"] for name in names})
    own = {name: found[name] for name in _OWN}
    return Luck(seed=(seed, block), open=drawn, newcomers={}, **own)


def draw_luck(today: Today, *, seed: int, block: int, scenarios: int = BLOCK) -> Luck:
    """Draw one block of scenarios."""
    people, steps = today.people, today.steps.count

    def stream(part: int) -> np.random.Generator:
        return np.random.default_rng([seed, block, part])

    level = _lognormal(stream(_LEVEL), today.shocks.level, (1, scenarios))
    rates = stream(_RATES)
    arrivals = people.arrivals.multiples(scenarios, rates)
    conversion = people.conversion.multiples(scenarios, rates)
    size = people.size.multiples(scenarios, rates) * people.size.value[:, None]
    deals = stream(_DEALS)
    return Luck(
        seed=(seed, block),
        flow=step_of(np.maximum(level * arrivals * conversion, 1e-6)).astype(np.float32),
        months=step_of(_lognormal(stream(_MONTHS), today.shocks.month, (steps, scenarios))).astype(
            np.float32
        ),
        deals=np.stack([_levels(deals, steps, scenarios) for _ in people.reps]),
        size=size.astype(np.float32),
        leaving=stream(_LEAVING).standard_exponential((len(people.reps), scenarios)),
        open=_open_luck(today, conversion, stream(_OPEN)),
        level=level,
        newcomers={},
    )


def _levels(rng: np.random.Generator, steps: int, scenarios: int) -> np.ndarray:
    """Return columns of the table, each as often as any other in every step, in random order."""
    even = (np.arange(scenarios) * LEVELS // scenarios).astype(np.uint16)
    return rng.permuted(np.tile(even, (steps, 1)), axis=1)


def _lognormal(rng: np.random.Generator, spread: float, shape: tuple[int, int]) -> Floats:
    return np.exp(spread * rng.standard_normal(shape) - spread**2 / 2)


def _open_luck(today: Today, conversion: Floats, rng: np.random.Generator) -> OpenLuck:
    """Draw the fate of every open deal in every scenario.

    The chances of a deal are spread evenly over the scenarios; the day of a win is drawn from the
    days at which such deals are won.
    """
    owner, scenarios = today.owner, conversion.shape[1]
    skill = np.vstack([conversion, np.ones((1, scenarios))]).astype(np.float32)
    order = np.argsort(owner, kind="stable")
    chunks = [order[first : first + _CHUNK] for first in range(0, len(order), _CHUNK)]
    fates = [_fates(today.pipeline, deals, skill[owner[deals]], rng) for deals in chunks]
    if not fates:
        nothing = np.zeros(0)
        return OpenLuck(nothing, nothing, nothing, nothing, nothing, np.zeros(len(BANDS), int))

    def whole(name: str) -> np.ndarray:
        """Put the rows of a band together, of all chunks, band after band."""
        bands = range(len(BANDS))
        return np.concatenate(
            [getattr(f, name)[f.bands[b] : f.bands[b + 1]] for b in bands for f in fates]
        )

    deals = whole("deal")
    unit = owner[deals].astype(np.int32)
    return OpenLuck(
        needs=whole("need"),
        day=whole("day"),
        amount=today.pipeline.amount[deals].astype(np.float32),
        unit=unit,
        cell=unit * ((today.steps.count + 1) * scenarios) + whole("scenario"),
        bands=np.sum([f.bands[:-1] for f in fates], axis=0),
    )


@dataclass(frozen=True, eq=False)
class _Fates:
    """Wins of some deals within the reach of levers, the rows of each band of needs together."""

    need: Floats
    day: Floats
    scenario: np.ndarray
    deal: np.ndarray
    bands: np.ndarray


def _fates(
    pipeline: Pipeline, deals: np.ndarray, skill: Floats, rng: np.random.Generator
) -> _Fates:
    scenarios = skill.shape[1]
    last = pipeline.until[deals, -1].astype(np.float32)
    even = np.tile(np.arange(scenarios, dtype=np.uint16), (len(deals), 1))
    needs = rng.permuted(even, axis=1) + rng.random(skill.shape, dtype=np.float32)
    needs /= scenarios * np.maximum(last[:, None] * skill, 1e-9)
    row, scenario = np.nonzero(needs < MOST)
    need, day = needs[row, scenario], _days(pipeline, deals, row, rng)
    band = np.zeros(len(need), dtype=np.uint8)
    for edge in BANDS[1:]:
        band += need >= np.float32(edge)
    order = np.argsort(band, kind="stable")
    bands = np.searchsorted(band[order], np.arange(len(BANDS) + 1))
    return _Fates(
        need[order], day[order], scenario[order].astype(np.int32), deals[row][order], bands
    )


def _days(
    pipeline: Pipeline, deals: np.ndarray, row: np.ndarray, rng: np.random.Generator
) -> Floats:
    """Draw the day of each win; ``row`` says whose it is, in rising order."""
    ends = np.searchsorted(row, np.arange(len(deals) + 1))
    when, day = rng.random(len(row)), np.empty(len(row), dtype=np.float32)
    for number, start, end in zip(deals, ends[:-1], ends[1:], strict=True):
        until = pipeline.until[number]
        day[start:end] = np.interp(when[start:end] * until[-1], until, pipeline.edges)
    return day
