"""What the lines of a payment are called, and the reasons that the chain itself gives."""

from __future__ import annotations

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
