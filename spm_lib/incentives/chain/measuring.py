"""The third table of the chain: what is added up per person, measure and stretch of days."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.incentives.chain.arithmetic import largest_of
from spm_lib.incentives.chain.matching import matches
from spm_lib.incentives.chain.periods import pay_periods
from spm_lib.incentives.chain.transactions import checked_base
from spm_lib.incentives.plan.plan import MeasureSection, Plan
from spm_lib.incentives.shapes.piecewise import Piecewise


@dataclass(frozen=True)
class Sums:
    """Sums over cells of days, ready to be asked for any stretch whose ends are cuts.

    ``totals`` holds one list of running totals per value.
    """

    starts: list[date]
    totals: list[list[int]]

    @classmethod
    def of(cls, rows: Iterable[tuple[date, tuple[int, ...]]]) -> Sums:
        """Return running totals of rows (first day of the cell, values), in order of days."""
        ordered = sorted(rows)
        columns = zip(*(values for _, values in ordered), strict=True)
        totals = [list(accumulate(column, initial=0)) for column in columns]
        return cls([day for day, _ in ordered], totals)

    def between(self, start: date, end: date, value: int = 0) -> int:
        """Return the sum of a value over the cells that begin in ``[start, end)``."""
        totals = self.totals[value]
        return totals[bisect_left(self.starts, end)] - totals[bisect_left(self.starts, start)]


NOTHING = Sums([], [[0], [0], [0]])


def cuts_of(plan: Plan, people: pl.DataFrame) -> list[date]:
    """Return the days on which a stretch of days may begin or end, ascending."""
    days = {period.start for period in pay_periods(plan)} | {plan.plan.valid_from}
    for component in plan.components:
        days |= {d for d in (component.valid_from, component.valid_to) if d is not None}
    for column in ("valid_from", "valid_to"):
        days |= set(people[column].drop_nulls().to_list())
    return sorted(days)


def with_cells(given: pl.DataFrame, cuts: list[date]) -> pl.DataFrame:
    """Return credits with ``cell``: the last cut on or before their day."""
    days = given["date"].unique().sort().to_frame()
    cells = pl.DataFrame({"cell": cuts}, schema={"cell": pl.Date}).sort("cell")
    told = days.join_asof(cells, left_on="date", right_on="cell")
    return given.join(told, on="date", how="left", maintain_order="left")


class Measuring:
    """Credits of a plan, ready to be added up by measure over the days between ``cuts``."""

    def __init__(
        self, plan: Plan, transactions: pl.DataFrame, given: pl.DataFrame, cuts: list[date]
    ) -> None:
        self.plan, self.transactions, self.cuts = plan, transactions, cuts
        self.credits = with_cells(given, cuts)
        self._cells: dict[str, pl.DataFrame] = {}
        self._read: tuple[str, str, list[tuple[str, date, int, int]]] | None = None
        self._kept: dict[str, pl.DataFrame] = {}
        self._sums: dict[str, dict[str, Sums]] = {}
        self._people: dict[str, dict[str, pl.DataFrame]] = {}

    def unit(self, measure: MeasureSection) -> Fraction:
        """Return how many of a measure's units one of the plan file's is: minor units of money."""
        return Fraction(1 if measure.counted else 10 ** exponent(self.plan.plan.currency))

    def credited(self, measure: MeasureSection, *columns: str) -> pl.DataFrame:
        """Return the credits that a measure adds up, in the plan's order of deals.

        Columns out: transaction_id, date, rep_id, cell, pay, quota, own (0 of a reversal), and
        the transaction's columns asked for.
        """
        key = "|".join((measure.id, *columns))
        if key not in self._kept:
            self._kept[key] = self._credited(measure, columns)
        return self._kept[key]

    def _credited(self, measure: MeasureSection, columns: tuple[str, ...]) -> pl.DataFrame:
        test = matches(measure.where)
        if measure.event is not None:
            test = test & (pl.col("event") == measure.event)
        counts = self.transactions.select(test.alias("counts")).to_series()
        rows = self.transactions.filter(counts)
        checked_base(rows, measure.base, f"[[measures]] '{measure.id}'")
        counted = (
            pl.col("rule").is_in(list(measure.credits))
            if measure.credits
            else pl.col("kind") != "rollup"
        )
        chosen = self.credits.filter(counts.gather(self.credits["row"])).filter(counted)
        pay, quota = f"pay.{measure.base}", f"quota.{measure.base}"
        if quota not in self.credits.columns:
            quota = pay
        found = chosen.select(
            "transaction_id",
            "date",
            "rep_id",
            "cell",
            pay=pl.col(pay),
            quota=pl.col(quota),
            own=(pl.col("kind") != "reversal").cast(pl.Int64),
        ).with_columns(self.transactions[c].gather(chosen["row"]) for c in columns)
        if measure.at_least is not None:
            least = Fraction(measure.at_least) * self.unit(measure)
            found = found.filter(pl.col("pay").abs() >= -(-least.numerator // least.denominator))
        return found

    def of_person(self, measure: MeasureSection, rep: str) -> list[tuple[str, date, int, int]]:
        """Return a person's credits of a measure in the plan's order of deals.

        Each: transaction_id, day, what is paid on, what counts for attainment.
        """
        if self._read is not None and self._read[:2] == (measure.id, rep):
            return self._read[2]
        if measure.id not in self._people:
            columns = ("transaction_id", "date", "pay", "quota")
            parts = self.credited(measure).partition_by("rep_id", as_dict=True)
            self._people[measure.id] = {
                str(key[0]): part.select(columns) for key, part in parts.items()
            }
        found = self._people[measure.id].get(rep)
        rows = [] if found is None else found.rows()
        self._read = (measure.id, rep, rows)  # rules of one measure ask one after the other
        return rows

    def cells(self, name: str) -> pl.DataFrame:
        """Return a measure's sums by person and cell.

        Columns out: rep_id, cell, v0 (what is paid on), v1 (what counts), v2 (sales less refunds).
        """
        if name not in self._cells:
            values = (
                pl.col("pay").sum(),
                pl.col("quota").sum(),
                (pl.col("own") * sign_of_sale()).sum(),
            )
            self._cells[name] = _by_cell(self.credited(self.plan.measure(name)), values)
        return self._cells[name]

    def sums(self, name: str) -> dict[str, Sums]:
        """Return each person's sums of a measure: the values of ``cells``."""
        if name not in self._sums:
            self._sums[name] = _by_person(self.cells(name))
        return self._sums[name]

    def apart(self, name: str, column: str) -> dict[tuple[str, str], Sums]:
        """Return each person's sums of a measure by the values of a text column."""
        credited = self.credited(self.plan.measure(name), column)
        found = {}
        for (value,), rows in credited.group_by(pl.col(column).cast(pl.String)):
            values = (pl.col("pay").sum(), pl.col("quota").sum(), pl.len())
            sums = _by_person(_by_cell(rows, values))
            found |= {(rep, str(value)): sum_ for rep, sum_ in sums.items()}
        return found

    def each(self, name: str, shape: Piecewise) -> dict[str, Sums]:
        """Return each person's sums of a shape's values of single credits, x its denominator."""
        return _by_person(self.each_cells(name, shape))

    def each_cells(self, name: str, shape: Piecewise) -> pl.DataFrame:
        """Return sums of a shape's values of single credits, x its denominator.

        A refund takes back what a sale of its size pays. Columns out: rep_id, cell, v0 (Int128,
        or Python's whole numbers where 128 bits do not hold them).
        """
        credited = self.credited(self.plan.measure(name))
        if not shape.fits(largest_of(credited["pay"]), credited.height):
            return _one_by_one(credited, shape)
        value = shape.numerator(pl.col("pay").abs()) * sign_of_sale().cast(pl.Int128)
        return _by_cell(credited, (value.sum(),))

    def table(self) -> pl.DataFrame:
        """Return the measures, one row per person, measure and cell of days.

        Columns out: rep_id, measure, from (Date, first day of the cell), pay and quota (Int64:
        minor units, or units), credits (Int64, their number).
        """
        frames = [
            self.credited(measure)
            .group_by("rep_id", pl.col("cell").alias("from"))
            .agg(pl.col("pay").sum(), pl.col("quota").sum(), credits=pl.col("own").sum())
            .select(
                "rep_id", pl.lit(measure.id).alias("measure"), "from", "pay", "quota", "credits"
            )
            for measure in self.plan.measures
        ]
        return pl.concat(frames).sort("rep_id", "measure", "from")


