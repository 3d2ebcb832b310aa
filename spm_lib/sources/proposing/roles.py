"""Which canonical table a file is, and which of its columns is which canonical column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spm_lib.sources.proposing.profile import ColumnProfile
from spm_lib.sources.proposing.stage_words import verdict
from spm_lib.sources.proposing.survey import FoundFile
from spm_lib.sources.proposing.words import (
    COLUMN_NAMES,
    DATES,
    FILE_NAMES,
    NOT_TABLES,
    NUMBERS,
    REQUIRED,
    plain_name,
)

ENOUGH = 4.0
CLOSE = 2.0
REPEATED = 0.98
KINDS = 5
MONTHS = r"^(?:m|month)? ?0?([1-9]|1[0-2])$"


@dataclass(frozen=True, eq=False)
class Role:
    """A file as a canonical table: how sure that is, and its columns.

    ``asked`` are canonical columns of which nobody can tell from the file which column they are.
    """

    table: str
    file: FoundFile
    columns: dict[str, str]
    score: float
    why: str
    asked: tuple[str, ...] = ()

    @property
    def unused(self) -> list[ColumnProfile]:
        """The columns that no canonical column took."""
        taken = set(self.columns.values())
        return [c for c in self.file.columns if c.name not in taken]


def roles_of(file: FoundFile) -> list[Role]:
    """Return what a file may be, the likeliest first; nothing where no table is likely."""
    if re.search(NOT_TABLES, plain_name(_stem(file.name))):
        return []
    found = [role for table in COLUMN_NAMES if (role := _role(file, table)).score >= ENOUGH]
    return sorted(found, key=lambda role: -role.score)


def choose(files: tuple[FoundFile, ...]) -> dict[str, Role]:
    """Return the best file for every table; a file is one table, the one it is likeliest."""
    options = [role for file in files for role in roles_of(file)]
    chosen: dict[str, Role] = {}
    for role in sorted(options, key=lambda r: (-round(r.score / CLOSE), -r.file.height)):
        if role.table not in chosen and all(r.file is not role.file for r in chosen.values()):
            chosen[role.table] = role
    return chosen


def _stem(name: str) -> str:
    return re.sub(r"\.\w+$", "", name.rsplit("/", 1)[-1])


def _role(file: FoundFile, table: str) -> Role:
    columns = assign(file, table)
    wide = table == "targets" and len(month_columns(file)) >= 6
    missing = [c for c in REQUIRED[table] if c not in columns and not wide]
    named = bool(re.search(FILE_NAMES[table], plain_name(_stem(file.name))))
    score = 3.0 * named + len(columns) * 0.5 + 1.0 - 10.0 * len(missing) + 3.0 * wide
    score += _shape(file, table, columns)
    listed = ", ".join(f'"{source}"' for source in columns.values())
    why = f"the file's name, and {listed}" if named else f"columns {listed}"
    return Role(table, file, columns, score, why)


def _shape(file: FoundFile, table: str, columns: dict[str, str]) -> float:
    """Return what the repetition of keys adds to or takes from a table's likelihood."""
    key = {"opportunities": "opportunity_id", "stage_events": "opportunity_id",
           "reps": "rep_id", "accounts": "account_id", "products": "product_id",
           "activities": "activity_id", "leads": "lead_id"}.get(table)  # fmt: skip
    if key is None or key not in columns:
        if table == "opportunities" and _tells_outcomes(file, columns):
            return 2.0  # deals of an export without an id
        return -1.0 if table in ("opportunities", "stage_events") else 0.0
    profile = file.profile(columns[key])
    single = profile.distinct >= REPEATED * max(profile.filled, 1)
    if table == "stage_events":
        return -1.5 if single else 3.0
    if table == "opportunities":
        return 2.0 if single else -6.0
    return 1.0 if single else -8.0


def _tells_outcomes(file: FoundFile, columns: dict[str, str]) -> bool:
    """Say whether rows have money, an owner or a customer, and a stage that says won or lost."""
    if not {"stage", "amount"} <= {*columns} or not {"rep_id", "account_id"} & {*columns}:
        return False
    return any(verdict(v) in ("won", "lost") for v in file.profile(columns["stage"]).values)


def assign(file: FoundFile, table: str) -> dict[str, str]:
    """Return canonical column -> column of the file, by name; kinds must not contradict."""
    names: dict[str, ColumnProfile] = {}
    for profile in file.columns:
        names.setdefault(plain_name(profile.name), profile)
    for profile in file.columns:
        names.setdefault(re.sub(r"^(?:deal|opportunity) ", "", plain_name(profile.name)), profile)
    taken: set[str] = set()
    found: dict[str, str] = {}
    for column, listed in COLUMN_NAMES[table].items():
        for name in listed.split("|"):
            profile = names.get(name)
            if profile and profile.name not in taken and _fits(column, profile):
                found[column] = profile.name
                taken.add(profile.name)
                break
    if table == "opportunities":
        found |= _only_date(file, found)
    return _outcome_apart(file, found)


def _only_date(file: FoundFile, found: dict[str, str]) -> dict[str, str]:
    """Return the one date of a deal as its close, where no column's name says what it is."""
    dated = [c.name for c in file.columns if c.kind == "date"]
    return {"closed_at": dated[0]} if len(dated) == 1 and not DATES & {*found} else {}


def _fits(column: str, profile: ColumnProfile) -> bool:
    if profile.kind == "empty":
        return column == "stage"
    if column in DATES:
        return profile.kind == "date"
    if column in NUMBERS:
        return profile.kind == "number"
    if column == "account_id" and profile.rows > 50 and profile.distinct < KINDS:
        return False  # a kind of customer, not a customer
    return profile.kind != "date"


def _outcome_apart(file: FoundFile, found: dict[str, str]) -> dict[str, str]:
    """Keep ``outcome`` only where its values say won or lost and the stage's do not."""
    if "outcome" in found:
        values = " ".join(file.profile(found["outcome"]).values).casefold()
        if not re.search(r"\bwon\b|\blost\b|זכי?יה|הפסד", values):
            del found["outcome"]
    return found


def month_columns(file: FoundFile) -> dict[str, str]:
    """Return the columns that are months laid side by side, with the month's two digits.

    ``M01`` to ``M12``, ``1`` to ``12``, or English names of months.
    """
    names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    found: dict[str, str] = {}
    for profile in file.columns:
        plain = plain_name(profile.name)
        match = re.match(MONTHS, plain)
        if match:
            found[profile.name] = f"{int(match[1]):02}"
        elif plain[:3] in names and len(plain.split()) == 1:
            found[profile.name] = f"{names.index(plain[:3]) + 1:02}"
    return found
