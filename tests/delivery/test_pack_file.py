"""A pack file's recipients, [deliver] and [mail]: every fault at once, and no secret told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spm_lib.core import WorkspaceError
from spm_lib.delivery import Grant, load_delivery_pack
from spm_lib.delivery.addresses import check_address
from spm_lib.delivery.mistaken_rows import sees_too_much, warnings_of

from .run_on_disk import row, write_pack

MAIL = """
[mail]
host = "smtp.example.com"
sender = "reports@example.com"
user = "spm"
password = "${SMTP_PASSWORD}"
"""


def loaded(tmp_path: Path, text: str):
    return load_delivery_pack(write_pack(tmp_path / "packs" / "monthly.toml", text))


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(WorkspaceError) as caught:
        loaded(tmp_path, text)
    return str(caught.value)


def test_rows_of_one_address_are_one_recipient(tmp_path) -> None:
    text = (
        'reports = ["funnel"]\nscopes = ["each:rep"]\n'
        + row("manager:m1", "Ruth@example.com")
        + row("rep:r9", "ruth@EXAMPLE.com", reports=["funnel"])
        + row("rep:r9", "ruth@example.com", "en")
        + MAIL
    )
    pack = loaded(tmp_path, text)
    assert pack.name == "monthly"
    assert [(r.address, r.language, r.scopes) for r in pack.recipients] == [
        ("ruth@example.com", "en", ("rep:r9",)),
        ("Ruth@example.com", "he", ("manager:m1", "rep:r9")),
    ]
    assert pack.recipients[1].grants[1] == Grant("rep:r9", ("funnel",), "[[recipients]] 2")
    assert pack.mail is not None
    assert pack.mail.security == "starttls"


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_csv_says_the_same_as_the_rows(tmp_path, sign) -> None:
    cells = [
        ["scope", "address", "language", "reports", "password_env"],
        ["rep:r7", " noa@example.com ", "he", "", "PDF_NOA"],
        ["team:North West", "boss@example.com", "en", "funnel reps", ""],
    ]
    file = tmp_path / "packs" / "recipients.csv"
    file.parent.mkdir()
    text = "\ufeff" + "\r\n".join(sign.join(line) for line in cells) + "\r\n\r\n"
    file.write_bytes(text.encode())
    listed = loaded(tmp_path, 'recipients = "recipients.csv"')
    rows = row("rep:r7", "noa@example.com", password_env="PDF_NOA") + row(
        "team:North West", "boss@example.com", "en", reports=["funnel", "reps"]
    )
    written = loaded(tmp_path, rows)
    assert [(r.key, r.scopes, r.grants[0].reports) for r in listed.recipients] == [
        (r.key, r.scopes, r.grants[0].reports) for r in written.recipients
    ]


def test_all_faults_of_a_csv_come_at_once(tmp_path) -> None:
    file = tmp_path / "packs" / "recipients.csv"
    file.parent.mkdir()
    lines = [
        "scope,address,language,password_env",
        "Company,noa@example.com,he,",
        "rep:r7,noa@@example.com,he,",
        "rep:r8,dan@example.com,hebrew,",
        "rep:r9,x@example.com,he",
        ",y@example.com,he,",
        "rep:r1,z@example.com,he,hunter2!",
        "rep:r2,w@elsewhere.org,he,",
        "rep:r3,v@example.com,en,",
        "rep:r3,V@example.com,en,",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    told = refused(
        tmp_path, 'recipients = "recipients.csv"\n[deliver]\ndomains = ["Example.com"]\n'
    )
    for part in (
        "8 things",
        "line 2 scope: found 'Company'",
        "line 3 address: found 'noa@@example.com'",
        "line 4 language: found 'hebrew'",
        "line 5: 3 cells under 4 columns",
        "line 6 scope: it is missing",
        "line 7 password_env: it is no name",
        "line 10: it says the same as recipients.csv line 9",
        "line 8 address: found 'w@elsewhere.org'. Correct the address; [deliver] domains allows",
    ):
        assert part in told
    assert "hunter2" not in told
    file.write_text("scop,address\n", encoding="utf-8")
    told = refused(tmp_path, 'recipients = "recipients.csv"')
    assert "no column 'scop'. Did you mean 'scope'?" in told
    assert "'language' is missing" in told
    file.write_bytes("scope,address,language\nteam:צפון,a@b.co,he\n".encode("cp1255"))
    assert "not UTF-8" in refused(tmp_path, 'recipients = "recipients.csv"')


def test_all_faults_of_the_mail_come_at_once(tmp_path) -> None:
    told = refused(
        tmp_path,
        row("rep:r7", "noa@example.com", pasword_env="X")
        + """
