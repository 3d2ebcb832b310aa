"""Metrics: a Company comes in, tidy frames with n, interval and receipt go out.

Each number is defined once as a ``Measure`` and runs on any engine; ``measure`` asks for one by its
id, and the named functions (``win_rate``, ``open_pipeline``, ...) return frames to work with. May
import ``model`` and everything above it.
"""

from spm_lib.metrics import deals, win_rates  # noqa: F401
from spm_lib.metrics.measure import measure
from spm_lib.metrics.measured import Measured

__all__ = ["Measured", "measure"]
