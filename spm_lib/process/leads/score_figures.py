"""Every number of the lead score as a record of figures.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spm_lib.model import Figure, Receipt, SetAside

if TYPE_CHECKING:
    from spm_lib.process.leads.lead_score import LeadScore

ASIDE = {
    "between": "had not had its time when the leads held out began to come in",
    "young": "has not had its time",
}


def score_figures(made: LeadScore) -> list[Figure]:
    """Return the gain of the score; its groups where it was better; chances where it is shown."""
    common: dict[str, Any] = {"as_of": made.company.as_of, "receipt": _receipt(made)}
    gain = made.gain
    ends = {"low": _text(gain.low), "high": _text(gain.high)}
    found = [
        Figure("lead.score_gain", unit="number", value=_text(gain.value), n=made.held_out, **ends,
               **common)
    ]  # fmt: skip
    if made.verdict == "no better":
        return found
    for row in made.groups.iter_rows(named=True):
        told = {"by": {"group": str(row["group"])}, "unit": "ratio", "n": row["leads"], **common}
        value = _text(row["converted"] / row["leads"])
        ends = {"low": _text(row["low"]), "high": _text(row["high"])}
        found += [
            Figure("lead.score_said", value=_text(row["expected"]), **told),
            Figure("lead.score_became", value=value, **ends, **told),
        ]
    bounds = {row["group"]: row for row in made.groups.iter_rows(named=True)}
    for row in made.waiting.iter_rows(named=True):
        like = bounds[row["group"]]
        ends = {"low": _text(like["low"]), "high": _text(like["high"])}
        by = {"lead_id": row["lead_id"]}
        value = _text(row["chance"])
        found.append(
            Figure("lead.score", unit="ratio", value=value, by=by, n=like["leads"], **ends,
                   **common)
        )  # fmt: skip
    return found


def _receipt(made: LeadScore) -> Receipt:
    """Return the receipt: leads learned from and held out are used, the others set aside."""
    base = made.company.receipt("leads")
    sides = dict(made.sides.group_by("side").len().rows())
    parts = dict(base.set_aside)
    parts |= {why: SetAside(sides[side]) for side, why in ASIDE.items() if sides.get(side)}
    return Receipt(made.learned + made.held_out, parts, scoped=base.scoped)


def _text(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"
