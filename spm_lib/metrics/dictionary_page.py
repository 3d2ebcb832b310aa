"""``docs/metrics.md``: every metric with its definition and a worked example.

``pytest tests/metrics --golden`` (``make golden``) rewrites the page.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from spm_lib.core.language import Language, language
from spm_lib.metrics.dictionary import definition_rows
from spm_lib.metrics.example import example_company
from spm_lib.model import Company, Figure
from spm_lib.model.registry import MetricId, metric_ids

PAGE = Path("docs") / "metrics.md"
# How the example's value comes about: the row it is worked for, where there are several; the sum.
WORKED: dict[str, tuple[str, str]] = {
    "account.won_amount_mean": ("", "((1200 + 800) + 1500) / 2"),
    "activity.meetings_per_call": ("", "3 / 7"),
    "activity.per_won": ("", "14 / 4"),
    "activity.proposals_per_meeting": ("", "3 / 3"),
    "activity.won_per_proposal": ("", "4 / 3"),
    "attainment": ("", "(1200 + 800 + 1500) / (4000 + 4000)"),
    "coverage": ("", "2000 / (8000 - 3500)"),
    "coverage.break_even": (
        "",
        "(1200 + 800 + 1500 + 500 + 700 + 900) / (1200 + 800 + 1500)",
    ),
    "cycle.won.mean_days": ("", "(30 + 50 + 30 + 60) / 4"),
    "cycle.won.median_days": ("", "(30 + 50) / 2"),
    "deal.mean_amount": ("", "(1200 + 800 + 1500) / 3"),
    "lost.amount": ("", "500 + 700 + 900"),
    "lost.reason.share": ("price", "2 / 3"),
    "open.amount": ("", "2000 + 600 + 1100"),
    "order.mean_amount": ("", "((700 + 500) + 800 + 1500) / 3"),
    "orders.amount": ("", "700 + 500 + 800 + 1500"),
    "stage_conversion.cohort": ("Proposal", "4 / 6"),
    "stage_conversion.period": ("Proposal", "4 / 6"),
    "velocity": ("", "10 * (4 / 7) * (3500 / 3) / 42.5"),
    "win_rate.closed.count": ("", "4 / (4 + 3)"),
    "win_rate.closed.value": ("", "(1200 + 800 + 1500) / (1200 + 800 + 1500 + 500 + 700 + 900)"),
    "win_rate.created": ("", "4 / 10"),
    "won.amount": ("", "1200 + 800 + 1500"),
}
INTRODUCTION = """# Metrics

Made from the registry (`make golden`). Every printed number has one of these ids; `spm metrics ID`
prints its definition and its values. Worked examples are figures of the
[example company](#the-example-company), as of 31 March 2026, over all that is known.
"""
EXAMPLE_HEAD = """## The example company

`spm_lib.metrics.example_company()`: two people, ten deals, stages Lead and Proposal. Besides the
deals it has 14 activities, five order lines and a target of 4,000 each for the first quarter.
"""


def page() -> str:
    """Return the page: the list of ids with English and Hebrew names, the example, each metric.

    It holds what is declared: import the rooms that declare ids first.
    """
    hebrew = language("he")
    ours = [m for m in metric_ids() if m.room != "own"]
    listed = [
        f"| [`{m.id}`](#{m.id.replace('.', '')}) | {m.name} | {hebrew.text(m.name)} | {m.unit} |"
        for m in ours
    ]
    company = example_company()
    parts = [INTRODUCTION, "| id | name | Hebrew | unit |", "|---|---|---|---|", *listed, ""]
    parts += [EXAMPLE_HEAD, *_deals(company), ""]
    for metric in ours:
        parts += [*_section(metric, company), ""]
    return "\n".join(parts)


def _deals(company: Company) -> list[str]:
    names = ["opportunity_id", "rep_id", "account_id", "amount", "stage"]
    names += ["created_on", "closed_on", "expected_close", "lost_reason"]
    frame = company.table("opportunities").select(names)
    frame = frame.with_columns(pl.col("amount") // 100)
    rows = [["–" if cell is None else str(cell) for cell in row] for row in frame.iter_rows()]
    table = [names, ["---"] * len(names), *rows]
    return [f"| {' | '.join(row)} |" for row in table]


def _section(metric: MetricId, company: Company) -> list[str]:
    rows = definition_rows(metric, language("en"))
    lines = [f"## {metric.id}", "", *(f"- **{label}**: {text}" for label, text in rows)]
    if metric.room == "metrics" and metric.compute is not None:
        lines.append(f"- **Example**: {_example(metric, metric.compute(company))}")
    return lines


def _example(metric: MetricId, figures: list[Figure]) -> str:
    row, worked = WORKED.get(metric.id, ("", ""))
    shown = [f for f in figures if row in f.by.values()] if row else figures
    return "; ".join(_worked(figure, worked) for figure in shown[:3]) + "."


def _worked(figure: Figure, worked: str) -> str:
    spoken = language("en")
    of = f"{', '.join(figure.by.values())}: " if figure.by else ""
    sum_ = f"{worked.replace('*', '×')} = " if worked else ""
    text = f"{of}{sum_}{_said(figure.value, figure.unit, spoken)}, n = {figure.n}"
    if figure.low is not None and figure.high is not None:
        bounds = (_said(bound, figure.unit, spoken) for bound in (figure.low, figure.high))
        text += f", 95 %: {' to '.join(bounds)}"
    aside = ", ".join(f"{part.rows} {why}" for why, part in figure.receipt.set_aside.items())
    return f"{text} (used {figure.receipt.used}" + (f"; set aside: {aside})" if aside else ")")


def _said(value: str | None, unit: str, spoken: Language) -> str:
    if value is None:
        return "no value"
    number = float(value)
    if unit == "ratio":
        return spoken.percent(number)
    return f"{number:,.2f}" if unit.startswith(("money", "per")) else f"{number:,.6g}"
