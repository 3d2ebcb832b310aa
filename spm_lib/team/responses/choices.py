"""What a response chooses among, as a person reads it, and read back from what was chosen."""

from __future__ import annotations

from spm_lib.core.language import LANGUAGES, Language, language
from spm_lib.core.statement import Phrase
from spm_lib.team.responses.response_of import goal_metrics

DECISION_WORDS = {
    "accept": Phrase("I accept").text,
    "accept_with_remarks": Phrase("I accept with remarks").text,
    "not_accept": Phrase("I do not accept").text,
}
CATEGORY_WORDS = {
    "target_too_high": Phrase("target too high").text,
    "territory": Phrase("territory").text,
    "data": Phrase("data").text,
    "crediting": Phrase("crediting").text,
    "product": Phrase("product").text,
    "other": Phrase("other").text,
}
CONFIDENCE_WORDS = {
    1: Phrase("1 – not at all").text,
    2: "2",
    3: Phrase("3 – as likely as not").text,
    4: "4",
    5: Phrase("5 – quite sure").text,
}
_BETWEEN = " · "


def metric_choices(tongue: Language) -> dict[str, str]:
    """Return the metrics that a goal may be tied to: id -> name and id, in a language.

    Examples
    --------
    >>> metric_choices(language("en"))["won.count"]
    'Won deals · won.count'
    """
    return {m.id: f"{tongue.text(m.name)}{_BETWEEN}{m.id}" for m in goal_metrics()}


def chosen(words: dict[str, str], told: object) -> object:
    """Return the key that was meant: itself, or its words in any language; else what was told.

    Examples
    --------
    >>> chosen(DECISION_WORDS, "I do not accept"), chosen(DECISION_WORDS, "perhaps")
    ('not_accept', 'perhaps')
    """
    if not isinstance(told, str):
        return told
    asked = told.strip().casefold()
    for key, text in words.items():
        ways = [key, *(language(code).text(text) for code in LANGUAGES)]
        if asked in [way.casefold() for way in ways]:
            return key
    return told


def chosen_metric(told: object) -> object:
    """Return the id of a metric that was chosen by name and id."""
    return told.rsplit(_BETWEEN, 1)[-1].strip() if isinstance(told, str) else told
