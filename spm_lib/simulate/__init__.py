"""Companies whose truth is known: seed and preset in; raw files, frames and the truth out.

Imports `core`, `stats` and `store` only. The truth is for tests and validation, never for reports.
"""

from spm_lib.simulate.company import frames
from spm_lib.simulate.major_units import in_major_units
from spm_lib.simulate.oracle import consult_oracle, expected_bookings
from spm_lib.simulate.presets import PRESETS, Preset, preset_of
from spm_lib.simulate.simulate import simulate
from spm_lib.simulate.stream import stream
from spm_lib.simulate.world import World, make_world

__all__ = [
    "PRESETS",
    "Preset",
    "World",
    "consult_oracle",
    "expected_bookings",
    "frames",
    "in_major_units",
    "make_world",
    "preset_of",
    "simulate",
    "stream",
]
