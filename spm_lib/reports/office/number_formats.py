"""Number formats of Excel and PowerPoint: a typed cell as a real number and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from spm_lib.core.money import exponent
from spm_lib.reports.cells import Kind, Number
from spm_lib.reports.writing import Writer, kind_of

_PLACES = {"ILS": "-40D", "USD": "-409", "EUR": "-2", "GBP": "-809", "JPY": "-411"}
_WHOLE_FROM = 1_000
_FEW_DAYS = 10
_PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"  # where a number stands in a message
_MANY, _SOME = 2_000_000, 2_000  # from here on an axis counts in millions, in thousands


@dataclass(frozen=True)
class Shown:
    """A number as a spreadsheet holds it: its value, and the format it is shown in."""

    value: Decimal | None
    format: str


def money_format(currency: str, decimals: int) -> str:
    r"""Return the format of an amount, with the currency's sign.

    Examples
    --------
    >>> money_format("ILS", 0), money_format("USD", 2), money_format("CHF", 0)
    ('[$₪-40D]#,##0', '[$$-409]#,##0.00', '[$CHF]\\ #,##0')
    """
    from babel.numbers import get_currency_symbol

    sign = get_currency_symbol(currency, locale="en")
    space = "\\ " if sign[-1:].isalpha() else ""
    return f"[${sign}{_PLACES.get(currency, '')}]{space}{plain_format(decimals)}"


def plain_format(decimals: int) -> str:
    """Return the format of a number with grouped thousands.

    Examples
    --------
    >>> plain_format(0), plain_format(2)
    ('#,##0', '#,##0.00')
    """
    return "#,##0" + ("." + "0" * decimals if decimals > 0 else "")


def percent_format(decimals: int) -> str:
    """Return the format of a ratio that is shown in per cent.

    Examples
    --------
    >>> percent_format(1)
    '0.0%'
    """
    return f"{plain_format(decimals).replace('#,##0', '0')}%"


def date_format(write: Writer, grain: str = "day") -> str:
    """Return the format of a day or a month, with months named in the writer's language."""
    place = "[$-40D]" if write.language.code == "he" else "[$-409]"
    return f"{place}mmm yyyy" if grain == "month" else f"{place}d mmm yyyy"


def shown(number: Number, write: Writer, *, decimals: int | None = None) -> Shown:
    """Return a part of a figure as a real number and its format.

    Differences of ratios (points) are counted in points, as they are printed; everything else is
    the figure's own number.

    Examples
    --------
    >>> from datetime import date
    >>> from spm_lib.model import Figure, Receipt
    >>> from spm_lib.reports.cells import Edition
    >>> rate = Figure("win_rate.closed.count", date(2026, 9, 30), "ratio", "0.4", Receipt(9))
    >>> shown(Number(figure=rate), Writer(Edition()))
    Shown(value=Decimal('0.4'), format='0.0%')
    """
    kind = number.kind or kind_of(number.figure.unit)
    if number.part in ("n", "used"):
        kind = "count"
    unit = number.figure.unit
    currency = unit.split(":")[1].split()[0] if ":" in unit else write.edition.currency
    value = None if number.shown is None else Decimal(number.shown)
    if number.part in ("low", "high") and decimals is None and kind in ("ratio", "money", "count"):
        decimals = 0
    if kind in ("points", "gap"):
        value = None if value is None else value * 100
    return Shown(value, format_of(kind, write, currency=currency, decimals=decimals, value=value))


def format_of(
    kind: Kind,
    write: Writer,
    *,
    currency: str = "",
    decimals: int | None = None,
    value: Decimal | None = None,
) -> str:
    """Return the format of a kind of number; ``value`` decides where decimals depend on it."""
    if kind == "ratio":
        return _ratio_format(value, 1 if decimals is None else decimals)
    if kind == "money":
        return money_format(currency, _money_decimals(currency, decimals, value))
    if kind == "change":
        return "+0%;-0%;0%" if _told(value, 2) else "0%"
    if kind in ("points", "gap"):
        before, after = write.language.text("{points} points", points=_PLACE).split(_PLACE)
        number = f"{_quoted(before)}{{}}0.0{_quoted(after)}"
        if kind == "gap" or not _told(value, 1):
            return number.format("")
        return ";".join(number.format(sign) for sign in ("+", "-", ""))
    if kind == "times":
        return f"{plain_format(decimals or 1)}{_quoted('×')}"
    if kind == "count":
        return plain_format(decimals or 0)
    if decimals is None:
        many = value is not None and abs(value) >= _FEW_DAYS
        decimals = 0 if kind == "days" and many else 1
    return plain_format(decimals)


def _told(value: Decimal | None, decimals: int) -> bool:
    """Say whether a value is not shown as zero, to which no sign belongs."""
    return value is None or bool(round(value, decimals))


def axis_format(unit: str, largest: float, write: Writer) -> tuple[str, str]:
    """Return the format of a value axis and the unit that its title names.

    Examples
    --------
    >>> from spm_lib.reports.cells import Edition
    >>> axis_format("money:ILS", 3_300_000, Writer(Edition()))
    ('#,##0.0,,', '₪ million')
    >>> axis_format("ratio", 0.5, Writer(Edition()))
    ('0%', '')
    """
    from babel.numbers import get_currency_symbol

    if unit == "ratio":
        return "0%", ""
    if not unit.startswith("money:"):
        return plain_format(0), ""
    sign = get_currency_symbol(unit.split(":")[1].split()[0], locale=write.language.code)
    if largest >= _MANY:
        return "#,##0.0,,", write.language.text("{unit} million", unit=sign)
    if largest >= _SOME:
        return "#,##0,", write.language.text("{unit} thousand", unit=sign)
    return plain_format(0), sign


def unit_format(unit: str, values: Iterable[Decimal | float | None], write: Writer) -> str:
    """Return the format of values of a unit, as they stand in a table of figures or of a chart.

    Broken parts are shown only where some value has one.

    Examples
    --------
    >>> from spm_lib.reports.cells import Edition
    >>> write = Writer(Edition())
    >>> unit_format("days", [13.0, 8.0], write), unit_format("days", [7.5], write)
    ('#,##0', '#,##0.0')
    """
    kind = kind_of(unit)
    whole = all(value is None or value == int(value) for value in values)
    if kind == "money":
        currency = unit.split(":")[1].split()[0]
        return money_format(currency, 0 if whole else exponent(currency))
    if kind in ("number", "days"):
        return plain_format(0 if whole else 1 if kind == "days" else 2)
    if kind in ("ratio", "points"):
        return percent_format(1)
    return format_of(kind, write)


def _money_decimals(currency: str, decimals: int | None, value: Decimal | None) -> int:
    if decimals is not None:
        return decimals
    whole = value is None or abs(value) >= _WHOLE_FROM or value == value.to_integral_value()
    return 0 if whole else exponent(currency)


def _ratio_format(value: Decimal | None, decimals: int) -> str:
    """Return the format of a percentage; what is not 0 is not shown as 0."""
    least = Decimal(1).scaleb(-decimals - 2)
    if value is not None and 0 < value < least / 2:
        return _quoted(f"<{least * 100:.{decimals}f}%")
    return percent_format(decimals)


def _quoted(text: str) -> str:
    """Return text that a number format shows as it stands."""
    cleaned = text.replace('"', "")
    return f'"{cleaned}"' if cleaned else ""
