"""Gates and multipliers: measures that decide whether, and by how much, another one pays."""

from __future__ import annotations

from fractions import Fraction

from spm_lib.incentives.chain.ways import Asked
from spm_lib.incentives.plan.plan import GateSection
from spm_lib.incentives.shapes.build import factors

_ONE = Fraction(1)


def _reached(asked: Asked, measure: str, of: str) -> Fraction:
    """Return attainment of a measure, or its base in the units of the plan file."""
    ledger, span = asked.ledger, (asked.start, asked.end)
    if of == "attainment":
        return ledger.attainment(asked.rep, measure, *span)
    unit = ledger.measuring.unit(ledger.plan.measure(measure))
    return ledger.base(asked.rep, measure, *span) / unit


def _passed(asked: Asked, gate: GateSection) -> bool:
    if gate.how == "weighted":
        mean = sum(
            (Fraction(w) * _reached(asked, m, gate.of) for m, w in gate.measures.items()),
            Fraction(0),
        )
        return mean >= Fraction(gate.at_least or 0)
    tests = [_reached(asked, m, gate.of) >= least for m, least in gate.measures.items()]
    return all(tests) if gate.how == "all" else any(tests)


def gate_factor(asked: Asked) -> Fraction:
    """Return 1 where all gates are passed, else the product of what the closed ones leave."""
    factor = _ONE
    for gate in asked.component.gates:
        if not _passed(asked, gate):
            factor *= Fraction(gate.otherwise)
    return factor


def multiplier_factor(asked: Asked) -> Fraction:
    """Return the product of the factors of all multipliers; 1 where there are none."""
    factor = _ONE
    for multiplier in asked.component.multipliers:
        table = factors(multiplier.bands, side=asked.ledger.plan.decisions.boundary)
        factor *= table.at(_reached(asked, multiplier.measure, multiplier.of))
    return factor
