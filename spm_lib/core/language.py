"""Text, numbers, money and dates as a reader of one language expects them."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from spm_lib.core.bidi import LRI, PDI, RLI, embed, first_strong, isolate, tame
from spm_lib.core.calendar import Period
from spm_lib.core.catalogue import Catalogue, catalogue
from spm_lib.core.counted import Counted, Whole
from spm_lib.core.errors import ParameterError
from spm_lib.core.money import exponent, from_minor

LANGUAGES = ("en", "he")
NOTHING = "–"
_MARKS = LRI + RLI
_PREFIX = re.compile("(?<![א-ת])([בהכלמש]){(\\w+)}")
_WHOLE_FROM = 1_000  # from this amount on, money is shown without decimals
_STEPS = (
    (Decimal(10**9), "{number}B"),
    (Decimal(10**6), "{number}M"),
    (Decimal(10**3), "{number}K"),
)

type_of_number = int | float | Decimal


@dataclass(frozen=True)
class Language:
    """How one language writes: texts from the catalogues, the rest by its locale.

    Whatever is missing (None, NaN) prints as a dash. In right-to-left text signed numbers and
    foreign words are wrapped in Unicode isolates, so that no sign or digit changes sides.

    Examples
    --------
    >>> english = language("en")
    >>> english.percent(0.4567), english.money(123456789, "ILS"), english.date(date(2026, 9, 30))
    ('45.7%', '₪1,234,568', '30 Sep 2026')
    """

    code: Literal["en", "he"]

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """The direction in which the page is read."""
        return "rtl" if self.code == "he" else "ltr"

    @property
    def name(self) -> str:
        """What the language is called in itself.

        Examples
        --------
        >>> language("he").name
        'עברית'
        """
        return {"en": "English", "he": "עברית"}[self.code]

    def text(self, msgid: str, **values: object) -> str:
        """Return a message in this language, its ``{placeholders}`` filled with ``values``.

        A message without a translation is shown in English. ``{n:1 deal|{n} deals}`` chooses its
        words by the number (see ``counted``).

        Examples
        --------
        >>> language("en").text("{rep} won {deals}", rep="Noa", deals="3 deals")
        'Noa won 3 deals'
        """
        return self._filled(self._catalogue.texts.get(msgid, msgid), values)

    def plural(self, one: str, many: str, n: int, **values: object) -> str:
        """Return the message for ``n`` things; ``{n}`` is filled with ``n`` written as a number.

        Examples
        --------
        >>> language("en").plural("{n} deal", "{n} deals", 1200)
        '1,200 deals'
        """
        forms = self._catalogue.plurals.get(one, (one, many))
        return self._filled(forms[0 if n == 1 else 1], {"n": self.number(n), **values})

    def number(self, x: type_of_number | None, decimals: int = 0, *, compact: bool = False) -> str:
        """Return a number with grouped thousands, rounded half up.

        ``compact`` writes large numbers short (1.2M).

        Examples
        --------
        >>> language("en").number(1234.5), language("en").number(1_249_000, compact=True)
        ('1,235', '1.2M')
        """
        value = _decimal(x)
        if value is None:
            return NOTHING
        return self._short(value) if compact else self._signed(self._grouped(value, decimals))

    def percent(self, x: type_of_number | None, decimals: int = 1) -> str:
        """Return a ratio as a percentage: 0.5 is 50.0%."""
        value = _decimal(x)
        if value is None:
            return NOTHING
        return self._signed(f"{self._grouped(value * 100, decimals)}%")

    def money(
        self,
        minor: int | None,
        currency: str,
        compact: bool = False,  # noqa: FBT001 - fixed by the contract between rooms
        decimals: int | None = None,
    ) -> str:
        """Return minor units as an amount with its currency sign.

        Decimals are shown for broken amounts under 1,000 unless ``decimals`` says otherwise;
        ``compact`` writes 1.2M.

        Examples
        --------
        >>> language("en").money(-950, "EUR"), language("en").money(123456700, "USD", compact=True)
        ('-€9.50', '$1.2M')
        """
        if minor is None:
            return NOTHING
        value = from_minor(minor, currency)
        if decimals is None:
            whole = abs(value) >= _WHOLE_FROM or value == value.to_integral_value()
            decimals = 0 if whole else exponent(currency)
        number = self._compacted(value) if compact else self._grouped(value, decimals)
        return self._with_symbol(number, currency)

    def date(self, day: date | None) -> str:
        """Return a day with the month as a word."""
        return self._dated(day, "d בMMM y" if self.code == "he" else "d MMM y")

    def month(self, day: date | None) -> str:
        """Return the month of a day, shortened, with its year."""
        return self._dated(day, "MMM y")

    def period(self, period: Period) -> str:
        """Return the name of a period.

        Examples
        --------
        >>> from spm_lib.core.calendar import WorkCalendar
        >>> language("en").period(WorkCalendar().period_of(date(2026, 9, 30), "quarter"))
        'Q3 2026'
        """
        if period.grain == "day":
            return self.date(period.start)
        if period.grain == "month":
            return self.month(period.start)
        if period.grain == "week":
            return self.text("week of {date}", date=self.date(period.start))
        year, _, quarter = period.label.partition("-Q")
        if not quarter:
            return self.text("FY{year}", year=year[2:]) if year.startswith("FY") else year
        if year.startswith("FY"):
            return self.text("Q{quarter} FY{year}", quarter=quarter, year=year[2:])
        return self.text("Q{quarter} {year}", quarter=quarter, year=year)

    def interval(self, low: str, high: str) -> str:
        """Return two written numbers as a range whose lower end stays on the left.

        Beside a sign a dash would be read as another one: such ends are joined by a word.

        Examples
        --------
        >>> language("en").interval("41.0%", "52.3%"), language("en").interval("-4%", "+6%")
        ('41.0%–52.3%', '-4% to +6%')
        """
        if any(end.lstrip(_MARKS).startswith(("-", "+")) for end in (low, high)):
            return self.text("{low} to {high}", low=low, high=high)
        if self.direction == "rtl" and "rtl" in (first_strong(low), first_strong(high)):
            return f"{RLI}{low}{PDI}–{RLI}{high}{PDI}"  # amounts that are words: 1.2 million
        span = f"{low}–{high}"
        return f"{LRI}{span}{PDI}" if self.direction == "rtl" else span

    def isolate(self, s: str) -> str:
        """Wrap text of unknown direction so that it cannot disturb its neighbours."""
        return isolate(s)

    def label(self, s: str) -> str:
        """Wrap a whole chart label in the page's own direction (left as it is in English)."""
        s = tame(s)
        return f"{RLI}{s}{PDI}" if self.direction == "rtl" else s

    def list(self, items: Sequence[str]) -> str:
        """Return items as one enumeration: a, b and c."""
        if len(items) < 2:
            return "".join(items)
        head, last = ", ".join(items[:-1]), items[-1]
        if first_strong(last) != "rtl":
            return self.text("{items} and {last} ", items=head, last=last).strip()
        return self.text("{items} and {last}", items=head, last=last)

    @property
    def _catalogue(self) -> Catalogue:
        return catalogue(self.code)

    def _filled(self, template: str, values: dict[str, object]) -> str:
        if not values:
            return template
        if self.direction == "rtl":
            template = _hung(template, values)
        return template.format(
            **{k: _counting(embed(v, self.direction)) for k, v in values.items()}
        )

    def _grouped(self, value: Decimal, decimals: int) -> str:
        if value.is_infinite():
            return "∞" if value > 0 else "-∞"
        step = Decimal(1).scaleb(-decimals)
        rounded = value.quantize(step, rounding=ROUND_HALF_UP)
        return f"{rounded if rounded else abs(rounded):,.{max(decimals, 0)}f}"

    def _compacted(self, value: Decimal) -> str:
        for step, msgid in _STEPS:
            if abs(value) >= step * Decimal("0.9995"):
                number = self._grouped(value / step, 0 if abs(value) >= 100 * step else 1)
                return self.text(msgid, number=self._signed(number.removesuffix(".0")))
        return self._grouped(value, 0)

    def _short(self, value: Decimal) -> str:
        return self._signed(self._compacted(value))

    def _signed(self, number: str) -> str:
        if self.direction == "rtl" and number[:1] in "-+":
            return f"{LRI}{number}{PDI}"
        return number

    def _with_symbol(self, number: str, currency: str) -> str:
        symbol = _symbol(currency)
        if self.direction == "rtl":
            return f"{self._signed(number)}\u00a0{symbol}"
        if number.startswith("-"):
            return f"-{symbol}{number[1:]}"
        return f"{symbol}{number}"

    def _dated(self, day: date | None, pattern: str) -> str:
        if day is None:
            return NOTHING
        from babel.dates import format_date

        return format_date(day, pattern, locale=self.code)


