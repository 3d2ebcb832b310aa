"""What the lines of a payment are called, and the reasons that the chain itself gives."""

from __future__ import annotations

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


def reason_told(reason: str, language: Language) -> str:
    """Return a reason in a language: the words of the chain, not the deals and periods it names.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> reason_told("2026-08: split changed: D1; quota changed", language("en"))
    '2026-08: split changed: D1; quota changed'
    """
    parts = [
        ": ".join(language.text(word) if word in _SAID else word for word in part.split(": "))
        for part in reason.split("; ")
    ]
    return "; ".join(parts)
