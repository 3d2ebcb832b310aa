"""A company comes in; where its deals are handled badly, and what that is worth, goes out.

``mistakes`` judges open deals by named rules with thresholds learned from the company's own won
deals, and prices each by what went with it in deals that have ended. ``process_map`` tells how
deals walk through the stages. Associations, never causes.
May import core, stats, store, workspace, model and metrics.
"""

from spm_lib.process.process_map.definitions import declare_process_map_ids
from spm_lib.process.process_map.walks import ProcessMap, process_map

declare_process_map_ids()

__all__ = ["ProcessMap", "declare_process_map_ids", "process_map"]
