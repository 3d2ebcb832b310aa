"""The letter as a mail program reads it: one recipient, two languages, nothing smuggled in."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from spm_lib.delivery import Grant, Recipient, bundle_for, read_run
from spm_lib.delivery.letter import compose
from spm_lib.delivery.settings import LetterText, MailSettings

from .run_on_disk import AS_OF, canary, write_item, write_run

NOW = datetime(2026, 10, 1, 4, 30, tzinfo=UTC)
HOSTILE = "Noa\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>{title}\u202egpj"


def mail(**changes) -> MailSettings:
    return MailSettings.model_validate(
        {"host": "127.0.0.1", "sender": "reports@example.com", **changes}
    )


def written(
    tmp_path: Path, settings: MailSettings, language: str = "he", scope: str = "rep:r7", **item
) -> EmailMessage:
    """Return the letter as a mail program reads it from its bytes."""
    folder = tmp_path / AS_OF
    run = read_run(write_run(folder, [write_item(folder, scope, language=language, **item)]))
    recipient = Recipient("noa@example.com", language, (Grant(scope),))
    bundle = bundle_for(recipient, run.items, as_of=run.as_of)
    letter = compose(bundle, bundle.read(), mail=settings, run=run, pack="p", now=NOW).as_bytes()
    assert all(byte < 128 for byte in letter)
    assert all(len(line) <= 998 for line in letter.split(b"\r\n"))
    assert b"\n" not in letter.replace(b"\r\n", b"")
    return message_from_bytes(letter, policy=policy.default)


def part(letter: EmailMessage, kind: str) -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return body.get_content()


class Page(HTMLParser):
    """Tags and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data) -> None:
        self.words += data


def test_a_hebrew_letter_is_right_to_left_in_both_parts(tmp_path) -> None:
    letter = written(tmp_path, mail(sender_name="Acme Reports"))
    assert letter["To"] == "noa@example.com"
    assert letter["From"] == "Acme Reports <reports@example.com>"
    assert letter["Subject"] == "דוחות עבור נועה כהן, נכון ליום 30 בספט׳ 2026"
    assert letter["Content-Language"] == "he"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = part(letter, "plain")
    assert "מצורפים הדוחות עבור נועה כהן, נכון ליום 30 בספט׳ 2026: משפך המכירות." in text
    page = Page(part(letter, "html"))
    assert ("html", {"lang": "he", "dir": "rtl"}) in page.tags
    assert "".join(text.split()) in "".join(page.words.split())
    assert [a.get_filename() for a in letter.iter_attachments()] == [
        f"funnel נועה-כהן {AS_OF}.{suffix}" for suffix in ("html", "pdf", "xlsx")
    ]
    for attached in letter.iter_attachments():
        content = attached.get_payload(decode=True)
        assert canary("rep:r7").encode() in content
        assert b"\n.dot\n" in content


def test_an_english_letter_about_the_company_names_the_client(tmp_path) -> None:
    letter = written(tmp_path, mail(attach="zip"), "en", "company")
    assert letter["Subject"] == "Reports for Acme Ltd, as of 30 Sep 2026"
    assert ("html", {"lang": "en", "dir": "ltr"}) in Page(part(letter, "html")).tags
    [attached] = letter.iter_attachments()
    assert attached.get_filename() == f"Reports {AS_OF}.zip"
    assert attached.get_content_type() == "application/zip"


def test_own_texts_are_filled_and_nothing_in_a_name_is_read_as_a_field(tmp_path) -> None:
    own = LetterText(subject="{title} {{x}}", body="שלום {name}\n\nליום {as_of}")
    letter = written(tmp_path, mail(he=own), title="{name} {as_of.year}")
    assert letter["Subject"] == "{name} {as_of.year} {x}"
    assert " ".join(part(letter, "plain").split()) == "שלום נועה כהן ליום 30 בספט׳ 2026"


@pytest.mark.parametrize("field", ["who", "title"])
def test_a_hostile_name_adds_no_header_no_tag_and_no_turn(tmp_path, field) -> None:
    own = LetterText(subject="{name} {title}", body="{name} {title}")
    letter = written(tmp_path, mail(en=own), "en", **{field: HOSTILE})
    assert letter["Bcc"] is None
    assert letter["To"] == "noa@example.com"
    assert set(letter.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("Content-Language", "MIME-Version", "Content-Type"),
    }
    assert "Noa Bcc: all@example.com <script>alert(1)</script>{title}gpj" in letter["Subject"]
    page = Page(part(letter, "html"))
    assert {tag for tag, _ in page.tags} <= {"html", "head", "meta", "title", "body", "p", "br"}
    assert "<script>" in page.words
    assert "\u202e" not in part(letter, "html") + part(letter, "plain")
    for attached in letter.iter_attachments():
        name = attached.get_filename() or ""
        assert not set(name) & set('/\\\r\n"<>\u202e')


def test_the_letter_depends_on_its_content_only(tmp_path) -> None:
    first, second = (written(tmp_path / name, mail()) for name in "ab")
    other = written(tmp_path / "c", mail(), who="Noa")
    assert first.as_bytes() == second.as_bytes()
    assert first["Message-ID"] != other["Message-ID"]
    assert first["Message-ID"].endswith("@example.com>")
