"""One table of the proposal: where from, how read, which columns, and what is left to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from spm_lib.sources.money import parse_money
from spm_lib.sources.proposing.findings import Finding
from spm_lib.sources.proposing.lookups import Lookup, looked_up
from spm_lib.sources.proposing.queries import TableQuery, query_of
from spm_lib.sources.proposing.reading import reading_lines
from spm_lib.sources.proposing.roles import Role, month_columns
from spm_lib.sources.proposing.stage_words import verdict
from spm_lib.sources.proposing.stages import outcome_values
from spm_lib.sources.proposing.toml_text import array, quoted, table
from spm_lib.sources.proposing.words import is_named, plain_name
from spm_lib.sources.texts import parse_texts


@dataclass(frozen=True)
class Draft:
    """The text of a table's sections, and what it guesses and asks."""

    text: str
    findings: list[Finding] = field(default_factory=list)


def draft_table(role: Role, roles: dict[str, Role], lookups: Sequence[Lookup] = ()) -> Draft:
    """Return the sections of one table, and of the files that are looked up for it."""
    query = looked_up(query_of(role, roles), lookups)
    place = f"[raw.{role.table}]" if query.needed else f"[tables.{role.table}]"
    used = [*role.columns.values(), *month_columns(role.file)]
    lines, findings = reading_lines(role.file, used=used, place=place)
    source = [_line("path", quoted(role.file.name), f"{role.file.height:,} rows")]
    source += [*(_line(*line) for line in lines), *query.raw_lines]
    if query.needed:
        why = "; ".join(query.why)
        body = [f"[raw.{role.table}]", *source, "", f"[tables.{role.table}]"]
        body.append(_line("query", quoted(query.sql), why))
        findings.append(Finding("guess", f"[tables.{role.table}] query", why))
    else:
        body = [f"[tables.{role.table}]", *source]
    body += [f"columns.{c} = {quoted(name)}" for c, name in query.columns.items()]
    body += [f'columns.{c} = "?"  # name one of the columns' for c in role.asked]
    more, asked = _more(role, query)
    findings += [_columns_finding(role, query.columns), *asked]
    sections = ["\n".join([*body, *more]), *(one.section(one.file.name) for one in lookups)]
    return Draft("\n\n".join(sections), findings)


def _line(key: str, value: str, why: str) -> str:
    text = f"{key} = {value}"
    return f"{text}  # {why}" if why else text


def _columns_finding(role: Role, columns: dict[str, str]) -> Finding:
    listed = ", ".join(f'{c} is "{s}"' for c, s in columns.items())
    return Finding("guess", f"[tables.{role.table}]", f"{role.file.name}: {listed}")


def _more(role: Role, query: TableQuery) -> tuple[list[str], list[Finding]]:
    """Return the keys after columns: keep, values, zero_is_missing; and what is asked by them."""
    columns, lines = query.columns, list[str]()
    findings: list[Finding] = []
    kept = [
        c.name
        for c in role.unused
        if c.few and c.kind == "text" and c.name not in month_columns(role.file)
    ] + list(query.brought)
    if kept and role.table in (
        "opportunities",
        "activities",
        "leads",
        "orders",
        "accounts",
        "reps",
    ):
        lines.append(_line("keep", array(kept), "carried along, usable in by="))
        if role.table in ("opportunities", "leads"):
            lines.append("# known_at_creation = []  # which of these never change after that")
    if role.table == "opportunities" and "outcome" in columns:
        text, found = outcome_values(role)
        lines.append(text)
        findings += found
    zeros = _zero_amounts(role)
    if zeros:
        lines.append(_line("zero_is_missing", '["amount"]', zeros))
        findings.append(Finding("guess", f"[tables.{role.table}] zero_is_missing", zeros))
    activity = _kinds(role)
    if activity:
        lines.append(activity)
    findings += _absent(role, columns)
    return lines, findings


def _zero_amounts(role: Role) -> str | None:
    """Return why amounts of 0 look like amounts that were not kept."""
    if role.table not in ("opportunities", "stage_events") or not {"amount", "stage"} <= {
        *role.columns
    }:
        return None
    frame = role.file.rows.frame
    amount = parse_money(frame[role.columns["amount"]]).values
    stage = parse_texts(frame[role.columns.get("outcome", role.columns["stage"])])
    lost = [s for s in stage.drop_nulls().unique() if verdict(s) == "lost"]
    of_lost = amount.filter(stage.is_in(lost)).drop_nulls()
    zeros = int((of_lost == 0).sum())
    if not zeros or zeros < 0.9 * len(of_lost):
        return None
    return f"{zeros:,} of {len(of_lost):,} lost rows have an amount of 0, which is no price"


def _kinds(role: Role) -> str | None:
    if role.table != "activities" or "kind" not in role.columns:
        return None
    wanted = (("call", "call"), ("meeting", "meeting"), ("event", "meeting"), ("visit", "meeting"),
              ("email", "email"), ("proposal", "proposal"), ("שיחה", "call"), ("פגישה", "meeting"),
              ("הצעה", "proposal"))  # fmt: skip
    found: dict[str, str] = {}
    for value in role.file.profile(role.columns["kind"]).values:
        kind = next((kind for word, kind in wanted if word in value.casefold()), None)
        if kind and kind != value:
            found[value] = kind
    return f"values.kind = {table(found)}" if found else None


def _absent(role: Role, columns: dict[str, str]) -> list[Finding]:
    """Return notes on columns that reports want and the file does not have."""
    wanted = {
        "opportunities": {
            "rep_id": "no owner: nothing by rep",
            "amount": "no amount: counts only",
            "created_at": "no created date: no cycle, no created-cohort win rate",
            "closed_at": "no close date: won and lost deals have no period",
        },
        "stage_events": {"rep_id": "no owner: nothing by rep"},
        "targets": {"period_start": "no period: which column says when the target is for?"},
    }.get(role.table, {})
    found = [
        Finding("note", f"[tables.{role.table}]", t)
        for c, t in wanted.items()
        if c not in columns and c not in role.asked
    ]
    closed = columns.get("closed_at")
    if role.table == "opportunities" and closed and not is_named(closed, "opportunities"):
        text = (
            f'"{closed}" is the only date of a row: taken as the day a deal closed (of open deals '
            "as the expected one). Is it the day it was created? Then write columns.created_at"
        )
        found.append(Finding("guess", "[tables.opportunities] closed_at", text))
    source = columns.get("created_at")
    if role.table == "opportunities" and source and "engage" in plain_name(source):
        text = f'"{source}" is taken as created_at; it is when work on the deal began'
        found.append(Finding("guess", "[tables.opportunities] created_at", text))
    return found
