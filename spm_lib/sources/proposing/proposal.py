"""A workspace file proposed from a folder of exports, with what was guessed and what was not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from spm_lib.sources.proposing.findings import Finding, listed
from spm_lib.sources.proposing.links import mismatches, with_keys
from spm_lib.sources.proposing.lookups import lookups_of
from spm_lib.sources.proposing.people import told_apart
from spm_lib.sources.proposing.queries import query_of
from spm_lib.sources.proposing.roles import Role, choose, roles_of
from spm_lib.sources.proposing.slugs import slug_of
from spm_lib.sources.proposing.stages import stages_section
from spm_lib.sources.proposing.survey import FoundFile, Survey, survey_folder
from spm_lib.sources.proposing.tables import draft_table
from spm_lib.sources.proposing.toml_text import comment, quoted
from spm_lib.sources.proposing.words import DATES

ORDER = ("opportunities", "stage_events", "activities", "leads", "orders", "targets",
         "reps", "accounts", "products")  # fmt: skip
AS_OF = '# as_of = "2026-09-30"  # default: the day of the newest thing that happened'
CURRENCY_SIGNS = {"₪": "ILS", 'ש"ח': "ILS", "ש״ח": "ILS", "NIS": "ILS", "€": "EUR", "£": "GBP",
                  "₹": "INR", "₽": "RUB"}  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """A proposed workspace file.

    ``text`` is the file. ``findings`` say what was guessed and why, what could not be told (the
    file holds ``"?"`` or ``unsure`` there, at which ``load_settings`` stops), and what is worth
    knowing. ``files`` are lines on what each file of the folder was taken for.
    """

    text: str
    findings: tuple[Finding, ...]
    files: tuple[str, ...]

    @property
    def questions(self) -> tuple[Finding, ...]:
        """What must be decided before anything is read."""
        return tuple(f for f in self.findings if f.sort == "question")

    def summary(self) -> str:
        """Return what ``spm init`` prints: files, questions, guesses, notes."""
        files = "\n".join(["Files", *(f"  - {line}" for line in self.files)])
        return f"{files}\n\n{listed(self.findings)}\n"


def propose_workspace(
    folder: str | Path, *, name: str | None = None, currency: str | None = None
) -> Proposal:
    """Return a workspace file proposed from a folder of exports.

    Parameters
    ----------
    folder
        Where the exports are; the proposed file is meant to stand in it.
    name
        The client's name; default: the folder's.
    currency
        The reporting currency; default: what the amounts' signs prove, else it is asked.

    Raises
    ------
    SourceError
        If there is nothing there that can be read.
    """
    survey = survey_folder(Path(folder))
    people = told_apart(choose(survey.files))
    roles = with_keys(people.roles)
    head, findings = _workspace_section(survey, roles, name=name, currency=currency)
    stages, more = stages_section(roles)
    findings += [*more, *people.findings]
    parts, lookups = [head, stages], lookups_of(survey.files, roles)
    for table in ORDER:
        if table in roles:
            draft = draft_table(roles[table], roles, lookups.get(table, ()))
            parts.append(draft.text)
            findings += draft.findings
    findings += _missing_tables(roles) + _mismatch_notes(roles)
    asked = {id(one.file): table for table, several in lookups.items() for one in several}
    parts.append(people.text)
    parts.append(_unused(survey, roles, asked))
    text = "\n\n".join(part for part in parts if part) + "\n"
    return Proposal(text, tuple(findings), tuple(_file_lines(survey, roles, asked)))


def _workspace_section(
    survey: Survey, roles: dict[str, Role], *, name: str | None, currency: str | None
) -> tuple[str, list[Finding]]:
    title = name or survey.folder.resolve().name
    files = tuple(role.file for role in roles.values()) or survey.files
    money, findings = _currency(files, currency)
    hebrew = _hebrew(files) or ("amounts are in shekels" if money == "ILS" else None)
    zone, language = ("Asia/Jerusalem", "he") if hebrew else ("UTC", "en")
    calendar = (
        '{ country = "IL", week = "sun-thu" }' if hebrew else '{ country = "", week = "mon-fri" }'
    )
    dated = AS_OF if _dated(roles, survey) else ""
    lines = [
        "# Proposed by `spm init` from the files in this folder. Read every line: `spm check`",
        '# reads the data by it, and stops at every "?" and every unsure until you decide.',
        "version = 1",
        "",
        "[workspace]",
        f"id = {quoted(slug_of(title))}",
        f"name = {quoted(title)}",
        f"currency = {quoted(money)}",
        f"timezone = {quoted(zone)}  # periods are cut here; times without a zone are read in it",
        f"language = {quoted(language)}",
        "fiscal_year_start = 1",
        f"calendar = {calendar}  # public holidays, working week",
        dated or 'as_of = "?"  # nothing in the files is dated: of which day are they?',
    ]
    if not dated:
        text = "nothing in the files is dated: of which day are they?"
        findings.append(Finding("question", "[workspace] as_of", text))
    why = hebrew or "nothing in the data tells them"
    text = f"timezone {zone}, language {language}, calendar {calendar}: {why}"
    findings.append(Finding("guess", "[workspace]", text))
    return "\n".join(lines), findings


def _dated(roles: dict[str, Role], survey: Survey) -> bool:
    if roles:
        return any(DATES & set(role.columns) for role in roles.values())
    return any(c.kind == "date" for file in survey.files for c in file.columns)


def _currency(files: tuple[FoundFile, ...], given: str | None) -> tuple[str, list[Finding]]:
    if given:
        return given, []
    place = "[workspace] currency"
    signs: dict[str, str] = {}
    for file in files:
        for profile in file.columns:
            signs |= dict.fromkeys(profile.signs, f'"{profile.name}" of {file.name}')
            if profile.name.lower() in ("currency", "currencyisocode", "currency_iso_code"):
                signs |= {
                    v: f'"{profile.name}"' for v in profile.values if re.fullmatch("[A-Z]{3}", v)
                }
    codes = {CURRENCY_SIGNS.get(s, s) for s in signs}
    if len(codes) == 1 and "$" not in codes and "¥" not in codes:
        code = next(iter(codes))
        return code, [
            Finding(
                "guess", place, f"{code}, by {next(iter(signs))} in {next(iter(signs.values()))}"
            )
        ]
    seen = ", ".join(f"{sign} in {where}" for sign, where in signs.items())
    return "?", [
        Finding("question", place, f"which one? {seen or 'no sign stands by the amounts'}")
    ]


def _hebrew(files: tuple[FoundFile, ...]) -> str | None:
    """Return the first Hebrew found, as a proof; names of columns before values."""
    names = [(c.name, f"a column of {f.name}") for f in files for c in f.columns]
    values = [(v, f'"{c.name}"') for f in files for c in f.columns for v in c.values[:20]]
    return next(
        (
            f'Hebrew in the data, as "{text}", {where}'
            for text, where in (*names, *values)
            if re.search("[\u05d0-\u05ea]{2}", text)
        ),
        None,
    )


def _missing_tables(roles: dict[str, Role]) -> list[Finding]:
    if {"opportunities", "stage_events", "orders"} & set(roles):
        return []
    text = "no file looks like deals, a stage history or orders: map [tables.opportunities] by hand"
    return [Finding("question", "[tables.opportunities]", text)]


def _mismatch_notes(roles: dict[str, Role]) -> list[Finding]:
    found: list[Finding] = []
    for m in mismatches(roles):
        if m.column in query_of(roles[m.table], roles).joined:
            continue
        shown = ", ".join(f'"{value}" ({n:,} rows)' for value, n in m.values)
        text = (
            f"{m.rows:,} rows ({1 - m.matched:.0%}) match nothing in {m.listed_in}, such as {shown}"
        )
        if m.matched < 0.5:
            text += "; it may be another key: then join the two in a query"
        found.append(Finding("note", f"[tables.{m.table}] {m.column}", text))
    return found


def _unused(survey: Survey, roles: dict[str, Role], asked: dict[int, str]) -> str:
    lines = [
        f"{f.name} ({f.height:,} rows): {', '.join(c.name for c in f.columns)}"
        for f in survey.files
        if all(r.file is not f for r in roles.values()) and id(f) not in asked
    ]
    lines = [line if len(line) < 200 else line[:197] + "..." for line in lines]
    return comment("\n".join(["Files that no table takes:", *lines])) if lines else ""


def _file_lines(survey: Survey, roles: dict[str, Role], asked: dict[int, str]) -> list[str]:
    lines = [_file_line(f, roles, asked) for f in survey.files]
    return lines + [f"{name}: could not be read. {why}" for name, why in survey.unread]


def _file_line(file: FoundFile, roles: dict[str, Role], asked: dict[int, str]) -> str:
    dialect = file.rows.dialect
    written = f"{file.height:,} rows, {dialect.kind}"
    if dialect.kind == "csv":
        sign = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}.get(
            str(dialect.delimiter)
        )
        written = f"{file.height:,} rows, {dialect.encoding}, {sign or dialect.delimiter}"
    written += ", rows wrapped in quotes" * dialect.wrapped + ", no header" * (not file.header)
    bad = file.rows.quarantine.height
    written += f", {bad:,} rows unreadable" if bad else ""
    role = next((r for r in roles.values() if r.file is file), None)
    if role:
        return f"{file.name} ({written}): {role.table}"
    if id(file) in asked:
        return f"{file.name} ({written}): looked up by {asked[id(file)]}"
    like = roles_of(file)
    other = "no table"
    if like:
        taken = roles[like[0].table].file.name if like[0].table in roles else "another"
        other = f"looks like {like[0].table} too, but {taken} is taken; widen its path to read both"
    return f"{file.name} ({written}): {other}"
