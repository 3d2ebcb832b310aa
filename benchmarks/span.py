"""The stages and days of the company of ``benchmarks.scale``; plain Python, for any interpreter."""

from __future__ import annotations

STAGES = ("Lead", "Qualified", "Proposal", "Negotiation")
FIRST_DAY = 18_993  # 2022-01-01
DAYS = 3 * 365
LAST_DAY = FIRST_DAY + DAYS - 1
