"""Client files and databases come in, raw frames and what could not be read go out.

The only room that reads client data. It knows dialects (encodings, delimiters, dates, money) and
nothing of what columns mean. Imports ``core``, ``store`` and ``workspace``.
"""

from spm_lib.sources.raw_frame import Dialect, RawFrame
from spm_lib.sources.read import read_raw, read_raws

__all__ = ["Dialect", "RawFrame", "read_raw", "read_raws"]
