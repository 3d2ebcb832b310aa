"""History: what was known of every deal at the end of one day, as arrays for the methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from spm_lib.core.calendar import WorkCalendar
from spm_lib.forecast.horizon import day_number
from spm_lib.forecast.past.fill_rate import traits_told
from spm_lib.forecast.past.lives import NEVER, Lives
from spm_lib.forecast.past.living import lives_of
from spm_lib.model import Company

UNKNOWN = -2


@dataclass(frozen=True, eq=False)
class WonDeals:
    """Deals won, in order of their close: epoch days, rep index, minor units.

    ``created`` is ``-NEVER`` where it is not known.
    """

    deal: np.ndarray
    day: np.ndarray
    rep: np.ndarray
    amount: np.ndarray
    created: np.ndarray


@dataclass(frozen=True, eq=False)
class OpenDeals:
    """Deals open at the origin.

    ``stage`` is the rank of the stage and ``entered`` the day it was entered (UNKNOWN where there
    is no history); ``amount`` is the value known then, the mean won amount where ``priced`` is
    False; ``expected`` is the planned close (NEVER where there is none).
    """

    deal: np.ndarray
    rep: np.ndarray
    stage: np.ndarray
    entered: np.ndarray
    amount: np.ndarray
    priced: np.ndarray
    expected: np.ndarray


@dataclass(frozen=True, eq=False)
class States:
    """Stretches in which an open deal did not change: ``[since, until)`` in epoch days."""

    deal: np.ndarray
    since: np.ndarray
    until: np.ndarray
    stage: np.ndarray
    entered: np.ndarray
    amount: np.ndarray


@dataclass(frozen=True, eq=False)
class History:
    """All that a method may know at the end of the day ``origin`` (an epoch day).

    ``since`` is the first day on which a close is known. ``stages`` counts the open stages (0:
    no dated stage history). ``visited`` and ``visited_won`` count, per stage, the closed deals that
    passed it and those of them that were won.
    """

    origin: int
    since: int
    reps: tuple[str, ...]
    deal_ids: tuple[str, ...]
    won: WonDeals
    open: OpenDeals
    states: States
    stages: int
    visited: np.ndarray
    visited_won: np.ndarray
    has_created: bool
    has_expected: bool
    lost: int
    lives: Lives
    calendar: WorkCalendar
    made: dict[object, Any] = field(default_factory=dict, repr=False)

    def once(self, key: object, make: Callable[[], Any]) -> Any:
        """Return what is made of this history when first asked for, and kept."""
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    def won_value(self, start: int, end: int) -> np.ndarray:
        """Return won value per rep with the close in ``[start, end)``, float minor units."""
        first, last = np.searchsorted(self.won.day, (start, end))
        part = slice(first, last)
        amount = self.won.amount[part].astype(float)
        return np.bincount(self.won.rep[part], weights=amount, minlength=len(self.reps))

    @property
    def known_days(self) -> int:
        """Days for which closes are known, up to and including the origin."""
        return self.origin - self.since + 1


def history_of(company: Company, *, reps: tuple[str, ...]) -> History:
    """Return what the company knows at its date, for a fixed list of reps.

    ``reps`` must hold every owner; ``""`` stands for deals without one. ``company.at(origin)``
    decides what is known, so nothing here can see further.
    """
    origin = day_number(company.as_of)
    deals, traits = _deals(company.passing(), reps)
    won = deals.filter(pl.col("outcome") == "won").sort("closed_day", "deal")
    first = deals.filter(pl.col("outcome") != "open")["closed_day"].min()
    states = _states(company, deals)
    stages = sum(len(stages.open) for stages in company.settings.pipelines.values())
    visited, visited_won = _passed(states, deals, stages=stages)
    mean = _mean_won(won)
    return History(
        origin=origin,
        since=first if isinstance(first, int) else origin + 1,
        reps=reps,
        deal_ids=tuple(deals["opportunity_id"].to_list()),
        won=WonDeals(*(_ints(won, c) for c in ("deal", "closed_day", "rep", "amount", "created"))),
        open=_open(deals, states, origin=origin, mean=mean),
        states=_arrays(states, mean=mean),
        stages=stages if states.height else 0,
        visited=visited,
        visited_won=visited_won,
        has_created=company.has("opportunities", "created_at"),
        has_expected=bool((deals["expected"] != NEVER).any()),
        lost=deals.filter(pl.col("outcome") == "lost").height,
        lives=lives_of(deals, states, traits=traits),
        calendar=company.calendar,
    )


def reps_of(company: Company) -> tuple[str, ...]:
    """Return every owner that the data names at the company's date, sorted.

    ``""`` is among them where a deal has no owner.
    """
    owners = company.some("opportunities", "rep_id")["rep_id"].unique().fill_null("")
    earlier = company.some("stage_events", "rep_id")["rep_id"].unique().drop_nulls()
    return tuple(sorted({*owners.to_list(), *earlier.to_list()}))


def _ints(frame: pl.DataFrame, column: str) -> np.ndarray:
    return frame[column].to_numpy().astype(np.int64, copy=False)


def _mean_won(won: pl.DataFrame) -> float:
    amount = won["amount"].to_numpy()
    return float(amount[amount > 0].mean()) if (amount > 0).any() else 0.0


_READ = (
    *("opportunity_id", "rep_id", "outcome", "amount", "pipeline", "stage_rank"),
    *("created_day", "closed_day", "expected_day"),
)


def _deals(company: Company, reps: tuple[str, ...]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return good deals with integer codes, and which columns are safe to learn from.

    A won deal without an amount is worth 0.

    Of a deal that was open on a past day nobody may know the owner then: its rep is UNKNOWN.
    """
    code = {rep: i for i, rep in enumerate(reps)}
    traits = traits_told(company)
    frame = company.some("opportunities", *_READ, *traits).sort("opportunity_id")
    rep = frame["rep_id"].fill_null("")
    is_open = pl.col("outcome") == "open"
    frame = frame.with_columns(
        rep=rep.replace_strict(code, default=UNKNOWN, return_dtype=pl.Int64),
        created=pl.col("created_day").fill_null(-NEVER),
        expected=pl.col("expected_day").fill_null(NEVER),
        amount=pl.when(is_open).then("amount").otherwise(pl.col("amount").fill_null(0)),
    )
    nobody = is_open & (rep == "") & pl.lit(value=not company.has("stage_events"))
    known = (is_open | pl.col("closed_day").is_not_null()) & ((pl.col("rep") != UNKNOWN) | nobody)
    deal = pl.int_range(pl.len(), dtype=pl.Int64)
    return frame.filter(known).with_columns(deal=deal, rank=_stage_code(company)), traits


