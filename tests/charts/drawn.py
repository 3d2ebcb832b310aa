"""One small frame per chart, in both languages, with names that are hard to draw."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl

from spm_lib import charts
from spm_lib.core.language import Language

STAGES = ["Lead", "הצעת מחיר – Proposal v2", "Negotiation"]
NAMES = [
    "דנה כהן-לוי",
    "Alex O'Neil (North)",
    "דנה כהן-לוי",
    "Maximilian Oberhauser-Schwarzenegger III",
]
MONTHS = [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
TITLE = "שיעור הזכייה ירד ל-23% ב-Q2 (מתוך 120 עסקאות)"


def funnel(language: Language) -> Any:
    frame = pl.DataFrame(
        {"stage": STAGES, "entered": [1200, 700, 0], "advanced": [700, 300, 0],
         "open": [100, 100, 0], "lost": [400, 300, 0], "value": [0.583, 0.428, None]}
    )  # fmt: skip
    return charts.funnel_chart(frame, language=language, title=TITLE)


def monthly(language: Language) -> Any:
    frame = pl.DataFrame(
        {"month": MONTHS, "won": [210_000_000, 0, 340_000_000], "lost": [1, 2, 3],
         "target": [None, 250_000_000, 250_000_000]}
    )  # fmt: skip
    return charts.monthly_chart(frame, language=language, title=TITLE, currency="ILS")


def win_rate(language: Language) -> Any:
    frame = pl.DataFrame(
        {"month": MONTHS, "value": [0.3, None, 0.4], "low": [0.2, None, 0.3],
         "high": [0.4, None, 0.5], "n": [40, 0, 30], "mature": [True, True, False]}
    )  # fmt: skip
    return charts.win_rate_chart(frame, language=language, title=TITLE)


def win_rate_by_group(language: Language) -> Any:
    frame = pl.DataFrame(
        {"label": NAMES, "value": [0.3, 0.2, None, 0.4], "low": [0.2, 0.1, None, 0.3],
         "high": [0.4, 0.4, None, 0.5], "n": [40, 9, 0, 30]}
    )  # fmt: skip
    return charts.win_rate_chart(frame, language=language, title=TITLE)


def time_in_stage(language: Language) -> Any:
    frame = pl.DataFrame(
        {"stage": STAGES, "value": [8.0, 30.0, None], "q1": [3.0, 14.0, None],
         "q3": [20.0, 61.0, None], "n": [1200, 500, 0]}
    )  # fmt: skip
    return charts.time_in_stage_chart(frame, language=language, title=TITLE)


def pipeline(language: Language) -> Any:
    frame = pl.DataFrame({"stage": STAGES, "value": [400_000_00, 300_000_00, 0]})
    return charts.pipeline_chart(frame, language=language, title=TITLE, currency="ILS")


def pipeline_over_time(language: Language) -> Any:
    rows = [{"month": m, "stage": s, "value": 10 * i} for m in MONTHS for i, s in enumerate(STAGES)]
    return charts.pipeline_chart(pl.DataFrame(rows), language=language, title=TITLE)


def lost_reasons(language: Language) -> Any:
    frame = pl.DataFrame({"lost_reason": ["מתחרה: SAP/Oracle", "Price", None], "value": [12, 9, 3]})
    return charts.lost_reasons_chart(frame, language=language, title=TITLE)


def survival(language: Language) -> Any:
    rows = [
        {"time": d, "survival": math.exp(-d / s), "low": math.exp(-d / s) - 0.01,
         "high": math.exp(-d / s) + 0.01, "label": name}
        for name, s in (("עסקים קטנים (SMB)", 60), ("Enterprise", 90)) for d in (0, 30, 60)
    ]  # fmt: skip
    return charts.survival_chart(pl.DataFrame(rows), language=language, title=TITLE)


def forecast(language: Language) -> Any:
    past = pl.DataFrame({"month": MONTHS[:2], "value": [310_000_000, 290_000_000]})
    coming = pl.DataFrame(
        {"month": MONTHS[2:], "p10": [1], "p25": [2], "p50": [3], "p75": [4], "p90": [500_000_000],
         "target": [450_000_000]}
    )  # fmt: skip
    return charts.forecast_chart(past, coming, language=language, title=TITLE, currency="ILS")


def track_record(language: Language) -> Any:
    frame = pl.DataFrame(
        {"label": ["Run rate", "משוקלל לפי שלב (Stage)"], "wape": [0.31, 0.22],
         "bias": [-0.04, 0.2], "chosen": [False, True]}
    )  # fmt: skip
    return charts.track_record_chart(frame, language=language, title=TITLE)


def caterpillar(language: Language) -> Any:
    frame = pl.DataFrame(
        {"label": NAMES, "raw": [0.1, 0.3, 0.5, None], "value": [0.2, 0.3, 0.4, 0.3],
         "low": [0.1, 0.2, 0.3, 0.1], "high": [0.3, 0.4, 0.5, 0.5], "n": [20, 30, 40, 0],
         "group": [1, 1, 2, 2], "person": [False, True, False, False]}
    )  # fmt: skip
    return charts.caterpillar_chart(frame, language=language, title=TITLE, mean=0.3)


def funnel_plot(language: Language) -> Any:
    people = pl.DataFrame(
        {"label": NAMES, "n": [20, 30, 40, 50], "value": [0.3, 0.35, 0.2, 0.7],
         "outside": [False, False, False, True]}
    )  # fmt: skip
    limits = pl.DataFrame(
        {"n": [10, 60], "low95": [0.0, 0.2], "high95": [0.6, 0.4], "low998": [-0.1, 0.1],
         "high998": [0.8, 0.5]}
    )  # fmt: skip
    return charts.funnel_plot(people, limits, language=language, title=TITLE, mean=0.3)


def mix(language: Language) -> Any:
    rows = [
        {"id": i, "label": name, "part": part, "value": share}
        for i, name in enumerate(NAMES) for part, share in (("קטן", 0.7), ("Enterprise", 0.3))
    ]  # fmt: skip
    return charts.mix_chart(pl.DataFrame(rows), language=language, title=TITLE)


def attainment(language: Language) -> Any:
    bars = pl.DataFrame({"low": [0.8, 1.0], "high": [1.0, 1.2], "value": [0.6, 0.4]})
    marks = pl.DataFrame({"label": ["P50"], "value": [0.95]})
    return charts.attainment_distribution_chart(bars, marks, language=language, title=TITLE)


def path(language: Language) -> Any:
    bands = {f"p{q}": [q, 2 * q, 3 * q] for q in (10, 25, 50, 75, 90)}
    frame = pl.DataFrame({"month": MONTHS, **bands, "target": [60, 120, 180]})
    return charts.path_chart(frame, language=language, title=TITLE)


def pay_curve(language: Language) -> Any:
    frame = pl.DataFrame(
        {"attainment": [0.0, 0.5, 1.0, 1.5], "old": [0, 0, 400_000, 700_000],
         "new": [0, 0, 400_000, 800_000]}
    )  # fmt: skip
    return charts.pay_curve_chart(frame, language=language, title=TITLE, currency="ILS")


def process_map(language: Language) -> Any:
    kinds = ["advanced", "skipped", "back", "won", "lost", "still_open"]
    rows = [
        {"stage": stage, "entered": 1200 - 500 * at, "kind": kind, "median_days": 1 + 9.5 * at,
         "visits": 50 + at if kind in ("skipped", "back", "won") else 350 - 150 * at}
        for at, stage in enumerate(STAGES) for kind in kinds if at or kind != "back"
    ]  # fmt: skip
    return charts.process_map_chart(pl.DataFrame(rows), language=language, title=TITLE)


def waterfall(language: Language) -> Any:
    frame = pl.DataFrame(
        {"label": ["Start", *NAMES, "End"],
         "value": [500_000_000, 210_000_000, None, -130_000_000, -90_000_000, 490_000_000],
         "kind": ["total", "more", "less", "lost", "won", "total"]}
    )  # fmt: skip
    return charts.waterfall_chart(frame, language=language, title=TITLE, currency="ILS")


def call_bias(language: Language) -> Any:
    frame = pl.DataFrame(
        {"label": NAMES, "value": [-0.31, -0.02, 0.05, 0.4], "low": [-0.44, -0.2, None, 0.1],
         "high": [-0.17, 0.16, None, 0.7], "n": [12, 9, 3, 12],
         "verdict": ["low", "untold", "untold", "high"]}
    )  # fmt: skip
    return charts.call_bias_chart(frame, language=language, title=TITLE)


def pace(language: Language) -> Any:
    weeks = [date(2026, 9, 13), date(2026, 9, 20), date(2026, 9, 27)]
    frame = pl.DataFrame(
        {"week": weeks, "needed": [40_000_000, 85_000_000, 60_000_000],
         "working_days": [4, 4, 3], "free_days": [1, 1, 0]}
    )  # fmt: skip
    return charts.pace_chart(frame, language=language, title=TITLE, currency="ILS")


def reliability(language: Language) -> Any:
    frame = pl.DataFrame(
        {"said": [0.001, 0.038, 0.067, 0.166, 0.263, 0.4, 0.55, 0.742],
         "came": [0.002, 0.039, 0.052, 0.162, 0.237, 0.421, 0.466, 0.628],
         "low": [0.0004, 0.02, 0.022, 0.142, 0.2, 0.386, 0.407, 0.564],
         "high": [0.013, 0.076, 0.116, 0.186, 0.279, 0.457, 0.526, 0.689],
         "n": [14430, 203, 96, 1071, 447, 755, 266, 226]}
    )  # fmt: skip
    return charts.reliability_chart(frame, language=language, title=TITLE)


def targets(language: Language) -> Any:
    frame = pl.DataFrame(
        {"label": NAMES, "target": [120_000_000, 80_000_000, 95_000_000, 60_000_000],
         "last_year": [95_000_000, 88_000_000, None, 61_000_000]}
    )  # fmt: skip
    return charts.targets_chart(frame, language=language, title=TITLE, currency="ILS")


def stretch(language: Language) -> Any:
    frame = pl.DataFrame(
        {"label": NAMES, "odds": [0.2, 0.45, 0.6, 0.8], "p50": [0.7, 0.95, 1.1, 1.5],
         "p10": [0.3, 0.5, 0.6, 0.9], "p90": [1.2, 1.6, 1.7, 2.2],
         "verdict": ["stretched", "even", "even", "slack"]}
    )  # fmt: skip
    return charts.stretch_chart(frame, language=language, title=TITLE)


def gap(language: Language) -> Any:
    frame = pl.DataFrame(
        {"label": [NAMES[0], NAMES[0], NAMES[1]], "against": ["Before", "Others", "Others"],
         "value": [210_000_000, -90_000_000, 4_000_000],
         "low": [60_000_000, -150_000_000, None], "high": [330_000_000, 20_000_000, None],
         "clear": [True, False, False]}
    )  # fmt: skip
    return charts.gap_chart(frame, language=language, title=TITLE, currency="ILS")


CHARTS: dict[str, Callable[[Language], Any]] = {
    made.__name__: made
    for made in (
        funnel, monthly, win_rate, win_rate_by_group, time_in_stage, pipeline, pipeline_over_time,
        lost_reasons, survival, forecast, track_record, caterpillar, funnel_plot, mix, attainment,
        path, pay_curve, waterfall, call_bias, pace, reliability, targets, stretch,
        process_map, gap,
    )
}  # fmt: skip
