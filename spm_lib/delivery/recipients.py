"""Who gets what: the rows of a pack file's recipients, or of a CSV file beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, StrictStr

from spm_lib.core.errors import DeliveryError
from spm_lib.delivery.addresses import check_address, domain_of, same_address
from spm_lib.delivery.environment import is_name
from spm_lib.delivery.scope_text import check_scope
from spm_lib.delivery.settings import DeliverSettings
from spm_lib.workspace import Fault, nearest

NEEDED = ("scope", "address", "language")
COLUMNS = (*NEEDED, "reports", "password_env")
_DELIMITERS = (",", ";", "\t")


class Row(BaseModel):
    """One row: this address gets the reports of this scope. ``reports`` empty means all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scope: StrictStr
    address: StrictStr
    language: Literal["en", "he"]
    reports: tuple[StrictStr, ...] = ()
    password_env: StrictStr | None = None


@dataclass(frozen=True)
class Grant:
    """What one row gives: the reports of a scope, all of them where ``reports`` is empty."""

    scope: str
    reports: tuple[str, ...] = ()
    place: str = ""

    def covers(self, scope: str, report: str) -> bool:
        """Say whether the row gives a report of a scope.

        Examples
        --------
        >>> Grant("rep:r7").covers("rep:r7", "funnel"), Grant("rep:r7").covers("company", "funnel")
        (True, False)
        """
        return scope == self.scope and (not self.reports or report in self.reports)


@dataclass(frozen=True)
class Recipient:
    """One address in one language, with all that its rows give. It gets one bundle.

    ``password_env`` names the variable that holds the password of its PDF files.
    """

    address: str
    language: str
    grants: tuple[Grant, ...]
    password_env: str | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes it is named for, in the order of its rows."""
        return tuple(dict.fromkeys(grant.scope for grant in self.grants))

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from every other recipient."""
        return (same_address(self.address), self.language, self.password_env or "")

    def __str__(self) -> str:
        return self.address


def read_rows(file: Path) -> tuple[list[tuple[str, Mapping[str, Any]]], list[Fault]]:
    """Return the rows of a CSV file with their places, and what is wrong with the file itself.

    UTF-8, a header of known columns, separated by commas, semicolons or tabs; a cell too many or
    too few is a fault. ``reports`` lists names with blanks between them.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return [], [Fault("recipients", f"there is no file {file}", "Name a file beside the pack")]
    except UnicodeDecodeError:
        return [], [Fault(file.name, "it is not UTF-8 text", "Save it as CSV UTF-8")]
    lines = text.splitlines()
    delimiter = _delimiter(lines[0] if lines else "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records = [(reader.line_num, cells) for cells in reader if any(c.strip() for c in cells)]
    except csv.Error as error:
        place = f"{file.name} line {reader.line_num}"
        return [], [Fault(place, str(error), "Correct the quotes of that line")]
    header = [cell.strip() for cell in records[0][1]] if records else []
    faults = [*_header_faults(file, header)]
    if faults:
        return [], faults
    return _rows(file, header, records[1:])


def _delimiter(header: str) -> str:
    counts = {sign: header.count(sign) for sign in _DELIMITERS}
    return max(_DELIMITERS, key=lambda sign: counts[sign])


def _header_faults(file: Path, header: Sequence[str]) -> Iterator[Fault]:
    place = f"{file.name} header"
    for name in dict.fromkeys(header):
        if name not in COLUMNS:
            yield Fault(place, f"there is no column '{name}'", nearest(name, COLUMNS))
        if header.count(name) > 1:
            yield Fault(place, f"the column '{name}' stands twice", "Keep one")
    for name in NEEDED:
        if name not in header:
            yield Fault(place, f"the column '{name}' is missing", f"Add {name}")


def _rows(
    file: Path, header: Sequence[str], records: Sequence[tuple[int, list[str]]]
) -> tuple[list[tuple[str, Mapping[str, Any]]], list[Fault]]:
    rows, faults = [], []
    for line, cells in records:
        place = f"{file.name} line {line}"
        if len(cells) != len(header):
            found = f"{len(cells)} cells under {len(header)} columns"
            faults.append(Fault(place, found, "Give every column one cell"))
            continue
        row: dict[str, Any] = {
            name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()
        }
        if "reports" in row:
            row["reports"] = row["reports"].split()
        rows.append((place, row))
    return rows, faults


def row_faults(place: str, row: Row, *, deliver: DeliverSettings) -> Iterator[Fault]:
    """Give the faults of a row that types do not find."""
    for key, check in (("scope", check_scope), ("address", check_address)):
        try:
            check(getattr(row, key))
        except DeliveryError as error:
            yield Fault(f"{place} {key}", f"found {error.found}", error.do or "")
    domains = {domain.lower() for domain in deliver.domains}
    if domains and "@" in row.address and domain_of(row.address) not in domains:
        do = f"Correct the address; [deliver] domains allows only {', '.join(sorted(domains))}"
        yield Fault(f"{place} address", f"found '{row.address}'", do)
    if row.password_env is not None and not is_name(row.password_env):
        # The value is not told: it may be the password itself.
        found = "it is no name of an environment variable"
        yield Fault(f"{place} password_env", found, 'Write a name, such as "PDF_NOA"')


def doubled(rows: Sequence[tuple[str, Row]]) -> Iterator[Fault]:
    """Give the rows that say the same as an earlier one."""
    first: dict[tuple[object, ...], str] = {}
    for place, row in rows:
        key = (row.scope, same_address(row.address), row.language, row.reports)
        if key in first:
            yield Fault(place, f"it says the same as {first[key]}", "Keep one of them")
        first.setdefault(key, place)


def gather(rows: Sequence[tuple[str, Row]], *, password_env: str | None) -> tuple[Recipient, ...]:
    """Return one recipient per address, language and password, sorted by address."""
    found: dict[tuple[str, str, str], Recipient] = {}
    for place, row in rows:
        grant = Grant(check_scope(row.scope), row.reports, place)
        new = Recipient(row.address, row.language, (grant,), row.password_env or password_env)
        old = found.get(new.key)
        grants = (*old.grants, grant) if old else (grant,)
        address = old.address if old else new.address
        found[new.key] = Recipient(address, new.language, grants, new.password_env)
    return tuple(found[key] for key in sorted(found))