def _stage_code(company: Company) -> pl.Expr:
    """Return a number per open stage of all pipelines (0, 1, ...), UNKNOWN for other stages."""
    names = list(company.settings.pipelines)
    if not names:
        return pl.lit(UNKNOWN, dtype=pl.Int64)
    sizes = [len(company.settings.pipelines[name].open) for name in names]
    offset = dict(zip(names, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
    size = dict(zip(names, sizes, strict=True))
    pipeline = pl.col("pipeline").fill_null(names[0] if len(names) == 1 else "default")
    rank = pl.col("stage_rank")
    start = pipeline.replace_strict(offset, default=None, return_dtype=pl.Int64)
    end = pipeline.replace_strict(size, default=0, return_dtype=pl.Int64)
    inside = ((rank >= 0) & (rank < end)).fill_null(value=False)
    return pl.when(inside).then(start + rank).otherwise(UNKNOWN)


_STATE = ("deal", "since", "until", "rank", "entered")
_TOLD = ("amount", "expected", "pushes")
_EVENT = (
    *("opportunity_id", "entered_at", "entered_day", "seq"),
    *("stage_rank", "outcome", "amount", "pipeline", "expected_day"),
)
_SAID = ("stage_rank", "open", "amount", "pipeline", "expected")


def _states(company: Company, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the stretches in which a deal sat unchanged in an open stage; empty without history.

    Columns out: ``deal``, ``since, until`` (``[since, until)``), ``rank``, ``entered`` (epoch day
    on which the stage was entered), ``amount`` (minor units known then, null: never told),
    ``expected`` (planned close), ``pushes`` (how often it was moved later).
    """
    frame = _told_of_deals(company.passing().some("stage_events", *_EVENT), deals)
    if not frame.height:
        return pl.DataFrame(schema=dict.fromkeys([*_STATE, *_TOLD], pl.Int64))
    priced = frame.filter(pl.col("amount").is_not_null())["deal"].unique()
    same = pl.col("deal") == pl.col("deal").shift(-1)
    frame = _known_so_far(frame, *_SAID).with_columns(
        until=pl.when(same).then(pl.col("since").shift(-1)).fill_null(NEVER),
        rank=_stage_code(company),
    )
    later = pl.col("expected") > pl.col("expected").shift(1)
    pushed = (pl.col("_at") > pl.col("_first")) & later
    pushed = pushed.fill_null(value=False).cast(pl.Int64).cum_sum()
    new = pl.struct("deal", "rank").ne_missing(pl.struct("deal", "rank").shift(1))
    lasting = (pl.col("until") > pl.col("since")) & (pl.col("rank") != UNKNOWN) & pl.col("open")
    frame = frame.select(
        *("deal", "since", "until", "rank"),
        pl.when(new).then("since").forward_fill().alias("entered"),
        *("amount", "expected"),
        pushes=pushed - pushed.gather("_first"),
        _lasting=lasting,
    )
    frame = frame.filter("_lasting").drop("_lasting")
    known = pl.lit(deals["amount"].gather(frame["deal"]))
    told = pl.col("deal").is_in(priced.implode())
    return frame.with_columns(amount=pl.when(told).then("amount").otherwise(known))


def _told_of_deals(events: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """Return what was told of each deal and when, in order, and no column more: rows are many."""
    owner = deals.select("opportunity_id", "deal", _pipe="pipeline")
    placed = events.select("opportunity_id", "entered_at", "seq").join(
        owner, on="opportunity_id", how="left", maintain_order="left"
    )
    order = placed.select(pl.arg_sort_by("deal", "entered_at", "seq", maintain_order=True))
    order = order.to_series().slice(placed["deal"].null_count())
    return events.select(
        "stage_rank",
        "amount",
        placed["deal"],
        pipeline=pl.coalesce("pipeline", placed["_pipe"]),
        since="entered_day",
        expected="expected_day",
        open=pl.col("outcome") == "open",
    ).select(pl.all().gather(order))


def _known_so_far(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return events in order of their deals, each with the last values told of its deal.

    ``_at`` is the row's place, ``_first`` that of its deal's first one: looking up places costs a
    tenth of a window over deals.
    """
    begins = pl.col("deal").ne_missing(pl.col("deal").shift(1))
    frame = frame.with_columns(_at=pl.int_range(pl.len(), dtype=pl.UInt32)).with_columns(
        _first=pl.when(begins).then("_at").forward_fill()
    )
    last = {c: pl.when(pl.col(c).is_not_null()).then("_at").forward_fill() for c in columns}
    return frame.with_columns(
        pl.col(c).gather(pl.when(at >= pl.col("_first")).then(at)) for c, at in last.items()
    )


def _arrays(states: pl.DataFrame, *, mean: float) -> States:
    amount = states["amount"].cast(pl.Float64).fill_null(mean).to_numpy()
    deal, since, until, stage, entered = (_ints(states, c) for c in _STATE)
    return States(deal, since, until, stage, entered, amount)


def _open(deals: pl.DataFrame, states: pl.DataFrame, *, origin: int, mean: float) -> OpenDeals:
    now = states.filter((pl.col("since") <= origin) & (pl.col("until") > origin))
    frame = deals.filter(pl.col("outcome") == "open").join(
        now.select("deal", _rank="rank", _entered="entered", _amount="amount"),
        on="deal",
        how="left",
        maintain_order="left",
    )
    known = pl.when(pl.col("created") > -NEVER).then("created")
    frame = frame.with_columns(
        stage=pl.when(pl.col("rank") != UNKNOWN)
        .then("rank")
        .otherwise(pl.col("_rank"))
        .fill_null(UNKNOWN),
        entered=pl.coalesce("_entered", known, pl.lit(origin)),
        _value=pl.coalesce("amount", "_amount").cast(pl.Float64),
    )
    return OpenDeals(
        *(_ints(frame, c) for c in ("deal", "rep", "stage", "entered")),
        amount=frame["_value"].fill_null(mean).to_numpy(),
        priced=frame["_value"].is_not_null().to_numpy(),
        expected=_ints(frame, "expected"),
    )


def _passed(
    states: pl.DataFrame, deals: pl.DataFrame, *, stages: int
) -> tuple[np.ndarray, np.ndarray]:
    """Count closed deals per stage passed, and those of them that were won."""
    seen = np.zeros((deals.height, stages), dtype=bool)
    seen[_ints(states, "deal"), _ints(states, "rank")] = True
    outcome = deals["outcome"]
    closed, won = (seen[mask.to_numpy()] for mask in (outcome != "open", outcome == "won"))
    return closed.sum(axis=0), won.sum(axis=0)
