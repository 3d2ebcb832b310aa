"""What of a group may be told, and how exactly: five or more, nobody with most of it, rounded.

Exact sums of a group tell a person's own as soon as that person comes or goes: the difference of
two reports. So counts are told to two digits (to ten at the finest), rates to whole per cents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

FEWEST = 5  # others
MOST = 0.5  # of the cases, or of the money, may be one person's


def two_digits(value: float) -> float:
    """Return a number rounded to two digits.

    Examples
    --------
    >>> two_digits(1234567.0), two_digits(0.8731), two_digits(0.0)
    (1200000.0, 0.87, 0.0)
    """
    return float(f"{value:.1e}")


def round_count(count: float) -> int:
    """Return a sum of cases to two digits, to ten at the finest; never 0.

    Examples
    --------
    >>> round_count(572), round_count(57), round_count(5)
    (570, 60, 10)
    """
    return max(int(two_digits(count)) if count >= 100 else 10 * int(count / 10 + 0.5), 10)


def whole_percent(part: float, whole: float) -> float | None:
    """Return a rate in whole per cents; none where it would say the same of everybody (0 or 1).

    Examples
    --------
    >>> whole_percent(166, 572), whole_percent(0, 179), whole_percent(179, 179)
    (0.29, None, None)
    """
    rate = round(part / whole, 2) if whole else 0.0
    return rate if 0 < rate < 1 else None


def may_be_told(parts: Iterable[float]) -> bool:
    """Say whether the sum of what five people or more have may be told: nobody has most of it.

    Examples
    --------
    >>> may_be_told([3, 4, 5, 4, 3]), may_be_told([3, 4, 50, 4, 3]), may_be_told([3, 4, 5])
    (True, False, False)
    """
    known = [float(part) for part in parts]
    return len(known) >= FEWEST and max(known) <= MOST * sum(known)


def typical(values: Sequence[float]) -> float | None:
    """Return the mean of the middle three (or four) of five numbers or more, to two digits.

    Never a number that is simply somebody's own: where these are alike the mean of all is taken,
    and where all are alike there is none.

    Examples
    --------
    >>> typical([31, 29, 18, 33, 24]), typical([7, 7, 7, 7, 9]), typical([7, 7, 7, 7, 7])
    (28.0, 7.4, None)
    """
    known = sorted(values)
    if len(known) < FEWEST:
        return None
    cut = (len(known) - 3) // 2
    middle = known[cut : len(known) - cut]
    apart = (some for some in (middle, known) if some[0] < some[-1])
    return next((two_digits(sum(some) / len(some)) for some in apart), None)
