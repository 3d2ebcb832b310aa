"""The oracle: what a forecaster who knows the true hazards would say, by living every deal again.

It knows the parameters, who sleeps, how deals stand at the end of a day, and which deals will be
created; it does not know the coming months' shocks, nor any deal's luck. Lost deals that come back
later are left out unless the oracle saw them open (about 3 % of bookings).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from spm_lib.core.errors import ParameterError
from spm_lib.simulate import hazards as h
from spm_lib.simulate.chance import Floats, Ints
from spm_lib.simulate.clocks import day_number, make_clocks
from spm_lib.simulate.deals import Origins, make_deals
from spm_lib.simulate.history import Changes, dates, named, opportunity_ids
from spm_lib.simulate.journeys import Deals, Engine, Events, State, at_creation, run
from spm_lib.simulate.records import make_records
from spm_lib.simulate.world import World

LONG_DAYS = 500  # after this many days a deal's fate is sealed for the eventual P(win)


@dataclass(frozen=True, eq=False)
class Oracle:
    """True odds at the end of a day, for the window `[day + 1, until)`.

    Attributes
    ----------
    deals
        Open deals: opportunity_id, rep_id, stage, p_win (ever), p_win_by_until, expected_amount
        (minor units, won before `until`).
    bookings
        rep_id (owner at the win), month (first day), draw, amount (minor units), new (the deal was
        created after `day`); only where something was won.
    draws
        How many lives each deal was given.
    """

    day: date
    until: date
    draws: int
    deals: pl.DataFrame
    bookings: pl.DataFrame

    def expected(self) -> pl.DataFrame:
        """Return the expected bookings: rep_id, month, amount (minor units, a mean)."""
        total = pl.col("amount").sum() / self.draws
        return self.bookings.group_by("rep_id", "month").agg(total).sort("rep_id", "month")

    def totals(self) -> Floats:
        """Return the bookings of the whole company in each draw, in minor units."""
        sums = self.bookings.group_by("draw").agg(pl.col("amount").sum())
        found = np.zeros(self.draws)
        found[sums["draw"].to_numpy()] = sums["amount"].to_numpy()
        return found


@dataclass(frozen=True, eq=False)
class Standing:
    """Deals open at a moment: their row in the block, their state, what was quoted (0: not yet)."""

    row: Ints
    state: State
    amount: Ints


def standing_at(changes: Changes, moment: float) -> Standing:
    """Return which deals were open at a moment, and how they stood."""
    known = changes.moment < moment
    deal, when, stage = changes.deal[known], changes.moment[known], changes.stage[known]
    first = np.concatenate([[True], deal[1:] != deal[:-1]])[: len(deal)]
    entered = first | np.concatenate([[True], stage[1:] != stage[:-1]])[: len(deal)]
    last = np.flatnonzero(np.concatenate([deal[1:] != deal[:-1], [True]])[: len(deal)])
    last = last[stage[last] < h.WON]
    entry = np.maximum.accumulate(np.where(entered, np.arange(len(deal)), 0))[last]
    begun = np.maximum.accumulate(np.where(first, np.arange(len(deal)), 0))[last]
    proposed = np.maximum.accumulate(np.where(stage == h.PROPOSAL, np.arange(len(deal)), -1))[last]
    negotiated = np.maximum.accumulate(np.where(stage == h.NEGOTIATION, np.arange(len(deal)), -1))[
        last
    ]
    quoted = (proposed >= begun) | (negotiated >= begun)
    since = when[entry]
    bucket = np.searchsorted(h.BUCKET_EDGES, moment - since, side="right") - 1
    owner = changes.owner[known][last]
    state = State(np.full(len(last), moment), stage[last], since, bucket, owner)
    return Standing(deal[last], state, np.where(quoted, changes.amount[known][last], 0))


def _many(deals: Deals, state: State, draws: int) -> tuple[Deals, State]:
    """Return every deal `draws` times, each copy with a number of its own."""
    rows = np.repeat(np.arange(len(deals.number)), draws)
    turn = np.tile(np.arange(draws), len(deals.number))
    copies = deals.take(rows)
    copies = replace(copies, number=copies.number * draws + turn)
    return copies, State(**{name: values[rows] for name, values in vars(state).items()})


def _won(events: Events, copies: int, until: float) -> tuple[Ints, Floats, Ints]:
    """Return which copies stand as won at a moment, since when and by whom."""
    known = events.moved & (events.moment < until)
    last = np.full(copies, -1)
    last[events.deal[known]] = np.flatnonzero(known)
    rows = np.flatnonzero(last >= 0)
    rows = rows[events.stage[last[rows]] == h.WON]
    return rows, events.moment[last[rows]], events.owner[last[rows]]


def _signed(world: World, origin: Origins, deal: Ints, quoted: Ints, copy: Ints) -> Ints:
    """Return what each won copy is worth: the quote if there is one, less a fresh discount."""
    chance = world.chance("oracle/amount")
    revised = origin.amount[deal] * np.exp(0.18 * chance.normal(copy, draw=0))
    off = chance.choice(copy, draw=1, shares=h.DISCOUNT_SHARES)
    return np.round(np.where(quoted > 0, quoted, revised) * (1 - h.DISCOUNTS[off])).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Lives:
    """Some deals lived again: where they start, and everything that happened to every copy."""

    origin: Origins
    quoted: Ints
    events: Events
    copies: int


def _live(
    world: World,
    origin: Origins,
    state: State,
    quoted: Ints,
    *,
    until: float,
    draws: int,
    stream: str,
) -> _Lives:
    copies, states = _many(origin.deals, state, draws)
    engine = Engine(world.staff, world.clocks, world.chance(stream), until)
    events = run(engine, copies, states)
    return _Lives(origin, quoted, events, len(copies.number))


def _bookings(world: World, lives: _Lives, *, until: float, draws: int, new: bool) -> pl.DataFrame:
    """Return what every draw books per rep and month."""
    copy, moment, owner = _won(lives.events, lives.copies, until)
    deal = copy // draws
    month = dates(moment).dt.truncate("1mo")
    frame = pl.DataFrame(
        {
            "rep_id": named(owner, world.staff.rep_ids),
            "month": month,
            "draw": copy % draws,
            "amount": _signed(world, lives.origin, deal, lives.quoted[deal], copy),
            "new": pl.repeat(new, len(copy), eager=True),
        }
    )
    keys = ["rep_id", "month", "draw", "new"]
    return frame.group_by(keys, maintain_order=True).agg(pl.col("amount").sum())


def _odds(
    world: World, lives: _Lives, standing: Standing, *, until: float, draws: int
) -> pl.DataFrame:
    """Return the true odds of open deals."""
    ever, _, _ = _won(lives.events, lives.copies, np.inf)
    soon, _, _ = _won(lives.events, lives.copies, until)
    count = len(standing.row)
    value = _signed(world, lives.origin, soon // draws, lives.quoted[soon // draws], soon)
    return pl.DataFrame(
        {
            "opportunity_id": opportunity_ids(lives.origin.number),
            "rep_id": named(standing.state.owner, world.staff.rep_ids),
            "stage": named(standing.state.stage, h.STAGES),
            "p_win": np.bincount(ever // draws, minlength=count) / draws,
            "p_win_by_until": np.bincount(soon // draws, minlength=count) / draws,
            "expected_amount": np.round(np.bincount(soon // draws, value, minlength=count) / draws),
        }
    ).with_columns(pl.col("expected_amount").cast(pl.Int64))


def consult_oracle(world: World, *, day: date, until: date, draws: int = 400) -> Oracle:
    """Return the true odds at the end of a day, for the window `[day + 1, until)`.

    Parameters
    ----------
    day
        What happened up to the end of this day is known.
    until
        First day that is not forecast any more; at most 500 days later.
    draws
        Lives per deal; the standard error of a probability is at most 0.5 / sqrt(draws).

    Raises
    ------
    ParameterError
        If the window is empty or longer than 500 days.

    Examples
    --------
    >>> from spm_lib.simulate import make_world
    >>> world = make_world("tiny", 1)
    >>> oracle = consult_oracle(world, day=date(2026, 6, 30), until=date(2026, 10, 1), draws=50)
    >>> oracle.deals["p_win"].is_between(0, 1).all()
    True
    """
    start, end = float(day_number(day) + 1), float(day_number(until))
    if not 0 < end - start <= LONG_DAYS:
        raise ParameterError(
            "The oracle looks 1 to 500 days ahead.",
            found=f"day {day}, until {until}",
            do="Give an `until` after the next day and within that range",
        )
    blind = replace(world, clocks=make_clocks(world.preset, world.seed, shocks_until=day))
    records = make_records(world, np.arange(world.preset.opportunities))
    standing = standing_at(records.changes, start)
    origin = make_deals(world, standing.row)
    lives = _live(
        blind,
        origin,
        standing.state,
        standing.amount,
        until=start + LONG_DAYS,
        draws=draws,
        stream=f"oracle/{day}",
    )
    fresh = _created_between(world, start, end)
    newborn = _live(
        blind,
        fresh,
        at_creation(fresh.deals),
        np.zeros(len(fresh.number), dtype=np.int64),
        until=end,
        draws=draws,
        stream=f"oracle/new/{day}",
    )
    bookings = [
        _bookings(world, lives, until=end, draws=draws, new=False),
        _bookings(world, newborn, until=end, draws=draws, new=True),
    ]
    odds = _odds(world, lives, standing, until=end, draws=draws)
    return Oracle(day, until, draws, odds, pl.concat(bookings))


def _created_between(world: World, start: float, end: float) -> Origins:
    """Return the deals created in `[start, end)`, those after the export among them."""
    reading = world.clocks.arrival.reading(np.array([start, end])) / world.arrivals
    low, high = (np.floor(reading * world.preset.opportunities) + np.array([-1, 2])).astype(
        np.int64
    )
    number = np.arange(max(low, 0), high)
    created = world.created(number)
    return make_deals(world, number[(created >= start) & (created < end)])


def expected_bookings(world: World, *, draws: int = 60) -> pl.DataFrame:
    """Return what each rep should have booked per month, given the deals that were created.

    Columns out: rep_id (owner at the win), month (first day), expected (minor units, the mean over
    `draws` lives of every deal from its creation on, with the shocks that came).
    """
    origin = make_deals(world, np.arange(world.preset.opportunities))
    lives = _live(
        world,
        origin,
        at_creation(origin.deals),
        np.zeros(len(origin.number), dtype=np.int64),
        until=world.until,
        draws=draws,
        stream="expected",
    )
    bookings = _bookings(world, lives, until=world.until, draws=draws, new=False)
    total = (pl.col("amount").sum() / draws).round().cast(pl.Int64).alias("expected")
    return bookings.group_by("rep_id", "month").agg(total).sort("rep_id", "month")