def _counting(value: object) -> object:
    """Let a number, written or not, choose the words beside it (see ``counted``)."""
    if isinstance(value, str):
        return Counted(value)
    return Whole(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _decimal(x: type_of_number | None) -> Decimal | None:
    if x is None or (isinstance(x, float) and math.isnan(x)):
        return None
    return Decimal(str(x))


@functools.cache
def _symbol(currency: str) -> str:
    from babel.numbers import get_currency_symbol

    return get_currency_symbol(currency, locale="en")


@functools.cache
def language(code: str) -> Language:
    """Return a language by its code, "en" or "he".

    Raises
    ------
    ParameterError
        If the language is not one of these.
    """
    if code not in LANGUAGES:
        raise ParameterError(
            "There is no such language.",
            found=repr(code),
            do=f"Use one of: {', '.join(LANGUAGES)}",
        )
    return Language(code)  # pyright: ignore[reportArgumentType] - checked on the line above


def _hung(template: str, values: Mapping[str, object]) -> str:
    """Hang a Hebrew prefix on what stands after it: by a hyphen where that is no Hebrew word.

    Examples
    --------
    >>> _hung("ל{name}", {"name": "Noa"}), _hung("ל{name}", {"name": "נועה"})
    ('ל-{name}', 'ל{name}')
    """

    def joined(found: re.Match[str]) -> str:
        text = str(values.get(found[2], "")).lstrip(_MARKS)
        return found[0] if "א" <= text[:1] <= "ת" else f"{found[1]}-{{{found[2]}}}"

    return _PREFIX.sub(joined, template)
