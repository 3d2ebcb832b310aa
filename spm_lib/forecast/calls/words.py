"""What the record of calls says in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.statement import Amount, Phrase, Share, Statement
from spm_lib.forecast.calls.mix import FEWEST
from spm_lib.forecast.methods.offered import method_named

if TYPE_CHECKING:
    from spm_lib.forecast.calls.record import CallRecord

NAMED = 6  # people named in a sentence


def call_findings(
    record: CallRecord, *, name_of: Callable[[str], str] = str
) -> tuple[Statement, ...]:
    """Return what calls were worth, whose lean which way, and what a mix with the model is."""
    found = [*_together(record), *_leaning(record, name_of), *_mixed(record), *_ahead(record)]
    return tuple(found)


def _together(record: CallRecord) -> list[Statement]:
    """Return how far all calls together were off, at the earliest week that is told."""
    rows = record.bias.filter((pl.col("level") == "people") & pl.col("bias").is_not_null())
    if not rows.height:
        text = "No period that was called for has closed yet: there is nothing to compare with."
        return [Statement(text, kind="note")]
    row = rows.sort("weeks", descending=True).row(0, named=True)
    values: dict[str, object] = {
        "weeks": row["weeks"],
        "periods": row["periods"],
        "bias": Share(abs(row["bias"])),
    }
    text = _TOGETHER[record.grain, row["bias"] >= 0]
    return [Statement(text, values)]


_TOGETHER = {
    ("quarter", True): "Over {periods:1 closed quarter|{periods} closed quarters} people's calls "
    "together were {bias} too high {weeks:a week|{weeks} weeks} before the close.",
    ("quarter", False): "Over {periods:1 closed quarter|{periods} closed quarters} people's calls "
    "together were {bias} too low {weeks:a week|{weeks} weeks} before the close.",
    ("month", True): "Over {periods:1 closed month|{periods} closed months} people's calls "
    "together were {bias} too high {weeks:a week|{weeks} weeks} before the close.",
    ("month", False): "Over {periods:1 closed month|{periods} closed months} people's calls "
    "together were {bias} too low {weeks:a week|{weeks} weeks} before the close.",
    ("year", True): "Over {periods:1 closed year|{periods} closed years} people's calls "
    "together were {bias} too high {weeks:a week|{weeks} weeks} before the close.",
    ("year", False): "Over {periods:1 closed year|{periods} closed years} people's calls "
    "together were {bias} too low {weeks:a week|{weeks} weeks} before the close.",
}


def _leaning(record: CallRecord, name_of: Callable[[str], str]) -> list[Statement]:
    told = []
    for verdict, text in (
        (
            "low",
            "{n:1 person calls|{n} people call} too little at some point before the close "
            "(sandbagging): {names}.",
        ),
        (
            "high",
            "{n:1 person calls|{n} people call} too much at some point before the close "
            "(happy ears): {names}.",
        ),
    ):
        people = record.people(verdict)
        if people:
            names: list[object] = [name_of(p) for p in people[:NAMED]]
            if len(people) > NAMED:
                rest = len(people) - NAMED
                names.append(Statement("{n:1 other|{n} others}", {"n": rest}))
            told.append(Statement(text, {"n": len(people), "names": tuple(names)}, kind="why"))
    if not told and record.periods >= FEWEST:
        text = "Nobody's calls can be told from honest luck, in either direction."
        told.append(Statement(text, kind="why"))
    return told


def _mixed(record: CallRecord) -> list[Statement]:
    mix = record.mix
    if mix is None:
        return []
    rows = mix.errors.filter(pl.col("level") == "company")
    if not rows.height or rows["mix"].item() is None:
        return []
    row = rows.row(0, named=True)
    better = row["mix"] <= min(row["call"], row["model"])
    text = (
        "{weeks:A week|{weeks} weeks} before the close, calls and the model mixed missed the "
        "company's total by {mix}; the calls alone by {call}, the model alone by {model}."
        if better
        else "{weeks:A week|{weeks} weeks} before the close, mixing did not help: calls and the "
        "model mixed missed the company's total by {mix}, the calls alone by {call}, the model "
        "alone by {model}."
    )
    values = {name: Share(row[name], 1) for name in ("mix", "call", "model")}
    return [Statement(text, {"weeks": mix.weeks, **values}, kind="why")]


def _ahead(record: CallRecord) -> list[Statement]:
    now = record.mix.now if record.mix else {}
    if record.mix is None or now.get("call") is None:
        return []
    currency = record.company.currency
    values = {name: Amount(now[name] or 0, currency) for name in ("call", "model", "mix")}
    text = (
        "For {period} people call {call}; the model ({method}) expects {model} of the same people, "
        "and the mix that past periods would choose, {weight} call, is {mix}."
    )
    weight = Share(record.mix.weight["company"])
    method = Phrase(method_named(record.mix.method).name)
    whole = {"period": record.ahead, "weight": weight, "method": method, **values}
    return [Statement(text, whole)]
