"""The metric ids of the manager's page."""

from __future__ import annotations

from spm_lib.model import MetricId, register


def declare_manager_ids() -> None:
    """Put the number of people in each band of attainment into the registry."""
    register(
        MetricId(
            id="people.attainment_band.count",
            name="People by how much of their targets they reached",
            formula="people whose attainment of the year to date lies in the band",
            numerator="",
            denominator="",
            unit="count",
            date_field="closed_at",
            null_rule="people without a target are in no band",
            table="opportunities",
            room="reports",
            dimensions=(),
        )
    )
