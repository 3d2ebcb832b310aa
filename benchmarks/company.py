"""Simulated companies for the heavy proofs."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.side_by_side import ROOT
from spm_lib.model import Company, company_from_frames
from spm_lib.simulate import Preset, frames, in_major_units, preset_of
from spm_lib.workspace import settings_from_text

SAMPLE = ROOT / "data" / "sample" / "spm.toml"


def company(preset: str | Preset, seed: int, *, opportunities: int = 2500) -> Company:
    """Return a simulated company, read through the model like any other."""
    made = replace(preset_of(preset), opportunities=opportunities)
    settings = settings_from_text(
        SAMPLE.read_text(encoding="utf-8"), path=Path(tempfile.gettempdir()) / "spm.toml"
    )
    return company_from_frames(in_major_units(frames(made, seed)), settings)
