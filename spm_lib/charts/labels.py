"""Words on a chart: isolated for right-to-left reading, shortened, wrapped into lines."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from spm_lib.charts.rows import Row
from spm_lib.charts.theme import Look
from spm_lib.core.bidi import FSI, LRI, PDI, RLI, first_strong, tame

_ISOLATES = LRI + RLI + FSI + PDI
USUAL, NARROWEST = 190, 380  # pixels of usual names, and of a plot beside long ones
NAME = 44  # letters of a name beside a plot, its n not counted
_TITLE_LETTER, _LABEL_LETTER = 6.9, 6.2  # pixels per letter: Heebo bold 14, regular 11


def isolate(text: str, look: Look) -> str:
    r"""Wrap mixed text so that a right-to-left chart shows its parts in reading order.

    vl-convert ignores direction marks; it obeys isolates, which Heebo draws as nothing.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> isolate("שלב B (2)", Look(language("he"))) == "\u2067שלב B (2)\u2069"
    True
    >>> isolate("Stage B (2)", Look(language("en")))
    'Stage B (2)'
    """
    return look.language.label(text) if text else text


def named(text: str, look: Look) -> str:
    r"""Wrap a name in the direction of its own first letter, as the tables of a page show it.

    Without a letter (``2025-12``) it is read from left to right.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> named("1-Qualify", Look(language("he"))) == "\u20661-Qualify\u2069"
    True
    >>> named("1-הצעה", Look(language("en"))) == "\u20671-הצעה\u2069"
    True
    >>> named("1-Qualify", Look(language("en")))
    '1-Qualify'
    """
    text = " ".join(tame(text).split("\n"))
    own = first_strong(text) or "ltr"
    if not text or (own == "ltr" and not look.right_to_left):
        return text
    return f"{RLI if own == 'rtl' else LRI}{text}{PDI}"


def shorten(text: str, *, letters: int = 30) -> str:
    """Cut a long label, so that isolates are never cut off by the renderer.

    Examples
    --------
    >>> shorten("Customer asked for another quotation", letters=20)
    'Customer asked for…'
    """
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def labels_for(values: Sequence[Any], look: Look, *, letters: int = 30) -> list[str]:
    """Give each value the label it is drawn under: short, in its own direction, no two alike.

    Null is "–"; equal names stay apart by a number in parentheses.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> labels_for(["Dana", None, "Dana"], Look(language("en")))
    ['Dana', '–', 'Dana (2)']
    """
    seen: Counter[str] = Counter()
    out = []
    for value in values:
        text = shorten("–" if value is None else str(value), letters=letters)
        seen[text] += 1
        out.append(named(text if seen[text] == 1 else f"{text} ({seen[text]})", look))
    return out


def counted_labels(rows: Sequence[Row], look: Look) -> list[str]:
    """Give each row its ``label`` and, whole, its ``n``: no two alike.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> counted_labels([{"label": "Dana", "n": 1200}], Look(language("en")))
    ['Dana (n=1,200)']
    """
    names = [shorten("–" if r["label"] is None else str(r["label"]), letters=NAME) for r in rows]
    told = [
        f"{name} (n={look.language.number(r['n'])})" for name, r in zip(names, rows, strict=True)
    ]
    return labels_for(told, look, letters=NAME + 20)


def beside_names(labels: Sequence[str], look: Look) -> Look:
    """Make a plot narrower by what its longest name takes, so that its letters stay as large.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> look = Look(language("en"))
    >>> beside_names(["Dana"], look).width, beside_names(["x" * 50], look).width
    (560, 440)
    """
    longest = max((text_width(label) for label in labels), default=0)
    return replace(look, width=min(look.width, max(NARROWEST, int(look.width + USUAL - longest))))


def lines(text: str, look: Look, *, letter: float = _TITLE_LETTER) -> list[str]:
    """Break text into lines that fit the plot, each isolated on its own.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> lines("Fewer deals were won than planned", Look(language("en"), width=150))
    ['Fewer deals were', 'won than planned']
    """
    widest = max(int(look.width / letter), 10)
    narrower, broken = widest, _wrapped(text, widest)
    while len(broken) > 1:  # lines of like length, no lone last word
        narrower = min(narrower, max(map(len, broken))) - 1  # down to here nothing changes
        tried = _wrapped(text, narrower)
        if narrower <= widest // 2 or len(tried) > len(broken):
            break
        broken = tried
    return [isolate(line, look) for line in broken]


def _wrapped(text: str, letters: int) -> list[str]:
    return textwrap.wrap(text, letters, break_long_words=False)


def text_width(text: str) -> float:
    """Estimate the width of a label in pixels.

    Examples
    --------
    >>> text_width("Won")
    18.6
    """
    return round(len([c for c in text if c not in _ISOLATES]) * _LABEL_LETTER, 1)


def amount_text(value: Any, look: Look, currency: str | None = None) -> str:
    """Write a number of deals, or an amount of minor units, as it stands beside a mark.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> amount_text(120_000_000, Look(language("en")), "ILS")
    '₪1.2M'
    """
    write = look.language
    plain = currency is None
    return isolate(
        write.number(value) if plain else write.money(value, currency, compact=True), look
    )
