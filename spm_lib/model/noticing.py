"""What is looked for in a view of a company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spm_lib.model import (
    amount_notices,
    history_notices,
    key_notices,
    repeat_notices,
    row_notices,
    targets,
)

if TYPE_CHECKING:
    from spm_lib.model.company import Company
    from spm_lib.model.notices import Notice

CHECKS = (
    row_notices.stale_export,
    key_notices.unmatched_keys,
    key_notices.empty_keys,
    key_notices.reps_without_deals,
    key_notices.same_names,
    key_notices.several_numbers,
    key_notices.several_teams,
    key_notices.sellers_without_target,
    key_notices.sellers_without_team,
    row_notices.planned_closes,
    row_notices.undated_deals,
    row_notices.untold_then,
    row_notices.closed_before_created,
    row_notices.zero_amounts,
    amount_notices.open_without_amount,
    amount_notices.amounts_from_history,
    amount_notices.negative_amounts,
    row_notices.stage_against_outcome,
    row_notices.late_first_close,
    row_notices.confounded,
    row_notices.below_cost,
    targets.targets_without_end,
    repeat_notices.like_costs,
    repeat_notices.targets_that_add_up,
    history_notices.latest_flags,
    history_notices.ties,
    history_notices.late_starts,
    history_notices.event_time,
    history_notices.lent_currencies,
)


def notices_of(company: Company) -> tuple[Notice, ...]:
    """Return the notices of a view; nothing outside its scope or after its day is told.

    What was found while reading the files concerns rows of everybody, hence company scope only.
    """
    found = [notice for check in CHECKS for notice in check(company)]
    told = () if company.scoped else company.book.reading_notes
    return (*told, *found)
