"""Secrets are found wherever they are written, and hashes and words are not taken for them."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import zipfile
import zlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm_lib.store.secrets import find_secrets

KNOWN = "p\"w&<ö'/+secret"
VALUE = "a value of the environment"
PLANTED = {
    "an address with a password": "mysql+pymysql://ann:hunter2@10.0.0.1/crm",
    "an AWS key": "AKIA" + "IOSFODNN7EXAMPLE",
    "a GitHub token": "ghp_" + "a1B2" * 9,
    "a GitLab token": "glpat-" + "x1" * 10,
    "a Slack token": "xoxb-" + "1234567890-abcdef",
    "a Google key": "AIza" + "Sy-_7" * 7,
    "a Stripe key": "sk_live_" + "4eC39HqLyjWDarjt",
    "a private key": "-----BEGIN RSA PRIVATE KEY-----",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
    "a bearer token": "Authorization: Bearer abc123def456ghi789",
    "a password of a sign-in": "Authorization: Basic YW5uOmh1bnRlcjI=",
    "a dump of the environment": "PATH=/usr/bin:/bin\nHOME=/root\nSHELL=/bin/sh\n",
}


def kinds(content: bytes | str, **options: object) -> list[str]:
    return [found.kind for found in find_secrets(content, **options)]  # pyright: ignore


def zipped(name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, text)
    return out.getvalue()


def dressings(secret: str) -> dict[str, bytes]:
    """Return a secret inside each kind of file, made by hand."""
    cell = {"cell_type": "code", "outputs": [{"output_type": "stream", "text": [secret + "\n"]}]}
    packed = zlib.compress(f"BT ({secret}) Tj ET".encode())
    sheet = f"<sst><si><t>{html.escape(secret, quote=False)}</t></si></sst>"
    return {
        "html": f"<p title='x'>{html.escape(secret)}</p>".encode(),
        "json": json.dumps({"cells": [cell]}).encode(),
        "unicode": json.dumps({"cells": [cell]}, ensure_ascii=False).encode(),
        "xlsx": zipped("xl/sharedStrings.xml", sheet),
        "pptx in zip": _nested(zipped("ppt/slides/slide1.xml", sheet)),
        "pdf": b"%PDF-1.7\n4 0 obj<</Filter/FlateDecode>>stream\n" + packed + b"\nendstream",
    }


def _nested(inner: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("ann/report.pptx", inner)
    return out.getvalue()


@pytest.mark.parametrize("kind", PLANTED)
def test_each_kind_is_found_in_each_format_and_never_repeated(kind: str) -> None:
    secret = PLANTED[kind]
    for form, content in dressings(secret).items():
        found = find_secrets(content)
        assert kind in [f.kind for f in found], form
        told = " ".join(map(str, found))
        assert not any(part in told for part in secret.split() if len(part) > 9)


def test_a_known_value_is_found_in_each_format_and_writing() -> None:
    for form, content in dressings(KNOWN).items():
        assert VALUE in kinds(content, known=[KNOWN]), form
    for written in (quote(KNOWN, safe=""), f"x{base64.b64encode(b'ann:' + KNOWN.encode())}"):
        assert kinds(f"before {written} after", known=[KNOWN]) == [VALUE]
    for before in ("", "a", "ab", "abc"):
        encoded = base64.b64encode((before + KNOWN + "tail").encode()).decode()
        assert kinds(encoded, known=[KNOWN]) == [VALUE]
    assert kinds("nothing here", known=[KNOWN]) == []


def test_a_known_value_that_is_no_utf8_is_found_as_it_stands() -> None:
    """As an environment of another encoding hands it over."""
    known = ["p\udce9ssword-12"]
    assert find_secrets(b"x=p\xe9ssword-12", known=known)
    assert not find_secrets(b"x=password-12", known=known)


def test_the_member_of_an_archive_is_named_unless_its_name_is_the_secret() -> None:
    (found,) = find_secrets(zipped("xl/comments1.xml", KNOWN), known=[KNOWN])
    assert str(found) == f"{VALUE} in xl/comments1.xml"
    (found,) = find_secrets(_nested(zipped("xl/a.xml", KNOWN)), known=[KNOWN])
    assert str(found) == f"{VALUE} in ann/report.pptx/xl/a.xml"
    told = find_secrets(zipped(f"xl/{KNOWN}.xml", "<a/>"), known=[KNOWN])
    assert told
    assert KNOWN not in str(told)


def test_short_values_do_not_turn_words_into_findings() -> None:
    assert kinds("sales 1234 crm", known=["crm", "1234", "", "sales"]) == []
    assert kinds("the crmpass1 is", known=["crmpass1"]) == [VALUE]
    assert kinds("xcrmpass1y", known=["crmpass1"]) == []
    assert kinds("xcrmpass12y", known=["crmpass12"]) == [VALUE]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({n: hashlib.sha256(n.encode()).hexdigest() for n in ("a.csv", "b.csv")}),
        "https://example.test:8080/path@2x.png and mailto:ann@example.test",
        "postgresql://ann:***@db/crm and postgresql://ann:${CRM_PASSWORD}@db/crm",
        "The bearer of this letter; Bearer bonds; HOME: where PATH is",
        "win_rate.closed.count key=value token: none, password: see the vault",
        "eyJhbGciOiJIUzI1NiJ9 alone, ghp_short, xoxo, AKIA",
    ],
)
def test_what_reports_say_is_no_secret(text: str) -> None:
    assert find_secrets(text) == []


@given(st.binary(max_size=4_000))
def test_pictures_and_fonts_in_base64_are_no_secrets(blob: bytes) -> None:
    content = f"src:url(data:font/ttf;base64,{base64.b64encode(blob * 3).decode()})"
    assert find_secrets(content) == []


def test_a_printed_environment_is_a_dump_however_it_was_printed() -> None:
    fake = {"PATH": "/usr/bin", "HOME": "/home/ann", "LANG": "C.UTF-8", "SHELL": "/bin/sh"}
    for text in (str(fake), json.dumps(fake), f"environ({fake})", json.dumps(json.dumps(fake))):
        for dressed in (text, html.escape(text), json.dumps({"text": [text]})):
            assert kinds(dressed) == ["a dump of the environment"], dressed
