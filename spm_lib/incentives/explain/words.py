"""What the lines of a payment are called, and the reasons that the chain itself gives."""

from __future__ import annotations

import re
from datetime import date

from spm_lib.core.calendar import Period
from spm_lib.core.language import Language
from spm_lib.core.statement import Phrase

KINDS: dict[str, str] = {
    kind: phrase.text
    for kind, phrase in {
        "earning": Phrase("earned"),
        "release": Phrase("released"),
        "clawback": Phrase("taken back"),
        "adjustment": Phrase("adjustment"),
        "cap": Phrase("cap"),
        "carried": Phrase("carried"),
        "floor": Phrase("raised to zero"),
        "draw": Phrase("draw against commission"),
        "guarantee": Phrase("guarantee"),
        "recovery": Phrase("draw repaid"),
        "correction": Phrase("correction"),
    }.items()
}
NO_DEAL = Phrase("of no single deal").text
TRUE_UP = Phrase("true-up of earlier deals and quota").text
CHANGED = Phrase("changed after it was closed").text
REASONS = tuple(
    phrase.text
    for phrase in (
        Phrase("extra"),
        Phrase("negative period"),
        Phrase("carried from before"),
        Phrase("cap on the plan"),
        Phrase("cap on the payment"),
        Phrase("from above the cap"),
    )
)
_SAID = {
    *REASONS,
    NO_DEAL,
    TRUE_UP,
    CHANGED,
    *(
        phrase.text
        for phrase in (
            Phrase("rule changed"),
            Phrase("quota changed"),
            Phrase("gate"),
            Phrase("multiplier"),
            Phrase("earlier periods changed"),
            Phrase("owner changed"),
            Phrase("late deal"),
            Phrase("deal removed"),
            Phrase("date changed"),
            Phrase("split changed"),
            Phrase("amount changed"),
            Phrase("balances before it changed"),
            Phrase("what comes before this line changed"),
            Phrase("dispute"),
        )
    ),
}


_LABEL = re.compile(r"(?P<year>(?:FY)?\d{4})(?:-(?P<part>\d\d|[QH]\d))?")


def period_told(label: str, language: Language) -> str:
    """Return the name of a pay period in a language; what is no label of one, as it is.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> [period_told(label, language("en")) for label in ("2026-09", "FY2027-Q1", "2026-H2", "D1")]
    ['Sep 2026', 'Q1 FY2027', 'H2 2026', 'D1']
    """
    found = _LABEL.fullmatch(label)
    if found is None:
        return label
    year, part = found["year"], found["part"] or ""
    if part.isdigit():
        return language.month(date(int(year), int(part), 1)) if 1 <= int(part) <= 12 else label
    of_year = language.text("FY{year}", year=year[2:]) if year.startswith("FY") else year
    if part.startswith("H"):
        return language.text("H{half} {year}", half=part[1:], year=of_year)
    day = date(int(year[-4:]), 1, 1)  # only the label is written
    return language.period(Period("quarter" if part else "year", day, day, label))


def reason_told(reason: str, language: Language) -> str:
    """Return a reason in a language: the words of the chain and periods, not the deals it names.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> reason_told("2026-08: split changed: D1; quota changed", language("en"))
    'Aug 2026: split changed: D1; quota changed'
    """
    return "; ".join(_part_told(part.split(": "), language) for part in reason.split("; "))


def _part_told(words: list[str], language: Language) -> str:
    """Return words of a reason; a period stands at its beginning only: a deal may be called so."""
    first, *rest = words
    told = [language.text(first) if first in _SAID else period_told(first, language)]
    told += [language.text(word) if word in _SAID else word for word in rest]
    return ": ".join(told)
