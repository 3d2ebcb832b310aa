"""The letter that carries a bundle: plain text and HTML in the reader's language and direction."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from spm_lib.core.bidi import embed
from spm_lib.core.language import Language, language
from spm_lib.delivery.addresses import domain_of
from spm_lib.delivery.bundle import Bundle, Contents
from spm_lib.delivery.packing import zip_bytes
from spm_lib.delivery.plain_line import plain_line
from spm_lib.delivery.run_items import Run
from spm_lib.delivery.settings import MailSettings
from spm_lib.store import safe_name, sha256_json

_POLICY = SMTP.clone(cte_type="7bit")
_TYPES = {
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".zip": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".ipynb": "application/x-ipynb+json",
}
_PAGE = """<!DOCTYPE html>
<html lang="{lang}" dir="{dir}"><head><meta charset="utf-8"><title>{title}</title></head>
<body dir="{dir}" style="font-family: Arial, sans-serif; font-size: 15px; line-height: 1.5; \
color: #1a1a1a; text-align: {start}; direction: {dir}">
{paragraphs}
</body></html>
"""


@dataclass(frozen=True)
class LetterDraft:
    """Subject and body of a letter, filled."""

    subject: str
    body: str


def message_id(bundle: Bundle, contents: Contents, *, run: Run, pack: str, sender: str) -> str:
    """Return the id of a letter: the same files to the same address have the same id.

    A mail system that sees the letter twice can tell so.
    """
    print_of = {
        "run": [run.workspace, run.as_of.isoformat(), pack],
        "to": list(bundle.recipient.key),
        "files": dict(contents.hashes),
    }
    return f"<{sha256_json(print_of)[:40]}@{domain_of(sender)}>"


def draft(bundle: Bundle, *, mail: MailSettings, run: Run) -> LetterDraft:
    """Return subject and body in the recipient's language.

    Names and titles come from client data: signs that break lines or turn the direction of text
    are taken out of them, and nothing in them is read as a field or as HTML.
    """
    spoken = language(bundle.recipient.language)
    texts = mail.text(spoken.code)
    subject = texts.subject or spoken.text("Reports for {name}, as of {as_of}")
    body = texts.body or _standard_body(spoken)
    values = {
        "name": spoken.list([plain_line(who) for who in bundle.who or (run.name,)]),
        "title": spoken.list([plain_line(title) for title in bundle.titles]),
        "as_of": spoken.date(run.as_of),
    }
    inside = {key: str(embed(value, spoken.direction)) for key, value in values.items()}
    told = body.format(**inside).strip()
    if bundle.recipient.password_env:
        told += "\n\n" + spoken.text(
            "The PDF files open with the password that was agreed with you."
        )
    return LetterDraft(plain_line(subject.format(**values)), told)


def compose(
    bundle: Bundle,
    contents: Contents,
    *,
    mail: MailSettings,
    run: Run,
    pack: str,
    now: datetime,
) -> EmailMessage:
    """Return the letter: one recipient, plain text with an HTML alternative, and the files."""
    spoken = language(bundle.recipient.language)
    text = draft(bundle, mail=mail, run=run)
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = Address(display_name=mail.sender_name, addr_spec=mail.sender)
    letter["To"] = Address(addr_spec=bundle.recipient.address)
    letter["Subject"] = text.subject
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = message_id(bundle, contents, run=run, pack=pack, sender=mail.sender)
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text.body + "\n")
    letter.add_alternative(_html(text, spoken), subtype="html")
    for name, content in _attached(contents.files, mail=mail, run=run, spoken=spoken).items():
        main, _, sub = _type_of(name).partition("/")
        letter.add_attachment(content, maintype=main, subtype=sub, filename=name)
    letter["Content-Language"] = spoken.code  # now: the library moves earlier ones into a part
    _bind(letter, bundle)
    return letter


def _standard_body(spoken: Language) -> str:
    return "\n\n".join(
        [
            spoken.text("Hello,"),
            spoken.text("Attached are the reports for {name}, as of {as_of}: {title}."),
            spoken.text(
                "This letter was sent by a program. If it is not for you, please delete it."
            ),
        ]
    )


def _html(text: LetterDraft, spoken: Language) -> str:
    paragraphs = [
        f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in text.body.split("\n\n")
    ]
    return _PAGE.format(
        lang=spoken.code,
        dir=spoken.direction,
        start="right" if spoken.direction == "rtl" else "left",
        title=html.escape(text.subject),
        paragraphs="\n".join(paragraphs),
    )


def _attached(
    files: Mapping[str, bytes], *, mail: MailSettings, run: Run, spoken: Language
) -> Mapping[str, bytes]:
    if mail.attach == "files":
        return files
    name = safe_name(f"{spoken.text('Reports')} {run.as_of.isoformat()}")
    return {f"{name}.zip": zip_bytes(files)}


def _type_of(name: str) -> str:
    suffix = name[name.rfind(".") :].lower()
    return _TYPES.get(suffix, "application/octet-stream")


def _bind(letter: EmailMessage, bundle: Bundle) -> None:
    """Give the parts of a letter boundaries of its own, where the library draws them by chance."""
    mark = sha256_json([*bundle.recipient.key, letter["Message-ID"]])[:24]
    for number, part in enumerate(letter.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{number}_{mark}")
