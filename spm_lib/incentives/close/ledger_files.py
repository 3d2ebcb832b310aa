"""The files of closed pay: ``pay/<plan>/<period>/v<N>/``, written whole and never again."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, cast

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.core.money import exponent
from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.chain.parts import deal_table
from spm_lib.incentives.close.states import check_step
from spm_lib.store import ClientFolder, locked, sha256_bytes, whole_folder, write_json, write_whole

FILES = ("payments", "earnings", "balances", "corrections", "credits", "deals", "payouts")


@dataclass(frozen=True, eq=False)
class Kept:
    """One version of a period as it lies on disk.

    ``at`` is when it was calculated (UTC, to the second); empty: not told. ``as_of`` is the last
    day that was known then; null: not told.
    """

    plan: str
    period: str
    version: int
    state: str
    folder: Path
    hashes: dict[str, str]
    at: str = ""
    as_of: date | None = None

    def has(self, name: str) -> bool:
        """Say whether one of the tables was kept: versions of old have no ``deals``."""
        return name in self.hashes

    def table(self, name: str) -> pl.DataFrame:
        """Return one of its tables, after its bytes were checked.

        Raises
        ------
        PayError
            If the file was changed after it was written.
        """
        content = (self.folder / f"{name}.csv").read_bytes()
        if sha256_bytes(content) != self.hashes[name]:
            raise PayError(
                f"Pay of {self.period} was changed after it was written.",
                found=str(self.folder / f"{name}.csv"),
                do="Restore the file from a copy; closed pay never changes",
            )
        schema = cast(dict[str, Any], json.loads((self.folder / "schema.json").read_text("utf-8")))
        return _typed(pl.read_csv(content, infer_schema=False), schema[name])


class PayFiles:
    """The versions of a plan's periods in a client's folder.

    A period is calculated as often as need be; each time that differs makes a new version. Once
    it is closed its bytes stay as they are, and later differences come forward as corrections.
    """

    def __init__(self, folder: ClientFolder, plan: str) -> None:
        self.folder, self.plan = folder, plan

    def versions(self, period: str) -> list[Kept]:
        """Return the versions of a period, the oldest first; none: it is open."""
        place = self.folder.pay_run(self.plan, period, 1).parent
        numbers = sorted(int(p.name[1:]) for p in place.glob("v*") if p.name[1:].isdigit())
        return [self._kept(period, number) for number in numbers]

    def closed(self) -> list[Kept]:
        """Return the closed version of each closed period, by period."""
        place = self.folder.pay / self.plan
        names = sorted(p.name for p in place.iterdir() if p.is_dir()) if place.is_dir() else []
        return [kept for name in names for kept in self.versions(name) if kept.state == "closed"]

    def state(self, period: str) -> str:
        """Return the state of a period: that of its last version, or open."""
        versions = self.versions(period)
        if any(kept.state == "closed" for kept in versions):
            return "closed"
        return versions[-1].state if versions else "open"

    def keep(
        self,
        run: PayRun,
        period: str,
        *,
        at: datetime | None = None,
        as_of: date | None = None,
    ) -> Kept:
        """Write a period of a run as its next version; the same again is not written twice.

        Parameters
        ----------
        at
            When it was calculated, with its zone; null: not told.
        as_of
            The last day that was known; null: not told.

        Raises
        ------
        PayError
            If the period is approved or closed, or the run has no such period.
        """
        with self._alone():
            check_step(self.state(period), "calculated", period=period)
            if period not in run.periods:
                raise PayError("The run has no such period.", found=period, do="Calculate it first")
            tables = {name: period_table(run, name, period) for name in FILES}
            contents = {name: _csv(table) for name, table in tables.items()}
            hashes = {name: sha256_bytes(content) for name, content in contents.items()}
            before = self.versions(period)
            if before and all(hashes[name] == was for name, was in before[-1].hashes.items()):
                return before[-1]
            number = before[-1].version + 1 if before else 1
            told = self._told(run, period, number, hashes)
            told |= {} if as_of is None else {"as_of": as_of.isoformat()}
            schema = {name: _schema(table) for name, table in tables.items()}
            self._write(told, contents, schema, _moment(at))
            return self._kept(period, number)

    def move(self, period: str, wanted: str, *, by: str, at: datetime | None = None) -> Kept:
        """Take the last version of a period one step on: reviewed, approved, closed.

        Parameters
        ----------
        by, at
            Who takes it, and when, with its zone; null: not told.

        Raises
        ------
        PayError
            If that is not the next step, or nothing is calculated yet.
        """
        with self._alone():
            versions = self.versions(period)
            now = self.state(period)
            if not versions:
                raise PayError(f"The period {period} is open.", do="Calculate it first")
            check_step(now, wanted, period=period)
            kept = versions[-1]
            marks = kept.folder / "states.json"
            told = json.loads(marks.read_text("utf-8"))
            write_json(marks, [*told, {"state": wanted, "by": by, "at": _moment(at)}])
            return self._kept(period, kept.version)

    def _alone(self) -> Any:
        place = self.folder.pay / self.plan
        place.mkdir(parents=True, exist_ok=True)
        return locked(place / ".lock")

    def _told(
        self, run: PayRun, period: str, number: int, hashes: dict[str, str]
    ) -> dict[str, Any]:
        return {
            "plan": self.plan,
            "period": period,
            "version": number,
            "plan_hash": run.plan.hash,
            "data_hash": run.data_hash,
            "files": hashes,
            "receipts": {
                table: receipt.to_dict(exponent(run.plan.plan.currency))
                for table, receipt in run.receipts.items()
            },
        }

    def _write(
        self,
        told: dict[str, Any],
        contents: dict[str, bytes],
        schema: dict[str, dict[str, str]],
        at: str,
    ) -> None:
        place = self.folder.pay_run(self.plan, told["period"], told["version"])
        with whole_folder(place) as fresh:
            for name, content in contents.items():
                write_whole(fresh / f"{name}.csv", content)
            write_json(fresh / "schema.json", schema)
            write_json(fresh / "run.json", told)
            write_json(fresh / "states.json", [{"state": "calculated", "by": "", "at": at}])

    def _kept(self, period: str, number: int) -> Kept:
        folder = self.folder.pay_run(self.plan, period, number)
        told = json.loads((folder / "run.json").read_text("utf-8"))
        steps = json.loads((folder / "states.json").read_text("utf-8"))
        at, day = steps[0].get("at", ""), told.get("as_of")
        as_of = date.fromisoformat(day) if day else None
        return Kept(self.plan, period, number, steps[-1]["state"], folder, told["files"], at, as_of)


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def period_table(run: PayRun, name: str, period: str) -> pl.DataFrame:
    """Return the part of one of a run's tables that is of a period; of the credits, by day.

    ``payouts`` is what is paid in another currency than the plan's, ``deals`` what each deal
    brought of each line; see ``deal_table``.
    """
    if name == "deals":
        (asked,) = (p for p in run.pay_periods if p.label == period)
        return deal_table(run.lines.in_period(asked))
    if name == "payouts":
        return run.payouts(period)
    frame: pl.DataFrame = getattr(run, name)
    if name != "credits":
        return frame.filter(pl.col("period") == period)
    days = next(p for p in run.pay_periods if p.label == period)
    rows = frame.filter((pl.col("date") >= days.start) & (pl.col("date") < days.end)).drop("row")
    return rows.with_columns(
        pl.col("rule", "rule_version", "kind").cast(pl.String),
        pl.col("share").cast(pl.Decimal(38, 10)),
    )


def _csv(frame: pl.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.write_csv(cast(IO[bytes], sink), null_value="\\N", quote_style="non_numeric")
    return sink.getvalue()


def _schema(frame: pl.DataFrame) -> dict[str, str]:
    return {
        name: "Decimal" if kind.is_decimal() else str(kind) for name, kind in frame.schema.items()
    }


_TYPES: dict[str, Any] = {
    "String": pl.String,
    "Int64": pl.Int64,
    "Decimal": pl.Decimal(38, 10),
}


def _typed(frame: pl.DataFrame, schema: dict[str, str]) -> pl.DataFrame:
    return frame.select(_read(name, kind) for name, kind in schema.items())


def _read(name: str, kind: str) -> pl.Expr:
    told = pl.when(pl.col(name) != "\\N").then(pl.col(name))
    return (told.str.to_date("%Y-%m-%d") if kind == "Date" else told.cast(_TYPES[kind])).alias(name)