[deliver]
password_env = "not a name"
see_all = ["Noa <noa@example.com>"]
[mail]
host = "smtp.example.com"
security = "none"
sender = "a@example.com\\nBcc: all@example.com"
sender_name = "boss@bank.com"
password = "hunter2-in-the-file"
[mail.he]
subject = "{name.__class__}"
body = "{naem} {"
""",
    )
    for part in (
        "pasword_env: there is no such key. Did you mean 'password_env'?",
        "[deliver] password_env",
        "[deliver] see_all: found 'Noa <noa@example.com>'",
        '[mail] security: "none" would send reports and passwords readable',
        "[mail] password: a password is written in the file",
        "[mail] user: it is missing",
        "[mail] sender: found",
        "[mail] sender_name: found 'boss@bank.com'",
        "[mail.he] subject: found {name.__class__}",
        "[mail.he] body: found a single { or }",
    ):
        assert part in told
    assert "hunter2" not in told
    assert "not a name" not in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nobody is named"),
        ("recipients = 3", "found 3"),
        ('recipients = "none.csv"', "there is no file"),
        (row("rep:r7", "a@example.com") + "mail = 1", "no such key"),
        (row("rep:r7", "a@example.com") + '[mail]\nhost = "h"', "[mail] sender: it is missing"),
        (
            row("rep:r7", "a@example.com") + MAIL + '[mail.he]\nbdy = "x"',
            "[mail] he.bdy: there is no such key. Did you mean 'body'?",
        ),
        (
            row("rep:r7", "a@example.com") + "[deliver]\nfile = 1",
            "[deliver] file: there is no such key. Did you mean 'files'?",
        ),
        (row("rep:r7", "a@example.com") + '[deliver]\nfiles = ["doc"]', "found 'doc'"),
        ("[[recipients]\n", "cannot be read as TOML"),
    ],
)
def test_what_cannot_be_is_told(tmp_path, text, told) -> None:
    assert told in refused(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "noa",
        "noa@example",
        "Noa <noa@example.com>",
        '"noa cohen"@example.com',
        "noa@example.com, dan@example.com",
        "noa@example.com\nBcc: all@example.com",
        "noa@example.com\r",
        "noa@example.com ",
        "noa..cohen@example.com",
        ".noa@example.com",
        "noa@-example.com",
        "noa@ехample.com",  # Cyrillic letters that look like Latin ones
        "נועה@example.com",
        "noa@[127.0.0.1]",
        "noa@example.com(comment)",
        f"{'a' * 65}@example.com",
        "noa@" + "a" * 250 + ".com",
        "",
    ],
)
def test_only_plain_addresses_pass(text) -> None:
    with pytest.raises(ValueError, match="no e-mail address"):
        check_address(text)


def test_a_slip_that_shows_everything_is_seen(tmp_path) -> None:
    pack = loaded(
        tmp_path,
        row("rep:r7", "noa@example.com")
        + row("company", "Noa@Example.com", "en")
        + row("company", "boss@example.com")
        + row("rep:r7", "dan@example.com")
        + row("rep:r8", "dan@example.com"),
    )
    [(address, why)] = sees_too_much(pack.recipients, allowed=()).items()
    assert address == "noa@example.com"
    assert "rep:r7" in why
    assert "whole company" in why
    assert sees_too_much(pack.recipients, allowed=("noa@example.com",)) == {}
    told = list(warnings_of(pack.recipients, ()))
    assert told == [
        "dan@example.com is named for 2 people: rep:r7, rep:r8.",
        "rep:r7 goes to 2 addresses: dan@example.com, noa@example.com.",
    ]


def test_the_pack_of_the_page_is_one(tmp_path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "reports.md").read_text("utf-8")
    [text] = [
        block for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "mail" in block
    ]
    pack = loaded(tmp_path, text)
    assert [r.address for r in pack.recipients] == ["noa@example.com"]
    assert pack.mail is not None
    assert pack.mail.text("he").subject == "הדוחות שלך ליום {as_of}"
    written = set(re.findall(r"^(\w+) = ", text.partition("[deliver]")[2], re.MULTILINE))
    known = {*type(pack.deliver).model_fields, *type(pack.mail).model_fields, "subject", "body"}
    assert written <= known
