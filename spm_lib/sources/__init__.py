"""Client files and databases come in, raw frames and what could not be read go out.

The only room that reads client data. It knows dialects (encodings, delimiters, dates, money) and
nothing of what columns mean. Imports ``core``, ``store`` and ``workspace``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from spm_lib.sources.booleans import parse_booleans
from spm_lib.sources.csv_file import read_csv_bytes
from spm_lib.sources.currency_signs import currency_of, signs_of
from spm_lib.sources.dates import in_zone, parse_dates
from spm_lib.sources.money import parse_integers, parse_money, parse_numbers, written_signs
from spm_lib.sources.quarantine import (
    holds_mended,
    quarantine_path,
    read_mended,
    with_quarantined,
    write_quarantine,
)
from spm_lib.sources.query import run_query
from spm_lib.sources.raw_frame import Dialect, RawFrame
from spm_lib.sources.read import read_raw, read_raws, sources_refused
from spm_lib.sources.texts import Parsed, as_texts, parse_texts

if TYPE_CHECKING:
    from spm_lib.sources.proposing.proposal import Proposal, propose_workspace

__all__ = [
    "Dialect",
    "Parsed",
    "Proposal",
    "RawFrame",
    "as_texts",
    "currency_of",
    "holds_mended",
    "in_zone",
    "parse_booleans",
    "parse_dates",
    "parse_integers",
    "parse_money",
    "parse_numbers",
    "parse_texts",
    "propose_workspace",
    "quarantine_path",
    "read_csv_bytes",
    "read_mended",
    "read_raw",
    "read_raws",
    "run_query",
    "signs_of",
    "sources_refused",
    "with_quarantined",
    "write_quarantine",
    "written_signs",
]


def __getattr__(name: str) -> Any:
    if name in ("Proposal", "propose_workspace"):  # ``spm init`` alone needs what they import
        return getattr(importlib.import_module("spm_lib.sources.proposing.proposal"), name)
    raise AttributeError(f"module 'spm_lib.sources' has no attribute '{name}'")
