"""Tongues: text on a page with its foreign parts isolated and tagged with their language."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from spm_lib.core.bidi import FSI, PDI, tame

_RUN = re.compile(f"{FSI}([^\u2066-\u2069]*){PDI}")
_HEBREW = re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]")
_LATIN = re.compile("[A-Za-z]")


def tongue_of(text: str, page: str) -> str:
    """Return the language of a text where it is another than the page's and can be told; else "".

    Told by most of its letters: Hebrew ones are Hebrew, Latin ones on a Hebrew page are taken for
    English, and nothing is said of other scripts.

    Examples
    --------
    >>> tongue_of("נועה", "en"), tongue_of("Acme Ltd", "he"), tongue_of("Acme Ltd", "en")
    ('he', 'en', '')
    """
    hebrew, latin = len(_HEBREW.findall(text)), len(_LATIN.findall(text))
    if hebrew == latin:
        return ""
    tongue = "he" if hebrew > latin else "en"
    return "" if tongue == page else tongue


def marked(text: str, page: str) -> Markup:
    r"""Return a text as HTML: escaped, tame, its isolated parts as ``bdi`` in their language.

    Examples
    --------
    >>> marked("\u2068נועה\u2069 won <3", "en")
    Markup('<bdi lang="he">נועה</bdi> won &lt;3')
    """
    text = tame(text)
    parts, end = [], 0
    for run in _RUN.finditer(text):
        parts += [escape(text[end : run.start()]), named(run[1], page)]
        end = run.end()
    return Markup("").join([*parts, escape(text[end:])])


def named(text: str, page: str, *, strong: bool = False, direction: str = "") -> Markup:
    """Return a name as HTML: isolated from its neighbours, and in its own language.

    It runs in the ``direction`` given, or in that of its first letter.

    Examples
    --------
    >>> named("Noa & Co", "en"), named("Noa", "he", strong=True)
    (Markup('<bdi>Noa &amp; Co</bdi>'), Markup('<bdi lang="en" class="strong">Noa</bdi>'))
    """
    text = tame(text)
    given = {"lang": tongue_of(text, page), "dir": direction, "class": "strong" if strong else ""}
    attributes = "".join(f' {name}="{value}"' for name, value in given.items() if value)
    return Markup(f"<bdi{attributes}>{escape(text)}</bdi>")
