"""A folder of responses taken in: good ones are kept, every fault is told by file and place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spm_lib.core.errors import SpmError, TeamError
from spm_lib.core.language import Language, language
from spm_lib.core.statement import Statement
from spm_lib.team.letters.letter_files import Issued
from spm_lib.team.responses.read_sheet import read_sheet
from spm_lib.team.responses.response import Response
from spm_lib.team.responses.response_faults import Place, ResponseError, ResponseFault, found
from spm_lib.team.responses.response_of import response_of
from spm_lib.team.responses.response_toml import read_toml

LARGEST = 1_000_000  # bytes of a file
SUFFIXES = (".xlsx", ".toml")
Letters = Callable[[str], Sequence[Issued]]
Keep = Callable[[Response], object]
"""Keeps a response for good, or raises an SpmError that says why it cannot."""


@dataclass(frozen=True)
class Taken:
    """A response that was taken in; ``newest`` is the version issued since (null: none)."""

    file: str
    response: Response
    newest: int | None = None


@dataclass(frozen=True)
class Refused:
    """A file that was not taken in, with all that is wrong with it.

    ``where`` tells the cell or the line of a field; ``said`` is what is wrong with the whole file.
    """

    file: str
    said: Statement | None = None
    faults: tuple[ResponseFault, ...] = ()
    where: dict[Place, str] = field(default_factory=dict)

    def tell(self, tongue: Language) -> list[str]:
        """Return one line for each fault: file, cell or line, field, what to do."""
        told = [] if self.said is None else [f"{self.file}: {self.said.tell(tongue)}"]
        for fault in self.faults:
            place = self._place(fault.place)
            at = f", {place}" if place else ""
            told.append(f"{self.file}{at}: {fault.tell(tongue)}")
        return told

    def _place(self, place: Place) -> str:
        """Return where a field stands; where it is missing, where its row stands."""
        while place and place not in self.where:
            place = place[:-1]
        return self.where.get(place, "")


@dataclass(frozen=True)
class Imported:
    """What came of a folder: every file is in exactly one of the three."""

    taken: tuple[Taken, ...]
    refused: tuple[Refused, ...]
    passed_over: tuple[str, ...]


def import_folder(folder: Path, *, letters: Letters, keep: Keep) -> Imported:
    """Take in the responses of a folder, in the order of their names.

    Hidden files, lock files of Excel and folders are passed over; everything else is taken or
    refused. Of several files that answer one letter alike the first is taken; where they differ
    all are refused.

    Parameters
    ----------
    folder
        Files that ``response_sheet`` and ``response_toml`` wrote and people filled in.
    letters
        The issued letters of a person, the oldest first; none for an unknown one.
    keep
        Keeps a response.

    Raises
    ------
    TeamError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise TeamError("There is no such folder.", found=str(folder), do="Name a folder")
    names = sorted(path.name for path in folder.iterdir())
    passed = [name for name in names if _passed_over(folder / name)]
    read = [_read(folder / name, letters) for name in names if name not in passed]
    refused = [one for one in read if isinstance(one, Refused)]
    good, twice = _apart([one for one in read if isinstance(one, Taken)])
    taken: list[Taken] = []
    for one in good:
        try:
            keep(one.response)
            taken.append(one)
        except SpmError as error:
            refused.append(_whole(one.file, error))
    ordered = sorted([*refused, *twice], key=lambda one: one.file)
    return Imported(tuple(taken), tuple(ordered), tuple(passed))


def _passed_over(path: Path) -> bool:
    return path.is_dir() or path.name.startswith((".", "~$"))


def _read(path: Path, letters: Letters) -> Taken | Refused:
    """Return the response of a file, or all that is wrong with it."""
    name, where = path.name, {}
    try:
        content, where, bent = _content(path)
        response = _checked(content, bent)
        faults, newest = _against(response, letters)
    except ResponseError as error:
        return Refused(name, faults=error.faults, where=where)
    except (SpmError, OSError) as error:
        return _whole(name, error)
    if faults:
        return Refused(name, faults=tuple(faults), where=where)
    return Taken(name, response, newest)


