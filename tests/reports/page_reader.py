"""Reads a finished page with the standard library's parser only: the tests' own second route."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr", "link", "input"}
BIDI = re.compile("[‎‏‪-‮⁦-⁩]")


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parts: list[str] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """The text inside, put together when it is first asked for."""
        return "".join(self.parts)


@dataclass
class Reader(HTMLParser):
    """Collects every element with its attributes and the text directly or indirectly inside."""

    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {k: v or "" for k, v in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            if self.open.pop().tag == tag:
                break

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.parts.append(data)

    def all(self, *tags: str) -> list[Element]:
        return [e for e in self.elements if e.tag in tags]

    def having(self, tag: str, name: str) -> list[Element]:
        return [e for e in self.all(tag) if name in e.attributes.get("class", "").split()]


@lru_cache(maxsize=64)  # of one page many things are asked
def read(page: str) -> Reader:
    """Return what stands in a page; nobody changes it."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


STEPS = {"K": 1e3, "M": 1e6, "B": 1e9, "אלף": 1e3, "מ׳": 1e6, "מיליארד": 1e9}
NUMBER = re.compile(
    r"(?P<less><)?(?P<sign>[-+])?₪?(?P<digits>\d[\d,]*(\.\d+)?)\s?(?P<step>K|M|B|אלף|מ׳|מיליארד)?"
    r"(?P<percent>%)?"
)


def numbers(text: str) -> list[tuple[float, float]]:
    """Return the numbers in a text with half of the last digit that is shown."""
    found = []
    for m in NUMBER.finditer(BIDI.sub("", text).replace("\N{NO-BREAK SPACE}", " ")):
        scale = STEPS.get(m["step"] or "", 1) * (0.01 if m["percent"] else 1)
        digits = m["digits"].replace(",", "")
        decimals = len(digits.partition(".")[2])
        half = 0.5 * 10**-decimals * scale
        if m["less"]:
            found.append((0.0, float(digits) * scale))
            continue
        sign = -1 if m["sign"] == "-" else 1
        found.append((sign * float(digits) * scale, half * 1.0001))
    return found
