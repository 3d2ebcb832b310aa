"""Names of folders: no way out, no devices, and no two scopes in one folder."""

from __future__ import annotations

import itertools
import unicodedata
from datetime import date
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm_lib.store import RunFolder
from spm_lib.store.names import safe_name

RUN = RunFolder(Path("out"), "acme", date(2026, 9, 30))
TRICKS = [
    "../x",
    "..",
    "x",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "a:b",
    "a-b",
    "a|b",
    "a b",
    "a b ",
    "a\u00a0b",
    "CON",
    "_CON",
    "con.txt",
    "NUL ",
    "COM1",
    "C:",
    "~",
    "$HOME",
    "%TEMP%",
    "-rf",
    "a\x00b",
    "a\nb",
    "\u202ex",
    "x\u2066",
    "é",
    "e\u0301",
    "",
    " ",
    "_",
    "all",
    "x" * 300,
    "x" * 301,
    "\U00020000" * 90,
    ".hidden",
    "hidden",
    "a.",
    "a",
]


@pytest.mark.parametrize("scope", TRICKS)
def test_a_scope_is_one_plain_folder_below_the_run(scope: str) -> None:
    path = RUN.report("funnel", language="en", scope=scope).path
    assert path.parts[:-2] == (*RUN.path.parts, "funnel")
    name = path.parts[-2]
    assert name not in ("", ".", "..", "all")
    assert len(name.encode()) < 255
    assert not set(name) & set('/\\:*?"<>|\x00\n\u202e\u2066')
    assert not name.startswith(("-", ".", " "))
    assert not name.endswith((".", " "))
    assert not PureWindowsPath(name).is_reserved()


def test_scopes_that_look_alike_when_cleaned_have_folders_of_their_own() -> None:
    names = {scope: RUN.report("r", language="en", scope=scope).path.parts[-2] for scope in TRICKS}
    for one, two in itertools.combinations(TRICKS, 2):
        assert names[one].casefold() != names[two].casefold(), (one, two)


@given(st.text(max_size=120))
def test_a_safe_name_is_safe_and_stays_itself(text: str) -> None:
    name = safe_name(text)
    assert name
    assert len(name) <= 81
    assert len(name.encode()) <= 201
    assert "/" not in name
    assert "\\" not in name
    assert unicodedata.normalize("NFC", name) == name
    assert safe_name(name) == name
