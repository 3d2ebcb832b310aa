"""What a comparison of people says in words: first whether there is anything to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.statement import Phrase, Points, Share, Statement
from spm_lib.model.names import column_phrase
from spm_lib.reps.comparison.win_rates import CLEAR

if TYPE_CHECKING:
    from spm_lib.reps.comparison.compare import RepComparison
    from spm_lib.reps.comparison.differences import Difference

ASPECTS = {
    "win_rate": Phrase("win rate"),
    "volume": Phrase("number of deals won"),
    "deal_size": Phrase("deal size"),
    "cycle": Phrase("time to win"),
}
_FEW_NAMES = 3


def findings(result: RepComparison) -> tuple[Statement, ...]:
    """Return the statements of a comparison, most important first."""
    parts = [
        *_evidence(result),
        *_what_differs(result),
        *_after_mix(result),
        *[column.statement for column in result.mix_columns if column.statement],
        *_new_people(result),
        *_withheld(result),
        *_advice(result),
    ]
    return tuple(parts)


def _evidence(result: RepComparison) -> list[Statement]:
    frame, test = result.rates.frame, result.rates.test
    if frame.height < 2 or test.p is None:
        text = "Only one person closed deals in this window: there is nobody to compare."
        return [Statement(text)]
    values: dict[str, object] = {
        "people": frame.height,
        "low": Share(float(frame["rate"].min() or 0.0)),  # type: ignore[arg-type]
        "high": Share(float(frame["rate"].max() or 0.0)),  # type: ignore[arg-type]
        "p": _chance(test.p),
    }
    if result.rates.evidence == "none":
        text = (
            "These {people} people cannot be told apart on win rate: rates run from {low} to "
            "{high}, and luck alone spreads them as far in {p} of cases."
        )
        return [Statement(text, values)]
    if result.rates.evidence == "weak":
        text = (
            "There is weak evidence that the win rates of these {people} people differ: they run "
            "from {low} to {high}, and luck alone spreads them as far in {p} of cases. That is too "
            "little for a ranking."
        )
        return [Statement(text, values)]
    if result.rates.evidence == "mix":
        text = (
            "Win rates of these {people} people run from {low} to {high}, further than luck "
            "spreads them ({p} of cases), but their deals differ too: nobody is ranked."
        )
        return [Statement(text, values)]
    values["sd"] = Points(result.rates.true_sd or 0.0)
    text = (
        "Win rates of these {people} people differ by more than luck: they run from {low} to "
        "{high}, and the true rates scatter by about {sd} around the mean."
    )
    return [Statement(text, values), *_standing(result, "above"), *_standing(result, "below")]


def _chance(p: float) -> Share | Phrase:
    if p < 0.0005:  # the tables print the same below it
        return Phrase("less than 0.1%")
    return Share(p, 0 if p >= 0.01 else 1)


def _standing(result: RepComparison, side: str) -> list[Statement]:
    placed = result.table.filter(pl.col("standing") == side)
    if not placed.height:
        return []
    names = placed.sort("shrunk", descending=side == "above")["name"].head(_FEW_NAMES)
    values = {"count": placed.height, "names": tuple(names.to_list())}
    text = {
        ("above", False): "{count} of them {count:is|are} above the mean with near certainty: "
        "{names}.",
        ("above", True): (
            "{count} of them {count:is|are} above the mean with near certainty, first of all "
            "{names}."
        ),
        ("below", False): "{count} of them {count:is|are} below the mean with near certainty: "
        "{names}.",
        ("below", True): (
            "{count} of them {count:is|are} below the mean with near certainty, first of all "
            "{names}."
        ),
    }[side, placed.height > _FEW_NAMES]
    return [Statement(text, values)]


def _what_differs(result: RepComparison) -> list[Statement]:
    others = [d for d in result.differences if d.aspect != "win_rate" and d.p is not None]
    apart = tuple(ASPECTS[d.aspect] for d in others if d.differs)
    alike = tuple(ASPECTS[d.aspect] for d in others if not d.differs)
    found: list[Statement] = []
    if apart:
        found.append(Statement("What does differ between people: {aspects}.", {"aspects": apart}))
    if alike:
        found.append(
            Statement("No more difference than luck brings: {aspects}.", {"aspects": alike})
        )
    return found


def _after_mix(result: RepComparison) -> list[Statement]:
    used = tuple(column_phrase(c.column) for c in result.mix_columns if c.use == "mix")
    if result.adjusted_p is None or not used or result.rates.evidence == "none":
        return []
    values = {"columns": used, "p": _chance(result.adjusted_p)}
    if result.adjusted_p > CLEAR:
        text = (
            "Once the mix of {columns} is allowed for, no clear difference in win rate is left: "
            "luck alone spreads them as far in {p} of cases."
        )
    else:
        text = (
            "The mix of {columns} does not explain the difference in win rates: with it allowed "
            "for, luck alone brings such a spread in {p} of cases."
        )
    return [Statement(text, values, "why")]


def _new_people(result: RepComparison) -> list[Statement]:
    new = result.table.filter(pl.col("ramping").fill_null(value=False))["name"].to_list()
    if not new:
        return []
    text = "Still ramping (less than six months on board), so compare with care: {names}."
    return [Statement(text, {"names": tuple(new)}, "why")]


def _withheld(result: RepComparison) -> list[Statement]:
    if not result.peers_withheld or result.table.height < 2:
        return []
    text = "Averages of the others are withheld: they would cover fewer than five people."
    return [Statement(text, kind="note")]


def _advice(result: RepComparison) -> list[Statement]:
    if result.ranked or result.table.height < 2:
        text = (
            "Talk about deals, not places: read each person's range beside the rate, and ask what "
            "those above the mean do differently."
        )
        return [Statement(text, kind="todo")] if result.ranked else []
    apart = [d for d in result.differences if d.aspect != "win_rate" and d.differs]
    if apart:
        text = "Do not rank or reward on win rate here; work on {aspect}, where people do differ."
        return [Statement(text, {"aspect": ASPECTS[_clearest(apart).aspect]}, "todo")]
    return [Statement("Do not rank or reward on win rate here.", kind="todo")]


def _clearest(apart: list[Difference]) -> Difference:
    return min(apart, key=lambda d: d.p if d.p is not None else 1.0)
