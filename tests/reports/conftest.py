"""Small clients for the reports: one with everything and hostile names, one with bare deals."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

AS_OF = date(2026, 9, 30)
STAGES = ["Lead", "<b>Proposal</b>", "Talks & terms"]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "{{ 7 * 7 }}{% raw %}",
    "</svg><script>alert(3)</script>",
    "‮evil‬ נועה <i>",
    "O'Neil & Söhne",
    "javascript:alert(4)",
]
REASONS = ["Price", "<iframe src='//x.test'>", None]

FILE = """version = 1
[workspace]
id = "small"
name = "Small <Ltd> & Sons"
currency = "ILS"
language = "en"
as_of = "2026-09-30"
[stages]
open = ["Lead", "<b>Proposal</b>", "Talks & terms"]
won = ["Won"]
lost = ["Lost"]
"""
TABLES = {
    "opportunities": [
        "opportunity_id",
        "rep_id",
        "amount",
        "stage",
        "created_at",
        "closed_at",
        "expected_close",
        "lost_reason",
    ],
    "stage_events": ["opportunity_id", "entered_at", "stage"],
    "reps": ["rep_id", "name", "hired_on"],
    "memberships": ["rep_id", "team", "valid_from"],
    "activities": ["activity_id", "rep_id", "kind", "happened_at"],
    "targets": ["rep_id", "period_start", "period_end", "metric", "value"],
}


def make_deals(rng: random.Random, *, count: int = 420) -> tuple[list[dict], list[dict]]:
    """Return deals and their stage history, two and a half years of them."""
    deals, events = [], []
    for number in range(count):
        created = date(2024, 4, 1) + timedelta(days=rng.randrange(910))
        deal = {
            "opportunity_id": f"D{number}",
            "rep_id": f"R{rng.randrange(len(HOSTILE))}",
            "amount": rng.randrange(1_000, 90_000),
            "created_at": created,
            "closed_at": None,
            "expected_close": created + timedelta(days=70),
            "lost_reason": None,
        }
        day, stage = created, 0
        events.append(
            {"opportunity_id": deal["opportunity_id"], "entered_at": day, "stage": "Lead"}
        )
        while True:
            day += timedelta(days=rng.randrange(3, 40))
            won = stage == 2 and rng.random() < 0.6
            lost = not won and rng.random() < 0.25
            if day > AS_OF:
                deal["stage"] = STAGES[stage]
                break
            if won or lost:
                deal |= {"stage": "Won" if won else "Lost", "closed_at": day}
                deal["lost_reason"] = None if won else rng.choice(REASONS)
                events.append(
                    {
                        "opportunity_id": deal["opportunity_id"],
                        "entered_at": day,
                        "stage": deal["stage"],
                    }
                )
                break
            if stage < 2:
                stage += 1
                events.append(
                    {
                        "opportunity_id": deal["opportunity_id"],
                        "entered_at": day,
                        "stage": STAGES[stage],
                    }
                )
        deals.append(deal)
    return deals, events


def make_tables() -> dict[str, list[dict]]:
    rng = random.Random(7)
    deals, events = make_deals(rng)
    reps = [
        {"rep_id": f"R{i}", "name": name, "hired_on": date(2023, 1, 1)}
        for i, name in enumerate(HOSTILE)
    ]
    members = [
        {"rep_id": f"R{i}", "team": ["<u>North</u>", "דרום"][i % 2], "valid_from": date(2023, 1, 1)}
        for i in range(len(HOSTILE))
    ]
    acts = [
        {
            "activity_id": f"A{i}",
            "rep_id": f"R{rng.randrange(len(HOSTILE))}",
            "kind": rng.choice(["call", "call", "meeting", "proposal"]),
            "happened_at": date(2024, 4, 1) + timedelta(days=rng.randrange(910)),
        }
        for i in range(2_000)
    ]
    targets = []
    for year in (2024, 2025, 2026):
        for month in range(1, 13):
            start, end = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
            targets += [
                {
                    "rep_id": f"R{i}",
                    "period_start": start,
                    "period_end": end,
                    "metric": "won.amount",
                    "value": 40_000,
                }
                for i in range(len(HOSTILE))
            ]
    return {
        "opportunities": deals,
        "stage_events": events,
        "reps": reps,
        "memberships": members,
        "activities": acts,
        "targets": targets,
    }


def write_workspace(folder: Path, *names: str) -> Path:
    """Write a client with these tables, and return its workspace file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = FILE
    for name, rows in make_tables().items():
        if name not in names:
            continue
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / f"{name}.csv")
        columns = ", ".join(f'{c} = "{c}"' for c in TABLES[name])
        text += f'[tables.{name}]\npath = "{name}.csv"\ncolumns = {{ {columns} }}\n'
    path = folder / "spm.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client with all tables and hostile names."""
    return write_workspace(tmp_path_factory.mktemp("small"), *TABLES)


@pytest.fixture(scope="session")
def bare_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client with nothing but deals, and those without a lost reason."""
    path = write_workspace(tmp_path_factory.mktemp("bare"), "opportunities")
    text = path.read_text(encoding="utf-8").replace(', lost_reason = "lost_reason"', "")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """A maker of notebooks: ``notebook(name, *cells)``; the first cell declares parameters."""
    import nbformat

    def make(name: str, *sources: str, markdown: str = "") -> Path:
        book = nbformat.v4.new_notebook()
        book.cells = [nbformat.v4.new_code_cell(source) for source in sources]
        if book.cells:
            book.cells[0].metadata["tags"] = ["parameters"]
        if markdown:
            book.cells.insert(0, nbformat.v4.new_markdown_cell(markdown))
        path = tmp_path / f"{name}.ipynb"
        path.write_text(nbformat.writes(book), encoding="utf-8")
        return path

    return make
