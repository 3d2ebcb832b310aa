"""What is looked for in a view of a company: keys that match nothing, double names, odd rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spm_lib.model.company import Company
    from spm_lib.model.notices import Notice


def notices_of(company: Company) -> tuple[Notice, ...]:
    """Return the notices of a view; nothing outside its scope or after its day is told."""
    return ()
