"""The letters that were issued: one file for each version, written once and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from spm_lib.core.errors import TeamError
from spm_lib.store import ClientFolder, locked, sha256_bytes, write_whole
from spm_lib.team.letters.changes import letter_changes
from spm_lib.team.letters.letter import Letter
from spm_lib.team.letters.wording import Line, Piece


class Issued(Piece):
    """A letter that was handed out: its version (1 and up), the day, and what changed."""

    letter: Letter
    version: int
    issued_on: date
    changes: tuple[Line, ...] = ()

    @property
    def hash(self) -> str:
        """The content hash of the letter."""
        return self.letter.hash


@dataclass(frozen=True)
class LetterFiles:
    """The issued letters of a client: ``letters/<person>/<n>.json`` in the client's folder."""

    client: ClientFolder

    def all_of(self, rep_id: str) -> list[Issued]:
        """Return the letters of a person, the oldest first."""
        folder = self._folder(rep_id)
        files = sorted(folder.glob("*.json"), key=lambda file: int(file.stem))
        return [self._read(file) for file in files]

    def last_of(self, rep_id: str, *, as_of: date | None = None) -> Issued | None:
        """Return the last letter of a person; null: none was issued.

        With ``as_of`` the last one made of what was known by then: later ones are not there yet.
        """
        found = [o for o in self.all_of(rep_id) if as_of is None or o.letter.as_of <= as_of]
        return found[-1] if found else None

    def people(self) -> list[str]:
        """Return the ids of all people with a letter."""
        firsts = sorted(self.client.letters.glob("*/1.json"))
        return sorted(self._read(file).letter.rep_id for file in firsts)

    def issue(self, letter: Letter, *, on: date) -> Issued:
        """Keep a letter as the person's next version, unless it says what the last one said."""
        folder = self._folder(letter.rep_id)
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / ".lock"):
            issued = next_after(self.last_of(letter.rep_id), letter, on=on)
            file = folder / f"{issued.version}.json"
            if not file.is_file():
                write_whole(file, issued.model_dump_json(indent=1) + "\n")
        return issued

    def _folder(self, rep_id: str) -> Path:
        """Return a person's folder: named by a fingerprint, for an id may be any text."""
        return self.client.letters / sha256_bytes(rep_id.encode())[:16]

    def _read(self, file: Path) -> Issued:
        try:
            return Issued.model_validate_json(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise TeamError(
                "An issued letter cannot be read.",
                found=f"{file}: {str(error).splitlines()[0]}",
                do="Restore the file from a copy; issued letters are never changed",
            ) from None


def next_after(before: Issued | None, letter: Letter, *, on: date) -> Issued:
    """Return a letter as it follows on the one before: that one again where it says the same."""
    if before is not None and before.hash == letter.hash:
        return before
    changes = tuple(letter_changes(before.letter, letter)) if before else ()
    version = before.version + 1 if before else 1
    return Issued(letter=letter, version=version, issued_on=on, changes=changes)
