"""Rules across a workspace file that no single key tells: what names what, what excludes what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from babel.core import UnknownLocaleError
from babel.numbers import UnknownCurrencyError, get_currency_precision, is_currency

from spm_lib.core.calendar import WorkCalendar
from spm_lib.core.errors import SpmError
from spm_lib.workspace.access_rules import access_faults
from spm_lib.workspace.faults import Fault, nearest, path_of
from spm_lib.workspace.settings import RAW_KEYS, READING_KEYS

UNDECIDED = "?"
_ONLY_RAW = tuple(key for key in RAW_KEYS if key not in (*READING_KEYS, "path", "query"))
_PLACE = re.compile(r"\$\{\w+\}")


def file_faults(content: Mapping[str, Any]) -> list[Fault]:
    """Return the faults between keys, in the order of the file's sections."""
    checks: tuple[Callable[[Mapping[str, Any]], Iterator[Fault]], ...] = (
        _sections,
        _undecided,
        _secrets,
        _calendar,
        _stages,
        _connections,
        _raws,
        _tables,
        access_faults,
    )
    return [fault for check in checks for fault in check(content)]


def _section(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = content.get(name)
    return value if isinstance(value, dict) else {}


def _sub(content: Mapping[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((k, v) for k, v in _section(content, name).items() if isinstance(v, dict))


def _sections(content: Mapping[str, Any]) -> Iterator[Fault]:
    if "version" not in content:
        yield Fault("version", "it is missing", "Write version = 1 as the first line")
    if "tables" not in content:
        yield Fault("tables", "no table is mapped", "Write at least [tables.opportunities]")


def _undecided(content: Mapping[str, Any]) -> Iterator[Fault]:
    for loc, value in _leaves(content, ()):
        if value == UNDECIDED:
            yield Fault(path_of(loc), "nobody has decided this yet", 'Replace "?" by the answer')


def _leaves(value: Any, loc: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*loc, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, loc)
    else:
        yield loc, value


def _secrets(content: Mapping[str, Any]) -> Iterator[Fault]:
    for loc, value in _leaves(content, ()):
        filled = loc[:1] == ("connections",) or loc == ("team", "url")
        if not filled and isinstance(value, str) and _PLACE.search(value):
            yield Fault(
                path_of(loc),
                "a ${NAME} place is filled in connections only",
                "Write the value itself, or move it to [connections.NAME] url",
            )
    named = {f"connections.{name}": one for name, one in _sub(content, "connections")}
    for name, connection in {**named, "team": _section(content, "team")}.items():
        url = connection.get("url")
        if isinstance(url, str) and _holds_password(url):
            yield Fault(
                f"[{name}] url",
                "a password stands in the file",
                "Put it in the environment and write its place, such as ${CRM_PASSWORD}",
            )


def _holds_password(url: str) -> bool:
    try:
        password = urlsplit(_PLACE.sub("_ENV_", url)).password
    except ValueError:
        return False
    return bool(password) and password != "_ENV_"


def _calendar(content: Mapping[str, Any]) -> Iterator[Fault]:
    section = _section(content, "workspace")
    if "workspace" not in content:
        return
    given = section.get("calendar")
    calendar = given if isinstance(given, dict) else {}
    keys = {
        "timezone": (section.get("timezone"), "workspace", "timezone"),
        "country": (calendar.get("country"), "workspace", "calendar", "country"),
        "week": (calendar.get("week"), "workspace", "calendar", "week"),
    }
    for key, (value, *loc) in keys.items():
        if isinstance(value, str) and value != UNDECIDED:
            yield from _refused_by_calendar(key, value, path_of(loc))
    for name in ("raw", "tables"):
        for sub, raw in _sub(content, name):
            zone = raw.get("timezone")
            if isinstance(zone, str) and zone != UNDECIDED:
                yield from _refused_by_calendar("timezone", zone, f"[{name}.{sub}] timezone")
    currency = section.get("currency")
    if isinstance(currency, str) and len(currency) == 3 and not _is_currency(currency):
        yield Fault("[workspace] currency", f"found '{currency}'", "Write an ISO 4217 code")


def _is_currency(code: str) -> bool:
    try:
        return is_currency(code) and get_currency_precision(code) >= 0
    except (UnknownCurrencyError, UnknownLocaleError):
        return False


def _refused_by_calendar(key: str, value: str, place: str) -> Iterator[Fault]:
    try:
        replace(WorkCalendar(), **{key: value})
    except SpmError as error:
        yield Fault(place, f"found '{value}'", error.do or error.what)


def _stages(content: Mapping[str, Any]) -> Iterator[Fault]:
    pipelines = dict(_sub(content, "pipelines"))
    if "stages" in content and "pipelines" in content:
        yield Fault("stages", "both [stages] and [pipelines.NAME] are given", "Keep one of the two")
    if isinstance(content.get("stages"), dict):
        pipelines = {"": content["stages"]}
    for name, stages in pipelines.items():
        place = f"[pipelines.{name}]" if name else "[stages]"
        yield from _listed_twice(place, stages)
        unsure = stages.get("unsure")
        if isinstance(unsure, list) and unsure:
            shown = ", ".join(f'"{stage}"' for stage in unsure)
            gone = ", ".join(f'"{stage}" = ""' for stage in unsure)
            yield Fault(
                f"{place} unsure",
                f"nobody has decided whether these are open, won or lost: {shown}",
                "Move each to open, won or lost, and delete unsure; rows are set aside by "
                f"values.stage = {{ {gone} }} in the table",
            )


def _listed_twice(place: str, stages: Mapping[str, Any]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for key in ("open", "won", "lost"):
        listed = stages.get(key)
        for stage in listed if isinstance(listed, list) else ():
            if stage in seen:
                both = f"{seen[stage]} and {key}" if seen[stage] != key else f"{key} twice"
                yield Fault(f"{place} {key}", f'"{stage}" is listed in {both}', "Keep one")
            seen[stage] = key


def _connections(content: Mapping[str, Any]) -> Iterator[Fault]:
    known = _section(content, "connections")
    for name, raw in _sub(content, "raw"):
        wanted = raw.get("connection")
        if isinstance(wanted, str) and wanted not in known:
            do = nearest(wanted, known) if known else f"Add [connections.{wanted}] with url = ..."
            yield Fault(f"[raw.{name}] connection", f"there is no connection '{wanted}'", do)


def _raws(content: Mapping[str, Any]) -> Iterator[Fault]:
    for name, raw in _sub(content, "raw"):
        yield from _one_raw(f"[raw.{name}]", raw)
        if name in _short_forms(content):
            yield Fault(
                f"[tables.{name}] path",
                f"there is also a [raw.{name}]",
                f'Write from = "{name}", or give the raw frame another name',
            )
    for name in _short_forms(content):
        yield from _one_raw(f"[tables.{name}]", _section(content, "tables")[name])


def _short_forms(content: Mapping[str, Any]) -> list[str]:
    return [name for name, table in _sub(content, "tables") if "path" in table]


def _one_raw(place: str, raw: Mapping[str, Any]) -> Iterator[Fault]:
    if "path" not in raw and "connection" not in raw:
        yield Fault(place, "it says neither path nor connection", 'Write path = "FILE.csv"')
    if "path" in raw and "connection" in raw:
        yield Fault(place, "both path and connection are given", "Keep one of the two")
    if "connection" in raw and "query" not in raw:
        yield Fault(place, "a connection needs a query", 'Write query = "select ..."')
    if "path" in raw and "query" in raw and place.startswith("[raw."):
        yield Fault(place, "a file has no query", "Write the query in [tables.NAME]")
    if raw.get("header") is False and not raw.get("names"):
        yield Fault(
            f"{place} header",
            "the file has no header and no names are given",
            'Write names = ["first column", "second column", ...]',
        )
    yield from _decimal(place, raw)


def _decimal(place: str, raw: Mapping[str, Any]) -> Iterator[Fault]:
    decimal = raw.get("decimal", ".")
    if raw.get("thousands") == decimal:
        yield Fault(
            f"{place} thousands",
            f"'{decimal}' is also the decimal sign",
            "Give two different signs",
        )


def _tables(content: Mapping[str, Any]) -> Iterator[Fault]:
    raws = [*_section(content, "raw"), *_short_forms(content)]
    for name, table in _sub(content, "tables"):
        place = f"[tables.{name}]"
        ways = [key for key in ("from", "query", "path") if key in table]
        if len(ways) != 1:
            found = f"{' and '.join(ways)} are given" if ways else "it does not say where from"
            yield Fault(place, found, "Write one of from, query, path")
        yield from _from(place, table, raws)
        yield from _misplaced(place, table)


def _from(place: str, table: Mapping[str, Any], raws: list[str]) -> Iterator[Fault]:
    wanted = table.get("from")
    if isinstance(wanted, str) and wanted not in raws:
        do = nearest(wanted, raws) if raws else f"Add [raw.{wanted}] with path = ..."
        yield Fault(f"{place} from", f"there is no raw frame '{wanted}'", do)


def _misplaced(place: str, table: Mapping[str, Any]) -> Iterator[Fault]:
    if "path" in table:
        return
    for key in table:
        if key in _ONLY_RAW or (key in READING_KEYS and "from" in table):
            where = f"[raw.{table.get('from', 'NAME')}]"
            yield Fault(f"{place} {key}", "it says how a file is read", f"Move it to {where}")
