"""What a letter says otherwise than the one before it."""

from __future__ import annotations

from collections.abc import Iterator

from spm_lib.team.letters.letter import TITLES, Letter
from spm_lib.team.letters.wording import Known, Line, Money, Plain, Value, line


def letter_changes(before: Letter, now: Letter) -> list[Line]:
    """Return what changed from one letter of a person to the next, numbers first.

    Whatever differs is named: amounts with both values, sentences by the part they stand in.
    """
    return [*_numbers(before, now), *_parts(before, now)]


def _numbers(before: Letter, now: Letter) -> Iterator[Line]:
    if (before.start, before.end) != (now.start, now.end):
        yield line("The period is another one: before, it began on {day}.", day=before.start)
    if before.as_of != now.as_of:
        yield line("The data are as of {new}, before {old}.", new=now.as_of, old=before.as_of)
    pairs = (
        ("Target", before.target, now.target, _writes(before, now)),
        ("Target variable pay", before.variable, now.variable, _pays(before, now)),
        ("Base pay", before.base_pay, now.base_pay, _pays(before, now)),
    )
    for name, old, new, write in pairs:
        if old != new:
            yield line("{name}: {new}, before {old}.", name=Known(text=name),
                       new=_amount(new, write[1]), old=_amount(old, write[0]))  # fmt: skip
    if before.target == now.target and before.targets != now.targets:
        yield line("The target is split over the months in another way.")
    if before.pay_plan != now.pay_plan:
        yield line("The pay plan is {new}, before {old}.", new=now.pay_plan or "–",
                   old=before.pay_plan or "–")  # fmt: skip


def _parts(before: Letter, now: Letter) -> Iterator[Line]:
    """Tell the parts whose words, or whose numbers not told above, are others."""
    changed = {
        "covered": _who(before) != _who(now),
        "measures": before.measures != now.measures,
        "odds": before.likely != now.likely,
        "kpis": before.kpis != now.kpis,
        "worked": (before.worked, before.left_out) != (now.worked, now.left_out),
    }
    for part, title in TITLES.items():
        if changed.get(part) or before.clause(part) != now.clause(part):
            yield line("Changed: {part}.", part=Known(text=title))


def _who(letter: Letter) -> tuple[str | None, ...]:
    return letter.name, letter.role, letter.team, letter.manager


def _writes(before: Letter, now: Letter) -> tuple[str, str]:
    return tuple(o.currency if "amount" in o.metric else "" for o in (before, now))  # pyright: ignore[reportReturnType]


def _pays(before: Letter, now: Letter) -> tuple[str, str]:
    return before.pay_currency or before.currency, now.pay_currency or now.currency


def _amount(value: int | None, currency: str) -> Value:
    if value is None:
        return Known(text="not stated")
    from decimal import Decimal

    return Money(minor=value, currency=currency) if currency else Plain(value=Decimal(value))
