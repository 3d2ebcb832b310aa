"""Segments: with whom the company wins, which parts really differ, who buys again, what is missing.

A Company comes in; frozen results that hold tidy frames with n and interval go out. Nothing is
ranked that chance alone could have put in that order. May import ``metrics`` and everything above.
"""

from spm_lib.segments.columns import SegmentColumn, segment_columns
from spm_lib.segments.compare import SegmentComparison, compare_segments
from spm_lib.segments.customer_payback import customer_payback, declare_payback_id
from spm_lib.segments.definitions import declare_segment_ids
from spm_lib.segments.discover import Discovery, discover_segments
from spm_lib.segments.profile import IdealCustomer, ideal_customer
from spm_lib.segments.programme import (
    ProgrammeReturn,
    programme_amounts,
    programme_return,
)
from spm_lib.segments.programme_figures import declare_programme_ids
from spm_lib.segments.programmes import Programme, Programmes, programmes
from spm_lib.segments.repeat_customers import RepeatCustomers, repeat_customers
from spm_lib.segments.whitespace import Whitespace, whitespace

__all__ = [
    "Discovery",
    "IdealCustomer",
    "Programme",
    "ProgrammeReturn",
    "Programmes",
    "RepeatCustomers",
    "SegmentColumn",
    "SegmentComparison",
    "Whitespace",
    "compare_segments",
    "customer_payback",
    "discover_segments",
    "ideal_customer",
    "programme_amounts",
    "programme_return",
    "programmes",
    "repeat_customers",
    "segment_columns",
    "whitespace",
]

declare_segment_ids()
declare_programme_ids()
declare_payback_id()
