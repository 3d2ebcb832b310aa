"""Engines: where rows are counted. One file per engine, one interface, one table of them.

A polars frame goes in, a lazy frame of the portable layer comes out; what a question leaves of its
rows comes back as a small polars frame. Metrics are written once and know no engine.
"""

from spm_lib.model.engines.engine import Engine
from spm_lib.model.engines.table import ENGINES, check_engine, engine_of

__all__ = ["ENGINES", "Engine", "check_engine", "engine_of"]
