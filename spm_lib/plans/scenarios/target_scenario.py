"""A target scenario: a plan's settings and the rows that overwrite or transform it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictStr, field_validator

from spm_lib.plans.scenarios.sections import (
    Basis,
    Joining,
    Kpi,
    Name,
    Names,
    OverTime,
    Row,
    Section,
    Share,
    Turned,
)

VERSION = 2
FEW = 5  # KPIs of a plan: more are not followed


class TargetScenario(Section):
    """What a target plan is built from; the same file gives the same numbers everywhere.

    Amounts are whole minor units of ``currency`` (or counts, where the metric is one).

    Attributes
    ----------
    name, note
        What it is called and why it is there.
    currency
        Of all amounts.
    pay
        Pay plans of the folder ``plans/`` that people are paid by, by name; empty: none is told.
    basis, share, over_time, odds
        See ``Basis``, ``Share``, ``OverTime``, ``Turned``.
    hires, kpis, rows
        See ``Joining``, ``Kpi`` and ``Row``; later rows go before earlier ones, moves follow one
        another.

    Examples
    --------
    >>> from datetime import date
    >>> basis = Basis(
    ...     as_of=date(2026, 9, 30),
    ...     start=date(2027, 1, 1),
    ...     end=date(2028, 1, 1),
    ...     target=1_200_000_000,
    ... )
    >>> scenario = TargetScenario(name="Stretch", currency="ILS", basis=basis)
    >>> scenario.share.weights
    {'history': 1.0}
    """

    version: Literal[2] = VERSION
    name: Name
    note: StrictStr = ""
    currency: Annotated[StrictStr, Field(pattern=r"^[A-Z]{3}$")]
    pay: Names = ()
    basis: Basis
    share: Share = Share()
    over_time: OverTime = OverTime()
    odds: Turned = Turned()
    hires: tuple[Joining, ...] = ()
    kpis: Annotated[tuple[Kpi, ...], Field(max_length=FEW)] = ()
    rows: tuple[Row, ...] = ()

    @field_validator("version", mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        if value is True or isinstance(value, float):
            raise ValueError(str(VERSION))
        return value

    @field_validator("kpis")
    @classmethod
    def _each_once(cls, kpis: tuple[Kpi, ...]) -> tuple[Kpi, ...]:
        if len({kpi.name for kpi in kpis}) < len(kpis):
            raise ValueError("each KPI once")
        return kpis

    def with_row(self, **row: Any) -> TargetScenario:
        """Return the scenario with one more row (see ``Row``).

        Raises
        ------
        ParameterError
            If the row cannot be.
        """
        return self.changed(rows=(*self.rows, row))

    def changed(self, **fields: Any) -> TargetScenario:
        """Return the scenario with other sections or fields, checked anew.

        A section is given whole, or as a mapping of the fields that change.

        Raises
        ------
        ParameterError
            If a field is unknown or cannot be.

        Examples
        --------
        >>> from spm_lib.plans.scenarios.target_scenario import example_scenario
        >>> example_scenario().changed(odds={"win_rate": 1.1}, note="try").odds.win_rate
        1.1
        """
        from spm_lib.plans.scenarios.faults import checked

        merged: dict[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        for name, value in fields.items():
            old = merged.get(name)
            partly = isinstance(value, dict) and isinstance(old, Section)
            merged[name] = {**dict(old), **value} if partly else value  # type: ignore[arg-type]
        return checked(merged)


def example_scenario() -> TargetScenario:
    """Return a small scenario, for examples."""
    from datetime import date

    basis = Basis(
        as_of=date(2026, 9, 30), start=date(2027, 1, 1), end=date(2028, 1, 1), target=120_000_000
    )
    return TargetScenario(name="Example", currency="ILS", basis=basis)
