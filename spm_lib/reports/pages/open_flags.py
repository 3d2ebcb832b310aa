"""How many open deals ask for attention, for the registry: by person, or of all in scope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spm_lib.core.calendar import Window
from spm_lib.metrics import measure
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure, metric_id, register
from spm_lib.reports.pages.open_deals import OpenDeals, Usual, flag_figure, open_deals

if TYPE_CHECKING:
    from spm_lib.reps import PeerTable

FEW = 20  # stays of the own, from which on they tell what is usual
STAYS = "time_in_stage.q3_days"


def usual_days(company: Company, window: Window, *, peers: PeerTable) -> Usual:
    """Return what tells after how many days most deals leave a stage: the others', else own ones.

    Parameters
    ----------
    company
        Whose deals they are.
    window
        What is looked back on.
    peers
        What each person may be told of the others.
    """
    from spm_lib.reps.peers_figures import peer_figure

    several = len(company.settings.pipelines) > 1
    own: dict[tuple[str, str], Figure] = {}
    if company.has("stage_events"):
        made = measure(company, STAYS, by="rep_id", window=window)
        for row, figure in zip(made.frame.iter_rows(named=True), made.figures(), strict=True):
            if row["rep_id"] and row["stage"] and (figure.n or 0) >= FEW and figure.value:
                own[row["rep_id"], _key(row.get("pipeline"), row["stage"])] = figure

    def usual(rep: str, pipeline: str | None, stage: str) -> Figure | None:
        key = _key(pipeline if several else None, stage)
        others = peers.of(rep)
        told = others.value("peers.stage.days", key)
        if told is None:
            return own.get((rep, key))
        return peer_figure(company, window, rep, level=others.level, told=told)

    return usual


def _key(pipeline: str | None, stage: str) -> str:
    return "\t".join(filter(None, (pipeline, stage)))


def compute_flag(flag: str, of: str) -> Callable[..., list[Figure]]:
    """Return the answer for one id: ``(company, by, window) -> figures``.

    ``by`` is rep_id or nothing; other breakdowns have no figures. ``window`` is that from which it
    is told what is usual. Where the data does not tell of the flag there are no figures.
    """

    def figures(
        company: Company, by: str | Sequence[str] | None = None, window: Any = None
    ) -> list[Figure]:
        names = (by,) if isinstance(by, str) else tuple(by or ())
        if names not in ((), ("rep_id",)) or not company.has("opportunities"):
            return []
        wanted = read_window(window, company.calendar) or company.default_window()
        found = company.once(f"open flags {wanted.label}", lambda: _flagged(company, wanted))
        if flag not in found.told:
            return []
        return [
            flag_figure(
                base,
                [d for d in found.deals if not names or (d.rep_id or "") == base.by["rep_id"]],
                flag,
                company=company,
                of=of,
            )
            for base in measure(company, "open.count", by=by).figures()
        ]

    return figures


def _flagged(company: Company, window: Window) -> OpenDeals:
    """Return the open deals of a company; within a scope the others are only those in it."""
    from spm_lib.reps import peers_of

    peers = peers_of(company, window=window)
    return open_deals(company, usual=usual_days(company, window, peers=peers))


def declare_open_flags() -> None:
    """Put the ids of open deals that ask for attention into the registry."""
    for flag, (name, formula) in _DEFINED.items():
        _declare(flag, "count", name, f"open deals {formula}")
        _declare(flag, "amount", f"Amount: {name}", f"sum of the amounts of open deals {formula}")


_DEFINED = {
    "ageing": (
        "Open deals long in their stage",
        "longer in their stage than three quarters of past stays lasted",
    ),
    "pushed": (
        "Open deals pushed past the end of a month",
        "whose expected close was moved later, past the end of a month, at least once",
    ),
    "due_soon": (
        "Open deals due within a week without a next step",
        "whose expected close is on as_of or in the seven days after it, without a next step",
    ),
    "overdue": ("Open deals past their expected close", "whose expected close is before as_of"),
    "no_step": ("Open deals without a next step", "without a next step"),
}


def _declare(flag: str, of: str, name: str, formula: str) -> None:
    register(
        replace(
            metric_id(f"open.{of}"),
            id=f"open.{flag}.{of}",
            name=name,
            formula=formula,
            numerator=formula,
            room="reports",
            source="",
            variants=(),
            reading="",
            null_rule="no figure where the data does not tell",
            dimensions=("rep_id",),
            compute=compute_flag(flag, of),
        )
    )
