"""The workspace file and the README beside the data, as a consultant would write them."""

from __future__ import annotations

from importlib.resources import files

import polars as pl

from spm_lib.simulate.lead_odds import LEAD_COLUMNS
from spm_lib.simulate.presets import Preset

_NEVER_CHANGED = ("Segment", "Region", "source", "campaign", "type")
_KEPT = "[" + ", ".join(f'"{name}"' for name in LEAD_COLUMNS) + "]"
_LEADS = f"\nkeep = {_KEPT}\nknown_at_creation = {_KEPT}"
_LEAD_TRUTH = """
`leads.json` (log odds of a lead to become a deal), `leads.parquet` (every lead with its chance)."""


def _filled(template: str, values: dict[str, str]) -> str:
    """Return a template with its @names@ filled in."""
    text = (files("spm_lib.simulate") / "templates" / template).read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _company(preset: Preset) -> dict[str, str]:
    name = "גליל מערכות · Galil Systems"
    return {
        "id": preset.name.replace("_", "-"),
        "name": name if preset.name == "sample" else f"Galil Systems ({preset.name})",
        "as_of": preset.as_of.isoformat(),
    }


def workspace_text(preset: Preset) -> str:
    """Return the text of spm.toml for the export of a preset."""
    history = "\n" if preset.snapshot_only else _filled("history.toml", {})
    leads = _LEADS if preset.leads else ""
    return _filled("spm.toml", {**_company(preset), "history": history, "leads": leads})


def stream_workspace_text(preset: Preset, tables: dict[str, list[str]]) -> str:
    """Return the text of spm.toml for canonical Parquet tables with the given columns."""
    parts = [_filled("stream.toml", _company(preset))]
    for table, columns in tables.items():
        names = "".join(f'columns.{name} = "{name}"\n' for name in columns if name.islower())
        kept = ", ".join(f'"{name}"' for name in columns if not name.islower())
        keep = f"keep = [{kept}]\n" if kept else ""
        if table == "opportunities":
            steady = ", ".join(f'"{name}"' for name in _NEVER_CHANGED if name in columns)
            keep += f"known_at_creation = [{steady}]\n"
        elif table == "leads" and preset.leads:
            keep += f"known_at_creation = {_KEPT}\n"
        parts.append(f'[tables.{table}]\npath = "{table}/*.parquet"\n{names}{keep}')
    return "\n".join(parts)


def readme_text(preset: Preset, seed: int) -> str:
    """Return the text of the README beside the export."""
    title = "The sample company: Galil Systems"
    values = {
        "title": title if preset.name == "sample" else f"Simulated company: {preset.name}",
        "claim": preset.claim,
        "preset": preset.name,
        "seed": str(seed),
        "folder": f"data/{preset.name}",
        "leads": _LEAD_TRUTH if preset.leads else "",
    }
    return _filled("readme.txt", values)


def columns_of(frames: dict[str, pl.DataFrame]) -> dict[str, list[str]]:
    """Return the columns of each table."""
    return {name: frame.columns for name, frame in frames.items()}