def sign_of_sale() -> pl.Expr:
    """Return -1 for credits of refunds (what is paid on is negative), else 1."""
    return pl.when(pl.col("pay") < 0).then(-1).otherwise(1)


def _by_cell(credited: pl.DataFrame, values: tuple[pl.Expr, ...]) -> pl.DataFrame:
    named = [value.alias(f"v{i}") for i, value in enumerate(values)]
    return credited.group_by("rep_id", "cell").agg(*named)


def _by_person(cells: pl.DataFrame) -> dict[str, Sums]:
    found: dict[str, list[tuple[date, tuple[int, ...]]]] = defaultdict(list)
    for rep, cell, *numbers in cells.iter_rows():
        found[rep].append((cell, tuple(int(n) for n in numbers)))
    return {rep: Sums.of(cells) for rep, cells in found.items()}


def _one_by_one(credited: pl.DataFrame, shape: Piecewise) -> pl.DataFrame:
    """Return what ``Measuring.each_cells`` does, for numbers of any size."""
    sums: dict[tuple[str, date], int] = defaultdict(int)
    for rep, cell, pay in credited.select("rep_id", "cell", "pay").iter_rows():
        value = int(shape.at(Fraction(abs(pay))) * shape.denominator)
        sums[rep, cell] += -value if pay < 0 else value
    keys = pl.DataFrame(list(sums), schema={"rep_id": pl.String, "cell": pl.Date}, orient="row")
    return keys.with_columns(v0=pl.Series(list(sums.values()), dtype=pl.Object))
