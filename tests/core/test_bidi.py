"""Client text is made tame: it keeps to itself, and every format can hold it."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from spm_lib.core.bidi import FSI, LRI, PDI, RLI, embed, isolate, tame
from spm_lib.core.language import language

CONTROLS = "\r\x00\x1b\x85\u2028\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
WILD = st.text(st.sampled_from("a1נ ,\t\n" + CONTROLS), max_size=14) | st.text(max_size=20)


def depths(line: str) -> list[int]:
    depth, seen = 0, []
    for c in line:
        depth += {LRI: 1, RLI: 1, FSI: 1, PDI: -1}.get(c, 0)
        seen.append(depth)
    return [*seen, depth]


@given(WILD)
def test_tame_text_opens_and_closes_its_isolates_on_each_line(text: str) -> None:
    made = tame(text)
    for line in made.split("\n"):
        assert min(depths(line)) >= 0
        assert depths(line)[-1] == 0
    assert not set(made) & set("\u202a\u202b\u202c\u202d\u202e\u2028\u2029\x85\r")
    assert tame(made) == made


@given(WILD)
def test_every_format_can_hold_tame_text(text: str) -> None:
    root = ElementTree.Element("t")
    root.text = tame(text)
    again = ElementTree.fromstring(ElementTree.tostring(root, encoding="utf-8"))
    assert (again.text or "") == tame(text)


@given(WILD)
def test_what_is_not_wild_is_left_alone(text: str) -> None:
    plain = "".join(c for c in text if c not in CONTROLS and c.isprintable())
    assert tame(plain) == plain


@given(WILD, st.sampled_from(["ltr", "rtl"]))
def test_a_name_in_a_sentence_cannot_reach_its_neighbours(name: str, direction: str) -> None:
    """Wrapped or not, it closes all it opens, on one line; isolated if it runs the other way."""
    made = embed(name, direction)
    assert "\n" not in made
    assert min(depths(made)) >= 0
    assert depths(made)[-1] == 0
    assert "\n" not in isolate(name)


def test_an_isolate_that_ends_early_does_not_pass_for_a_whole_one() -> None:
    assert embed("\u2066a\u2069 נועה", "ltr") == isolate("\u2066a\u2069 נועה")
    assert embed("\u2067נועה\u2069", "ltr") == "\u2067נועה\u2069"
    assert language("he").label("a\u2069 b") == "\u2067a b\u2069"
    assert language("en").text("{a} won", a="\u202eנועה") == f"{FSI}נועה{PDI} won"
