"""Every number of the alerts as a record of figures.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spm_lib.metrics import measure
from spm_lib.model import Figure, Receipt
from spm_lib.reps.alerts.ratios import WIN_RATE
from spm_lib.reps.comparison.figures import added

if TYPE_CHECKING:
    from spm_lib.reps.alerts.changed_rates import Alerts

RATIOS = {
    "alert.before": ("before", "n_before"),
    "alert.after": ("after", "n_after"),
    "alert.others_before": ("others_before", "n_before"),
    "alert.others_after": ("others_after", "n_after"),
}
MOST = 1e9  # evidence above it is told as this


def alerts_figures(alerts: Alerts) -> list[Figure]:
    """Return all figures: how many are watched and named, and per person evidence and rates.

    The receipt of a win rate is that of the metric; of another ratio it counts the cases compared.
    """
    window = (alerts.watch.start, alerts.watch.end)
    rates = measure(alerts.company, "win_rate.closed.count", by="rep_id", window=alerts.watch)
    receipts = dict(zip(rates.frame["rep_id"].to_list(), rates.receipts, strict=True))
    common: dict[str, Any] = {"as_of": alerts.company.as_of, "window": window}
    whole = {"receipt": added(rates.receipts), "n": alerts.people, "unit": "count", **common}
    found = [
        Figure("alert.people", value=str(alerts.people), **whole),
        Figure("alert.watches", value=str(alerts.watched.height), **whole),
        Figure("alert.raised", value=str(alerts.raised["rep_id"].n_unique()), **whole),
    ]
    for row in alerts.watched.iter_rows(named=True):
        by = {"rep_id": row["rep_id"], "ratio": row["ratio"]}
        cases = Receipt(row["n"], scoped=alerts.company.scoped)
        receipt = receipts.get(row["rep_id"], cases) if row["ratio"] == WIN_RATE else cases
        evidence = f"{min(row['evidence'], MOST):.6f}"
        mine = {"by": by, "receipt": receipt, **common}
        found.append(Figure("alert.evidence", unit="times", value=evidence, n=row["n"], **mine))
        for metric, (column, n) in RATIOS.items():
            value = None if row[column] is None else f"{row[column]:.6f}"
            found.append(Figure(metric, unit="ratio", value=value, n=row[n], **mine))
    return found
