"""Processes of their own: a function or a kernel comes in, how it ended and its value go out.

A fork server imports everything once and forks a child per report or notebook; where a fork is
not safe an ordinary process does the same. Knows nothing of sales; imports ``core`` only.
"""

from spm_lib.kernels.client import ForkServer, Handle, ended_among, finished
from spm_lib.kernels.kernelspec import offer_kernel
from spm_lib.kernels.outcome import Outcome
from spm_lib.kernels.shared import keep_warm

__all__ = [
    "ForkServer",
    "Handle",
    "Outcome",
    "ended_among",
    "finished",
    "keep_warm",
    "offer_kernel",
]
