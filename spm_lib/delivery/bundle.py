"""What one recipient gets: the files of those reports that its rows name, and of no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from spm_lib.core.errors import DeliveryError
from spm_lib.delivery.environment import secret
from spm_lib.delivery.protected_pdf import check_password, protect_pdf
from spm_lib.delivery.recipients import Recipient
from spm_lib.delivery.run_items import RunItem, kind_of
from spm_lib.store import safe_name, sha256_bytes, sha256_json

_PAGES = ("html", "pdf", "xlsx", "pptx")
_LONGEST_WHO = 40


@dataclass(frozen=True)
class Part:
    """One file of a bundle: its name for people, where it lies, and whose report it is."""

    name: str
    source: Path
    item: RunItem

    @property
    def kind(self) -> str:
        """The kind of file, such as ``pdf``."""
        return kind_of(self.source.name)

    @property
    def size(self) -> int:
        """Its bytes as it lies."""
        return self.source.stat().st_size


@dataclass(frozen=True)
class Contents:
    """The bytes of a bundle, read once: what is handed over is what the fingerprints are of.

    ``hashes`` are those of the reports as they lie, before a password is put on them.
    """

    files: Mapping[str, bytes]
    hashes: Mapping[str, str]


@dataclass(frozen=True)
class Bundle:
    """The files that one recipient gets; ``withheld`` are those that cannot carry its password."""

    recipient: Recipient
    parts: tuple[Part, ...]
    withheld: tuple[Part, ...] = ()

    @property
    def size(self) -> int:
        """The bytes of all files together, as they lie."""
        return sum(part.size for part in self.parts)

    @property
    def who(self) -> tuple[str, ...]:
        """Whom the reports are about, as it is printed."""
        return tuple(dict.fromkeys(part.item.who for part in self.parts if part.item.who))

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles of the reports, each once."""
        return tuple(dict.fromkeys(part.item.title or part.item.report for part in self.parts))

    def read(self) -> Contents:
        """Return the bytes of the files, PDF files under the recipient's password.

        Raises
        ------
        DeliveryError
            If the password is not in the environment, or is too short.
        """
        raw = {part.name: part.source.read_bytes() for part in self.parts}
        hashes = {name: sha256_bytes(content) for name, content in raw.items()}
        variable = self.recipient.password_env
        if variable is None:
            return Contents(raw, hashes)
        password = secret(variable)
        locked = {name: protect_pdf(content, password=password) for name, content in raw.items()}
        return Contents(locked, hashes)


def bundle_for(
    recipient: Recipient,
    items: Iterable[RunItem],
    *,
    as_of: date,
    kinds: Sequence[str] = _PAGES,
) -> Bundle:
    """Return what a recipient gets out of a run's reports.

    Parameters
    ----------
    recipient
        An address with the rows that name its scopes.
    items
        The reports of a run; only those in a scope that a row names, among the reports that this
        row names, in the recipient's language, are looked at.
    as_of
        The day of the run; it stands in the names of the files.
    kinds
        The kinds of files; notebooks, manifests and ``figures.json`` only if asked.

    Returns
    -------
    Bundle
        Where the recipient has a password, PDF files only: any other file would give away what
        the password is for.

    Raises
    ------
    DeliveryError
        If a row gives nothing, a report that it gives is not made, or no file is left.
    """
    named = [item for item in items if item.language == recipient.language]
    given = [i for i in named if any(g.covers(i.scope, i.report) for g in recipient.grants)]
    _check_rows(recipient, given)
    chosen = [(i, file) for i in given for file in i.files if kind_of(file) in kinds]
    names = _names([item for item, _ in chosen], [file for _, file in chosen], as_of)
    parts = [Part(name, i.folder / f, i) for name, (i, f) in zip(names, chosen, strict=True)]
    parts.sort(key=lambda part: part.name)
    open_to_all = recipient.password_env is None
    kept = tuple(part for part in parts if open_to_all or part.kind == "pdf")
    if recipient.password_env is not None:
        check_password(secret(recipient.password_env), name=recipient.password_env)
    if not kept:
        wanted = "pdf, which alone can carry a password" if not open_to_all else ", ".join(kinds)
        raise DeliveryError(
            f"There is no file for {recipient}.",
            found=f"its reports have none of: {wanted}",
            do="Make the reports in that format",
        )
    return Bundle(recipient, kept, tuple(part for part in parts if part not in kept))


def _check_rows(recipient: Recipient, given: Sequence[RunItem]) -> None:
    for grant in recipient.grants:
        found = {item.report for item in given if grant.covers(item.scope, item.report)}
        missing = sorted(set(grant.reports) - found)
        if missing or not found:
            what = ", ".join(missing) or "any report"
            raise DeliveryError(
                f"There is nothing for {recipient}.",
                found=f"{grant.place or 'its row'} gives {what} for {grant.scope} in "
                f"{recipient.language}, and the run has none",
                do="Correct the row, or make that report",
            )
    waiting = [item for item in given if item.status != "done"]
    if waiting:
        raise DeliveryError(
            f"Not all reports for {recipient} are made.",
            found="; ".join(f"{item} is {item.status}" for item in waiting),
            do="Run `spm report` again with --resume, then deliver again",
        )


def _names(items: Sequence[RunItem], files: Sequence[str], as_of: date) -> list[str]:
    """Return a name for people per file; those that would be the same say more."""
    pairs = list(zip(items, files, strict=True))
    names = [_name(item, file, as_of) for item, file in pairs]
    for mark in (_folder_mark, _full_mark):
        counts = Counter(name.casefold() for name in names)
        names = [
            name if counts[name.casefold()] == 1 else _name(item, file, as_of, mark(item))
            for name, (item, file) in zip(names, pairs, strict=True)
        ]
    return names


def _folder_mark(item: RunItem) -> str:
    """Return the language and the parameters, as they name the folder."""
    return item.folder.name


def _full_mark(item: RunItem) -> str:
    return f"{item.folder.name} {sha256_json([item.report, item.scope, item.folder.name])[:8]}"


def _name(item: RunItem, file: str, as_of: date, mark: str = "") -> str:
    """Return such as ``funnel Noa-Cohen 2026-09-30.pdf``; the day is never cut off."""
    who = "-".join(safe_name(item.who or item.scope).split())[:_LONGEST_WHO].strip("-. ") or "_"
    own = kind_of(file)
    tail = own if own in ("notebook", "manifest", "figures") else ""
    report = safe_name(item.report)[:_LONGEST_WHO]
    parts = [report, who, as_of.isoformat(), safe_name(mark) if mark else "", tail]
    return " ".join(part for part in parts if part) + Path(file).suffix.lower()
