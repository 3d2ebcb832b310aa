"""Why a whole year before cannot be replayed is said of people by name, in the page's language."""

from __future__ import annotations

import polars as pl

from spm_lib.core.language import language
from spm_lib.dashboards.pay.past_deals import past_deals
from spm_lib.incentives import pay_data
from tests.incentives.small import component, day, deals, people, quotas, small_plan

SCALED = (
    '{ kind = "table", of = "attainment", bands = [{ up_to = 1, rate = 0.1 }, { rate = 0.2 }] }'
)
SOLD = deals(("D0", "R1", "2025-03-01", "100"), ("D1", "R1", "01-10", "100"))


def refused(**tables: pl.DataFrame) -> dict[str, str]:
    named = people("R1").with_columns(name=pl.lit("Noa Levi"))
    data = pay_data(**{"transactions": SOLD, "people": named, **tables})
    past = past_deals(small_plan(component(SCALED)), data, day("02-28"))
    assert past.start == day("01-01")
    assert past.refused is not None
    return {code: past.refused.tell(language(code)) for code in ("en", "he")}


def test_a_missing_quota_is_told_by_name_in_both_languages() -> None:
    told = refused(quotas=quotas(("R1", "sales", "2026-01-01", "2027-01-01", "900")))
    assert told["en"] == "Noa Levi has no quota sales from 1 Jan 2025 to 31 Jan 2025."
    assert "Noa Levi" in told["he"]
    assert "אין מכסה" in told["he"]
    assert "R1" not in told["he"]
    assert "2025-01" not in told["he"]


def test_other_reasons_are_told_without_ids_in_the_language() -> None:
    whole = quotas(("R1", "sales", "2025-01-01", "2027-01-01", "900"))
    since = people("R1").with_columns(valid_from=pl.lit(day("2025-06-01")))
    told = refused(quotas=whole, people=since)
    assert told["en"] == "The deals and people of those days do not fit the plan."
    assert "אינם מתאימים לתוכנית" in told["he"]
