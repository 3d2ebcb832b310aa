"""A client's id proposed from its name: small latin letters, digits and dashes."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST = 64
_LETTERS = "a b g d h v z h t y k k l m m n n s a p p ts ts k r sh t"
_HEBREW = dict(zip("אבגדהוזחטיכךלמםנןסעפףצץקרשת", _LETTERS.split(), strict=True))
_LATIN = {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}


def slug_of(name: str) -> str:
    """Return an id for a name: Hebrew letters transliterated, accents left off.

    Where letters are lost (other scripts), a hash of the name stands in for them, so that two
    clients have two ids.

    Examples
    --------
    >>> slug_of("Acme Ltd."), slug_of("לקוח ב"), slug_of("Компания 2")
    ('acme-ltd', 'lkvh-b', '2-e4dedc9e')
    """
    letters = unicodedata.normalize("NFKD", name.lower().translate(str.maketrans(_HEBREW | _LATIN)))
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    bare = re.sub("[\"'`’״׳]", "", bare)
    slug = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")
    if slug and not any(sign.isalnum() and not sign.isascii() for sign in bare):
        return slug[:LONGEST].rstrip("-")
    own = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{slug[: LONGEST - 16].rstrip('-') or 'client'}-{own}"
