"""Exact money: whole minor units inside, Decimal at the border, never a float."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from math import lcm

from spm_lib.core.errors import DataError, WorkspaceError

# ISO 4217 (2024 edition): currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
_LARGEST = 2**63 - 1


def exponent(currency: str) -> int:
    """Return how many decimals a currency has (ISO 4217).

    Raises
    ------
    WorkspaceError
        If ``currency`` is not a code of three capital letters.

    Examples
    --------
    >>> exponent("ILS"), exponent("JPY"), exponent("KWD")
    (2, 0, 3)
    """
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise WorkspaceError(
            "A currency is written as its ISO 4217 code.",
            found=repr(currency),
            do="Write three capital letters, such as ILS, EUR or USD",
        )
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal | int | str, currency: str) -> int:
    """Return an amount in major units as whole minor units, rounded half up (away from zero).

    Raises
    ------
    DataError
        If ``amount`` is not a finite exact number, or does not fit 64 bits.

    Examples
    --------
    >>> to_minor("12.345", "ILS"), to_minor(-7, "JPY")
    (1235, -7)
    """
    minor = _scaled(_exact(amount), exponent(currency))
    if abs(minor) > _LARGEST:
        raise DataError(
            "An amount is too large for 64-bit minor units.",
            found=str(amount),
            do="Check the scale of the column (thousands given as units, or digits run together)",
        )
    return minor


def _exact(amount: Decimal | int | str) -> Decimal:
    if isinstance(amount, float):
        raise DataError(
            "Money is never a float.", found=repr(amount), do="Pass a Decimal, an int or text"
        )
    try:
        value = Decimal(amount)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise DataError("An amount is not a number.", found=repr(amount), do="Write it as 1234.50")
    return value


def _scaled(value: Decimal, places: int) -> int:
    with localcontext() as context:
        context.prec = max(60, len(value.as_tuple().digits) + 10)
        if value.adjusted() > 40:
            return _LARGEST + 1
        return int(value.scaleb(places).to_integral_value(rounding=ROUND_HALF_UP))


def from_minor(minor: int, currency: str) -> Decimal:
    """Return whole minor units as an exact amount in major units.

    Examples
    --------
    >>> from_minor(1235, "ILS")
    Decimal('12.35')
    """
    return Decimal(minor).scaleb(-exponent(currency))


def split_exactly(total: int, weights: Sequence[float | Decimal | Fraction]) -> list[int]:
    """Share out a whole total by weight so that the parts sum to it exactly.

    Largest-remainder method (Hamilton): each part is rounded down, and the units left over go to
    the largest remainders; of equal remainders the earlier one comes first.

    Raises
    ------
    DataError
        If a weight is negative or not finite, or all weights are zero.

    Examples
    --------
    >>> split_exactly(100, [1, 1, 1])
    [34, 33, 33]
    """
    exact = _weights(weights)
    return parts_of(total, [total * weight / sum(exact) for weight in exact])


def parts_of(total: int, exact: Sequence[Fraction]) -> list[int]:
    """Return whole parts near exact ones that add up to ``total``, by largest remainder.

    Each part is rounded down and what is left over goes, one by one, to the largest remainders;
    of equal remainders the earlier one comes first. Where the exact parts do not add up to about
    ``total``, the difference is spread the same way, evenly.

    Examples
    --------
    >>> parts_of(1_000_000, [Fraction(1_000_000, 3)] * 3)
    [333334, 333333, 333333]
    >>> parts_of(-1, [Fraction(-1, 2), Fraction(-1, 2)])
    [-1, 0]
    """
    sign = -1 if total < 0 else 1
    if not exact:
        return []
    common = lcm(*(part.denominator for part in exact))  # whole numbers compare faster
    wanted = [sign * part.numerator * (common // part.denominator) for part in exact]
    parts = [part // common for part in wanted]
    left = sign * total - sum(parts)
    each, left = divmod(left, len(parts))
    order = sorted(range(len(parts)), key=lambda i: (parts[i] * common - wanted[i], i))
    lucky = set(order[:left])
    return [sign * (part + each + (i in lucky)) for i, part in enumerate(parts)]


def _weights(weights: Sequence[float | Decimal | Fraction]) -> list[Fraction]:
    try:
        exact = [Fraction(weight) for weight in weights]
    except (ValueError, OverflowError):
        exact = []
    if not exact or min(exact) < 0 or sum(exact) == 0:
        raise DataError(
            "A total can only be shared out by weights that are not negative and not all zero.",
            found=str(list(weights))[:200],
            do="Give at least one positive weight",
        )
    return exact
