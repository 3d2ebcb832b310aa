"""What a pack file says under ``[deliver]`` and ``[mail]``: types and the rules between them."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr

from spm_lib.core.errors import DeliveryError
from spm_lib.delivery.addresses import check_address
from spm_lib.delivery.environment import is_name, is_place
from spm_lib.workspace import Fault

KINDS = ("html", "pdf", "xlsx", "pptx", "notebook", "manifest", "figures")
FIELDS = ("name", "title", "as_of")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_FORBIDDEN_IN_NAMES = set('@<>"\\,;:()[]')

Texts = tuple[StrictStr, ...]
Seconds = Annotated[StrictInt | StrictFloat, Field(ge=0, le=3600)]


class DeliverSettings(BaseModel):
    """What is handed over, and what guards it.

    ``files`` are the kinds of files; ``password_env`` names the variable that holds the password of
    every PDF; ``domains`` are the only domains to which anything goes (any, where empty);
    ``see_all`` are addresses that are meant to get a narrower scope and the whole company too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: tuple[Literal["html", "pdf", "xlsx", "pptx", "notebook", "manifest", "figures"], ...] = (
        Field(("html", "pdf", "xlsx", "pptx"), min_length=1)
    )
    password_env: StrictStr | None = None
    domains: Texts = ()
    see_all: Texts = ()


class LetterText(BaseModel):
    """Subject and body in one language, with the fields ``{name}``, ``{title}``, ``{as_of}``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: StrictStr | None = None
    body: StrictStr | None = None


class MailSettings(BaseModel):
    """How letters are sent. ``password`` is always a ``${NAME}``; it is filled to log in only.

    ``security`` is "starttls", "tls" or, to this machine only, "none". ``ca_file`` is the
    certificate of the authority that signed the server's, where the system does not know it.
    ``retry_seconds`` are the waits before letters are tried again that were put off (4xx).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: StrictStr
    port: StrictInt = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: StrictStr | None = None
    password: StrictStr | None = None
    sender: StrictStr
    sender_name: StrictStr = ""
    attach: Literal["files", "zip"] = "files"
    max_mb: StrictInt = Field(20, ge=1, le=150)
    ca_file: Path | None = None
    retry_seconds: tuple[Seconds, ...] = (30, 120, 300)
    timeout_seconds: Seconds = 60
    en: LetterText = LetterText()
    he: LetterText = LetterText()

    @property
    def largest(self) -> int:
        """The most bytes that a letter may have."""
        return self.max_mb * 1_000_000

    def text(self, language: str) -> LetterText:
        """Return the texts of one language."""
        return self.he if language == "he" else self.en


def deliver_faults(deliver: DeliverSettings) -> Iterator[Fault]:
    """Give the faults of ``[deliver]`` that types do not find."""
    if deliver.password_env is not None and not is_name(deliver.password_env):
        # The value is not told: it may be a password written in the wrong place.
        found = "it is no name of an environment variable"
        yield Fault("[deliver] password_env", found, 'Write a name, such as "PDF_PASSWORD"')
    for domain in deliver.domains:
        if not _holds(lambda domain=domain: check_address(f"x@{domain}")):
            yield Fault("[deliver] domains", f"found '{domain}'", 'Write such as "example.com"')
    for address in deliver.see_all:
        if not _holds(lambda address=address: check_address(address)):
            yield Fault("[deliver] see_all", f"found '{address}'", "Write bare e-mail addresses")


def mail_faults(mail: MailSettings) -> Iterator[Fault]:
    """Give the faults of ``[mail]`` that types do not find."""
    if not mail.host.strip() or not mail.host.isprintable() or " " in mail.host:
        yield Fault("[mail] host", f"found '{mail.host}'", 'Write such as "smtp.example.com"')
    if mail.security == "none" and mail.host not in _LOOPBACK:
        found = f'"none" would send reports and passwords readable to {mail.host}'
        yield Fault("[mail] security", found, 'Write "starttls" or "tls"')
    if mail.password is not None and not is_place(mail.password):
        # The value is not told: it may be the password itself.
        found = "a password is written in the file"
        do = 'Put it in the environment and write its place, such as "${SMTP_PASSWORD}"'
        yield Fault("[mail] password", found, do)
    if (mail.user is None) != (mail.password is None):
        key = "user" if mail.user is None else "password"
        yield Fault(f"[mail] {key}", "it is missing", "user and password go together")
    if not _holds(lambda: check_address(mail.sender)):
        do = "Write one bare address, such as reports@example.com"
        yield Fault("[mail] sender", f"found '{mail.sender}'", do)
    name = mail.sender_name
    if not name.isprintable() or _FORBIDDEN_IN_NAMES & set(name):
        do = "Write a plain name, without @ and quotes: a name must not look like an address"
        yield Fault("[mail] sender_name", f"found {name!r}", do)
    if mail.ca_file is not None and not mail.ca_file.is_file():
        found = f"there is no file {mail.ca_file}"
        yield Fault("[mail] ca_file", found, "Name a PEM file beside the pack file")
    for language in ("en", "he"):
        yield from _letter_faults(language, mail.text(language))


def _letter_faults(language: str, letter: LetterText) -> Iterator[Fault]:
    for key in ("subject", "body"):
        template, place = getattr(letter, key), f"[mail.{language}] {key}"
        if template is None:
            continue
        unknown = unknown_fields(template)
        if unknown:
            do = f"Use only {', '.join(f'{{{field}}}' for field in FIELDS)}; write {{{{ for {{"
            yield Fault(place, f"found {', '.join(unknown)}", do)
        if not template.strip():
            yield Fault(place, "it is empty", "Write a text, or leave the key out")
        if key == "subject" and not template.isprintable():
            yield Fault(place, "it has more than one line", "Write one line")


def unknown_fields(template: str) -> list[str]:
    """Return what a template asks for beyond its plain fields.

    Examples
    --------
    >>> unknown_fields("For {name}"), unknown_fields("{name.__class__} {mail}")
    ([], ['{name.__class__}', '{mail}'])
    """
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return ["a single { or }"]
    return [
        f"{{{field}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}}}"
        for _, field, spec, conversion in parts
        if field is not None and (field not in FIELDS or spec or conversion)
    ]


def _holds(check: Callable[[], object]) -> bool:
    try:
        check()
    except DeliveryError:
        return False
    return True
