"""The champion: which method to use, chosen only from windows that have closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.core.statement import Phrase, Share, Statement
from spm_lib.forecast.methods.method import Method

FEWEST = 3
REFERENCE = "run_rate"


@dataclass(frozen=True)
class Champion:
    """The method chosen, why, and how many closed windows the choice rests on.

    ``beats_naive`` says that the champion looks at the pipeline and was better than every method
    that looks at past bookings only; ``gain`` is by how much smaller its error (CRPS) was than the
    best of theirs (null where it does not beat them).
    """

    method: str
    reason: Statement
    windows: int
    beats_naive: bool
    gain: float | None = None


def choose_champion(
    scores: pl.DataFrame,
    *,
    methods: Sequence[Method],
    origin: int | None = None,
    level: str = "company",
) -> Champion:
    """Choose among methods by their CRPS in closed windows, of the company's total or of reps.

    Methods are compared with the run rate on the windows both were scored on; of those within one
    standard error of the best, the simplest is chosen. Methods that are not eligible are passed
    over. ``origin`` (an epoch day) leaves out what had not closed by its end. With fewer than 3
    windows the simplest method is taken unseen.
    """
    table = _by_window(scores, origin=origin, level=level)
    ordered = sorted((m for m in methods if m.eligible), key=lambda method: method.rank)
    reference = table.get(REFERENCE) or table.get(ordered[0].id, {})
    if len(reference) < FEWEST:
        return _unseen(ordered[0], len(reference))
    least = max(FEWEST, len(reference) // 3)
    ratios = {m.id: _ratio(table.get(m.id, {}), reference, least) for m in ordered}
    best = min(ratios, key=lambda name: ratios[name])
    chosen = next(m for m in ordered if m.id == best or _as_good(table, m.id, best, least))
    return _explained(chosen, ordered, ratios, windows=len(table[chosen.id]), best=best)


Windows = dict[int, tuple[float, float]]


def _by_window(scores: pl.DataFrame, *, origin: int | None, level: str) -> dict[str, Windows]:
    """Return per method: origin -> (CRPS, value won) of one level in closed windows."""
    frame = scores.filter(pl.col("level") == level)
    if origin is not None:
        frame = frame.filter(pl.col("end") <= origin + 1)
    table: dict[str, Windows] = {}
    for method, start, crps, actual in frame.select(
        "method", "origin", "crps", "actual"
    ).iter_rows():
        table.setdefault(method, {})[start] = (crps, actual)
    return table


def _ratio(mine: Windows, reference: Windows, least: int) -> float:
    """Return the method's CRPS over the run rate's on shared windows; infinite with too few."""
    shared = sorted(set(mine) & set(reference))
    if len(shared) < least:
        return float("inf")
    below = sum(reference[k][0] for k in shared)
    return sum(mine[k][0] for k in shared) / below if below > 0 else float("inf")


def _as_good(table: dict[str, Windows], name: str, best: str, least: int) -> bool:
    """Say whether a method's mean CRPS is within one standard error of the best one's."""
    mine, other = table.get(name, {}), table[best]
    shared = sorted(set(mine) & set(other))
    if len(shared) < least:
        return False
    gap = np.array([mine[k][0] - other[k][0] for k in shared])
    return bool(gap.mean() <= gap.std(ddof=1) / len(gap) ** 0.5)


def _unseen(method: Method, windows: int) -> Champion:
    text = (
        "{method} is used unproven: only {windows:1 past window has|{windows} past windows "
        "have} closed, too few to compare methods."
    )
    reason = Statement(text, {"method": Phrase(method.name), "windows": windows}, kind="why")
    return Champion(method.id, reason, windows, beats_naive=False)


def _explained(
    chosen: Method, ordered: list[Method], ratios: dict[str, float], *, windows: int, best: str
) -> Champion:
    values: dict[str, object] = {"method": Phrase(chosen.name), "windows": windows}
    naive = min((ratios[m.id] for m in ordered if m.naive), default=float("inf"))
    if not chosen.naive:
        gain = 1 - ratios[chosen.id] / naive
        values["gain"] = Share(gain)
        text = (
            "{method} won on this history: over {windows} past windows its error was {gain} "
            "smaller than that of the best method that looks at past bookings only."
        )
        return Champion(
            chosen.id, Statement(text, values, "why"), windows, beats_naive=True, gain=gain
        )
    kind = "happened"  # a first line of the report
    text = (
        "Nothing beat the naive methods on this history; {method} is used, the simplest of the "
        "best over {windows} past windows."
    )
    if all(m.naive for m in ordered if ratios[m.id] < float("inf")):
        text = (
            "{method} is used, the simplest of the best over {windows} past windows. The data "
            "allows only methods that look at past bookings."
        )
        kind = "why"
    elif best != chosen.id and not next(m for m in ordered if m.id == best).naive:
        text = (
            "No method was clearly better than {method} over {windows} past windows, so the "
            "simplest is used."
        )
    return Champion(chosen.id, Statement(text, values, kind), windows, beats_naive=False)
