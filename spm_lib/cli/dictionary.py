"""The metric dictionary on the terminal."""

from __future__ import annotations

import importlib
from dataclasses import asdict
from pathlib import Path

import typer

from spm_lib.cli.options import Format
from spm_lib.cli.printing import page_width, print_csv, print_json, print_table

DECLARING_ROOMS = (
    "metrics",
    "forecast",
    "reps",
    "process",
    "segments",
    "targets",
    "plans",
    "team",
    "reports",
)
_PARTS = (
    "id",
    "name",
    "name_he",
    "formula",
    "numerator",
    "denominator",
    "unit",
    "date_field",
    "null_rule",
    "variants",
    "table",
    "source",
    "reading",
    "room",
)


def declare_all(workspace: Path) -> None:
    """Have every room that prints numbers declare its ids, and the client's own metrics theirs."""
    for room in DECLARING_ROOMS:
        importlib.import_module(f"spm_lib.{room}")
    from spm_lib.metrics import load_own_metrics

    load_own_metrics(workspace.parent)


_NARROW = 120  # columns of a terminal, below which the table keeps to ids and names


def print_dictionary(format: Format, *, workspace: Path, tongue: str = "en") -> None:  # noqa: A002
    """Print all declared metrics; on a narrow terminal their ids and names, in one language."""
    entries = dictionary(workspace)
    if format is Format.json:
        print_json(entries)
    elif format is Format.csv:
        flat = [{**e, "variants": " ".join(map(str, e["variants"]))} for e in entries]
        print_csv(_PARTS, flat)
    elif page_width() < _NARROW:
        name = "name_he" if tongue == "he" else "name"
        rows = [[str(entry["id"]), str(entry[name])] for entry in entries]
        print_table(["id", "name"], rows, wrapped=["name"])
        typer.echo("\n`spm metrics ID` tells the formula of one, and its values.")
    else:
        shown = ("id", "name", "name_he", "unit", "formula")
        rows = [[str(entry[part]) for part in shown] for entry in entries]
        columns = ["id", "name", "Hebrew", "unit", "formula"]
        print_table(columns, rows, wrapped=["name", "Hebrew", "formula"])


def dictionary(workspace: Path) -> list[dict[str, list[str] | str]]:
    """Return every declared metric as a record, with its Hebrew name."""
    from spm_lib.core import language
    from spm_lib.model import metric_ids

    declare_all(workspace)
    hebrew = language("he")
    entries = []
    for metric in metric_ids():
        told = {**asdict(metric), "name_he": hebrew.text(metric.name)}
        entries.append(
            {part: list(told[part]) if part == "variants" else told[part] for part in _PARTS}
        )
    return entries