def _content(path: Path) -> tuple[dict[str, Any], dict[Place, str], Iterable[Place]]:
    """Return what a file says, where each field stands, and the fields that hold a formula."""
    if path.suffix.lower() not in SUFFIXES:
        raise TeamError(
            "Only .xlsx and .toml files are read.",
            found=path.suffix or "no ending",
            do="Send the file that came with the letter",
        )
    if path.is_symlink():
        raise TeamError("This is a link, not a file.", do="Put the file itself into the folder")
    if path.stat().st_size > LARGEST:
        raise TeamError(
            "The file is too large.",
            found=f"{path.stat().st_size:,} bytes",
            do="Send the file that came with the letter, without pictures",
        )
    if path.suffix.lower() == ".toml":
        told, lines = read_toml(path.read_bytes())
        return told, {place: f"line {n}" for place, n in lines.items()}, ()
    from spm_lib.team.responses.sheet_layout import cells

    told, bent = read_sheet(path.read_bytes())
    return told, {place: f"cell {cell}" for place, cell in cells().items()}, bent


def _checked(content: dict[str, Any], bent: Iterable[Place]) -> Response:
    """Return the response of a content; formulas are faults beside all others."""
    said = Statement("it holds a formula; type the answer as plain text")
    formulas = [ResponseFault(place, said) for place in bent]
    try:
        response = response_of(content)
    except ResponseError as error:
        other = [fault for fault in error.faults if fault.place not in bent]
        raise ResponseError(error.what, [*formulas, *other]) from None
    if formulas:
        raise ResponseError("The response cannot be taken.", formulas)
    return response


def _against(response: Response, letters: Letters) -> tuple[list[ResponseFault], int | None]:
    """Return what is wrong against the letters that were issued, and the newest version."""
    issued = letters(response.rep_id)
    if not issued:
        said = "no letter was issued to {found}; answer with your own file"
        place: Place = ("rep_id",)
        return [ResponseFault(place, Statement(said, {"found": found(response.rep_id)}))], None
    answered = next((one for one in issued if one.version == response.version), None)
    if answered is None:
        said = "found {found}, and there is no such version; leave this field as it was"
        return [ResponseFault(("version",), Statement(said, {"found": response.version}))], None
    if answered.hash != response.letter:
        said = "found {found}, which is not the letter of {person}, version {version}; answer with "
        said += "the file that came with that letter"
        values = {"found": response.letter[:12], "person": response.rep_id,
                  "version": response.version}  # fmt: skip
        return [ResponseFault(("letter",), Statement(said, values))], None
    newest = issued[-1].version
    return [], newest if newest > response.version else None


def _apart(read: Sequence[Taken]) -> tuple[list[Taken], list[Refused]]:
    """Return one file for each answered letter, and those that contradict each other or repeat."""
    groups: dict[tuple[str, int], list[Taken]] = defaultdict(list)
    for one in read:
        groups[one.response.rep_id, one.response.version].append(one)
    good, twice = [], []
    for same in groups.values():
        if all(one.response == same[0].response for one in same):
            good.append(same[0])
            said = Statement("says the same as {file}, which was taken", {"file": same[0].file})
            twice += [Refused(one.file, said) for one in same[1:]]
        else:
            for one in same:
                others = tuple(o.file for o in same if o is not one)
                said = Statement("answers the same letter as {files}, in another way; keep one",
                                 {"files": others})  # fmt: skip
                twice.append(Refused(one.file, said))
    return good, twice


def _whole(name: str, error: Exception) -> Refused:
    """Return a refusal of a whole file."""
    told = str(error) if isinstance(error, SpmError) else type(error).__name__
    return Refused(name, Statement("cannot be taken: {reason}", {"reason": told}))


def tell_imported(imported: Imported, *, code: str = "en") -> list[str]:
    """Return what came of a folder, one line for each file taken, passed over or fault."""
    tongue = language(code)
    lines = []
    for one in imported.taken:
        said = Statement("{file}: taken, {person}, version {version}",
                         {"file": one.file, "person": one.response.rep_id,
                          "version": one.response.version})  # fmt: skip
        lines.append(said.tell(tongue))
        if one.newest is not None:
            old = Statement("{file}: version {version} was issued since, and needs a new answer",
                            {"file": one.file, "version": one.newest})  # fmt: skip
            lines.append(old.tell(tongue))
    for refused in imported.refused:
        lines += refused.tell(tongue)
    passed = Statement("{file}: passed over")
    lines += [Statement(passed.text, {"file": name}).tell(tongue) for name in imported.passed_over]
    return lines
