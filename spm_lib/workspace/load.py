"""A workspace file read into settings, with every fault of the file in one message."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from spm_lib.core.errors import WorkspaceError
from spm_lib.workspace.faults import Fault, refuse, validation_faults
from spm_lib.workspace.rules import file_faults
from spm_lib.workspace.settings import RAW_KEYS, READING_KEYS, ReadingSettings, Settings
from spm_lib.workspace.sound import sound_part

TOP_KEYS = (
    "version",
    "workspace",
    "stages",
    "pipelines",
    "raw",
    "connections",
    "tables",
    "access",
    "team",
)


def load_settings(path: str | Path) -> Settings:
    """Return the settings of a workspace file.

    Parameters
    ----------
    path
        The file, or the folder that holds ``spm.toml``.

    Raises
    ------
    WorkspaceError
        If the file is not there, is no TOML, or says anything that cannot be: all faults at once,
        each with its place, what was found and what to write.
    """
    return examine(path).settled()


def settings_from_text(text: str, *, path: str | Path = "spm.toml") -> Settings:
    """Return the settings of a workspace file's text; ``path`` is what relative paths hang on.

    Raises
    ------
    WorkspaceError
        As ``load_settings``.

    Examples
    --------
    >>> settings = settings_from_text('''
    ... version = 1
    ... [workspace]
    ... id = "acme"
    ... name = "Acme Ltd"
    ... currency = "USD"
    ... [stages]
    ... open = ["Lead", "Proposal"]
    ... won = ["Won"]
    ... lost = ["Lost"]
    ... [tables.opportunities]
    ... path = "deals.csv"
    ... dates = "day-first"
    ... columns = { opportunity_id = "Id", stage = "Stage" }
    ... ''')
    >>> settings.pipelines["default"].won, settings.raw["opportunities"].dates
    (('Won',), 'day-first')
    >>> settings.tables["opportunities"].from_
    'opportunities'
    """
    return _examined(text, Path(path)).settled()


@dataclass(frozen=True)
class Examined:
    """A workspace file with its faults, and the settings of those sections that are sound.

    ``content`` is the file as written. Where a fault stands, ``settings`` holds a default instead,
    or leaves the section out: enough to look on for faults in the data.
    """

    file: Path
    content: Mapping[str, Any]
    settings: Settings
    faults: tuple[Fault, ...]

    def settled(self, further: tuple[Fault, ...] = ()) -> Settings:
        """Return the settings of a file without faults.

        Raises
        ------
        WorkspaceError
            If there are faults, with the ``further`` ones in the same message.
        """
        if self.faults or further:
            raise refuse(self.file, _ordered([*_one_per_place(self.faults), *further]))
        return self.settings


def examine(path: str | Path) -> Examined:
    """Return a workspace file with all its faults; ``path`` as for ``load_settings``.

    Raises
    ------
    WorkspaceError
        If the file is not there, or is no TOML.
    """
    file = Path(path)
    file = file / "spm.toml" if file.is_dir() else file
    return _examined(_text_of(file), file)


def _examined(text: str, file: Path) -> Examined:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WorkspaceError(
            f"{file.name} is not valid TOML.",
            found=str(error),
            do="Correct that line; text goes in double quotes, lists in [ ]",
        ) from None
    faults, shaped = file_faults(content), {**_shaped(content), "path": file}
    try:
        settings = Settings.model_validate(shaped)
    except ValidationError as error:
        faults += validation_faults(error, content)
        settings = sound_part(shaped)
    return Examined(file, content, settings, tuple(faults))


def _text_of(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise WorkspaceError(
            "There is no workspace file.",
            found=f"nothing at {file}",
            do="Run `spm init FOLDER` to have one proposed, or give --workspace",
        ) from None
    except UnicodeDecodeError:
        raise WorkspaceError(
            f"{file.name} is not UTF-8 text.", do="Save it again as UTF-8"
        ) from None


def _one_per_place(faults: tuple[Fault, ...]) -> list[Fault]:
    first: dict[str, Fault] = {}
    for fault in faults:
        first.setdefault(fault.place, fault)
    return list(first.values())


def _ordered(faults: list[Fault]) -> list[Fault]:
    """Return faults in the order of the file's sections."""
    return sorted(dict.fromkeys(faults), key=lambda fault: _section_rank(fault.place))


def _section_rank(place: str) -> int:
    section = re.split(r"[\].\s]", place.lstrip("["))[0]
    return TOP_KEYS.index(section) if section in TOP_KEYS else len(TOP_KEYS)


def _shaped(content: dict[str, Any]) -> dict[str, Any]:
    """Return the file's content in the shape of ``Settings``: short forms written out."""
    shaped = dict(content)
    stages = shaped.pop("stages", None)
    if stages is not None:
        shaped["pipelines"] = {**_mapping(shaped.get("pipelines")), "default": stages}
    raw, tables = dict(_mapping(shaped.get("raw"))), {}
    for name, table in _mapping(shaped.get("tables")).items():
        tables[name] = _table(name, table, raw=raw)
    shaped["raw"], shaped["tables"] = raw, tables
    return shaped


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _table(name: str, table: Any, *, raw: dict[str, Any]) -> Any:
    if not isinstance(table, dict):
        return table
    if "path" in table:
        own = {key: value for key, value in table.items() if key in RAW_KEYS}
        raw.setdefault(name, own)
        rest = {key: value for key, value in table.items() if key not in RAW_KEYS}
        return {**rest, "from": name, "reading": _reading(own)}
    own = {key: value for key, value in table.items() if key in READING_KEYS}
    rest = {key: value for key, value in table.items() if key not in READING_KEYS}
    sources = [rest["from"]] if "from" in rest else named_raws(rest.get("query"), raw)
    shared = _shared([_reading(_mapping(raw.get(s))) for s in sources if isinstance(s, str)])
    return {**rest, "reading": {**shared, **own}}


def _reading(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: raw[key] for key in READING_KEYS if key in raw}


def named_raws(query: Any, raw: dict[str, Any]) -> list[str]:
    """Return the raw frames that a query names.

    Examples
    --------
    >>> named_raws("select * from opps join reps using (id)", {"opps": {}, "reps": {}, "calls": {}})
    ['opps', 'reps']
    """
    words = set(re.findall(r"\w+", query)) if isinstance(query, str) else set()
    return [name for name in raw if name in words]


def _shared(readings: list[dict[str, Any]]) -> dict[str, Any]:
    if not readings:
        return {}
    default = ReadingSettings().model_dump()
    first, *others = [{**default, **reading} for reading in readings]
    return {k: v for k, v in first.items() if all(list_of(o[k]) == list_of(v) for o in others)}


def list_of(value: Any) -> Any:
    """Return tuples as lists, so that a default and a value from the file compare."""
    return list(value) if isinstance(value, tuple) else value
