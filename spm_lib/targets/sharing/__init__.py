"""Sharing out: a company's target and its people come in, a target for each comes out.

Exact whole numbers throughout; children add up to their parent at every level.
"""

from spm_lib.targets.sharing.bases import bases
from spm_lib.targets.sharing.growth import growth_limits
from spm_lib.targets.sharing.hand_down import HandDown, hand_down, share_out
from spm_lib.targets.sharing.infeasible import InfeasibleError
from spm_lib.targets.sharing.over_assignment import multiplied, needed_attainment, pool_of

__all__ = [
    "HandDown",
    "InfeasibleError",
    "bases",
    "growth_limits",
    "hand_down",
    "multiplied",
    "needed_attainment",
    "pool_of",
    "share_out",
]
