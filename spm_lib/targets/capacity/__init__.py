"""Capacity: people, what a head brings, ramp, attrition, hires come in; what they bring goes out.

Beside a target the gap is a decision: hire, raise productivity, keep people, or lower the target.
"""

from spm_lib.targets.capacity.gap import Gap, close_gap
from spm_lib.targets.capacity.heads import bookings_capacity, plan_capacity
from spm_lib.targets.capacity.known import KnownCapacity, known_capacity
from spm_lib.targets.capacity.staff import Capacity

__all__ = [
    "Capacity",
    "Gap",
    "KnownCapacity",
    "bookings_capacity",
    "close_gap",
    "known_capacity",
    "plan_capacity",
]
