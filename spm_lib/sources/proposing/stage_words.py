"""Words by which stages say that a deal is won, lost or still open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

WON = r"\bwon\b|^win$|זכי?יה|\bזכינו|נסגר(?:ה)? בהצלחה|נסגר - זכ"
LOST = r"\blost\b|^loss$|הפסד|אבוד|אבדה"
DOUBTFUL = (
    r"\bclosed?\b|\bdone\b|complet|cancel|abandon|reject|disqualif|unqualif|dead|declin|withdraw|"
    r"no decision|on hold|hold|park|nurtur|recycl|stall|dormant|archiv|duplicate|signed|deliver|"
    r"נסגר|סגור|בוטל|נדחה|מוקפא|הקפאה|הסתיים|הושלם|לא רלוונטי"
)
OPEN = (
    r"lead|prospect|new|qualif|discover|demo|meeting|needs|analysis|engag|develop|present|"
    r"propos|"
    r"quot|negot|review|contract|commit|verbal|evaluat|trial|pilot|contact|appoint|interest|open|"
    r"in progress|pipeline|consider|decision|perception|validat|solution|follow|"
    r"ליד|חדש|פגישה|הצעה|הצעת|משא ומתן|מו\"מ|איתור|אפיון|הדגמה|בתהליך|פתוח|חוזה|מעקב|צרכים|פניה|קשר"
)
_ORDER = (
    r"lead|new|ליד|חדש|פניה|open|פתוח", r"prospect|contact|קשר|איתור|suspect|interest",
    r"qualif|appoint|פגישה|meeting", r"discover|needs|engag|develop|analysis|אפיון|צרכים",
    r"demo|present|solution|trial|pilot|הדגמה",
    r"propos|quot|הצעה|הצעת|decision|evaluat|validat|consider",
    r"negot|משא ומתן|מו\"מ|review|contract|חוזה", r"verbal|commit|clos",
)  # fmt: skip
Verdict = Literal["open", "won", "lost", "unsure"]


@dataclass(frozen=True)
class StageGuess:
    """Stage values sorted by what their words say; ``why``: how open ones were put in order."""

    open: tuple[str, ...] = ()
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    why: str = ""


def verdict(stage: str) -> Verdict:
    """Return what a stage's own words say.

    Examples
    --------
    >>> [verdict(s) for s in ("Closed Won", "Closed", "3-Propose", "זכייה", "Lost to rival", "X17")]
    ['won', 'unsure', 'open', 'won', 'lost', 'unsure']
    """
    words = stage.casefold()
    won, lost = bool(re.search(WON, words)), bool(re.search(LOST, words))
    if won != lost:
        return "won" if won else "lost"
    numbered = re.match(r"^[0-9]+ ?[-._)]", words)
    if won or (re.search(DOUBTFUL, words) and not numbered):
        return "unsure"
    return "open" if numbered or re.search(OPEN, words) else "unsure"


def guess_stages(stages: Sequence[str]) -> StageGuess:
    """Return stages sorted by verdict, open ones by their numbers, else by the usual order."""
    sides: dict[str, list[str]] = {"open": [], "won": [], "lost": [], "unsure": []}
    for stage in stages:
        sides[verdict(stage)].append(stage)
    numbers = [re.match(r"^[0-9]+", stage) for stage in sides["open"]]
    if all(numbers):
        ordered = sorted(sides["open"], key=lambda s: int(re.split(r"[^0-9]", s)[0]))
        why = "in the order of their numbers" if ordered else ""
    else:
        ordered = sorted(sides["open"], key=usual_place)
        why = "in the usual order of such words: put them in yours"
    return StageGuess(
        tuple(ordered), tuple(sides["won"]), tuple(sides["lost"]), tuple(sides["unsure"]), why
    )


def usual_place(stage: str) -> int:
    """Return where a stage of such a name usually stands.

    Examples
    --------
    >>> sorted(["Negotiation", "Lead", "Proposal"], key=usual_place)
    ['Lead', 'Proposal', 'Negotiation']
    """
    words = stage.casefold()
    return next((i for i, p in enumerate(_ORDER) if re.search(p, words)), len(_ORDER) // 2)
