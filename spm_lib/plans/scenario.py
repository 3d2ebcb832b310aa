"""A what-if worth keeping: one small file a person can read, compare and change."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from spm_lib.core.errors import ParameterError
from spm_lib.core.money import from_minor, to_minor
from spm_lib.plans.scenarios.keeping import kept_names
from spm_lib.store import ClientFolder, write_whole
from spm_lib.targets import Levers

VERSION = 1
_MONEY = ("target", "deal_amount")
_LEVERS = ("target", "win_rate", "deal_amount", "cycle_days", "heads")


@dataclass(frozen=True)
class Scenario:
    """A setting of the levers with its name and the day whose rates it started from.

    Examples
    --------
    >>> levers = Levers(target=12_000_000, win_rate=0.3, deal_amount=450_000, cycle_days=60.0,
    ...     heads=12)
    >>> scenario = Scenario("Two more people", "ILS", "2026-09-30", levers)
    >>> print(scenario.text())
    version = 1
    name = "Two more people"
    note = ""
    as_of = "2026-09-30"
    currency = "ILS"
    <BLANKLINE>
    [levers]
    target = "120000.00"
    win_rate = 0.3
    deal_amount = "4500.00"
    cycle_days = 60.0
    heads = 12
    <BLANKLINE>
    >>> read_scenario(scenario.text()) == scenario
    True
    """

    name: str
    currency: str
    as_of: str
    levers: Levers
    note: str = ""

    def text(self) -> str:
        """Return the scenario as TOML, one lever a line, money as exact decimal text."""
        head = {"version": VERSION, "name": self.name, "note": self.note}
        head |= {"as_of": self.as_of, "currency": self.currency}
        levers = {name: self._plain(name) for name in _LEVERS}
        return "\n".join([*_lines(head), "", "[levers]", *_lines(levers), ""])

    def _plain(self, name: str) -> Any:
        value = getattr(self.levers, name)
        return str(from_minor(value, self.currency)) if name in _MONEY else value


def read_scenario(text: str, *, source: str = "scenario") -> Scenario:
    """Read a scenario from TOML.

    Raises
    ------
    ParameterError
        If it is not TOML, or a key is missing, unknown or of another type.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(source, str(error)) from None
    if "basis" in found:
        raise ParameterError(
            f"The scenario file {source} is a target plan's: it holds no levers of the what-if.",
            found=f"version {found.get('version')}",
            do="Build it with `spm plan build`, or choose another scenario",
        )
    faults = list(_faults(found))
    if faults:
        raise _refused(source, "; ".join(faults))
    try:
        return _scenario(found)
    except (InvalidOperation, TypeError, AttributeError) as error:
        raise _refused(source, str(error) or "a value of another type") from None


def save_scenario(workspace: Path, scenario: Scenario) -> Path:
    """Write a scenario into the client's folder, whole or not at all.

    Raises
    ------
    WorkspaceError
        If the name cannot be the name of a file.
    """
    return write_whole(ClientFolder.of(workspace).scenario(scenario.name), scenario.text())


def load_scenario(workspace: Path, name: str) -> Scenario:
    """Read a scenario of the client's folder.

    Raises
    ------
    ParameterError
        If there is none of that name; those that there are are listed.
    """
    path = ClientFolder.of(workspace).scenario(name)
    if not path.is_file():
        raise ParameterError(
            f"There is no scenario '{name}'.",
            found=", ".join(scenario_names(workspace)) or "no saved scenarios",
            do="Name one of them, or save one first",
        )
    return read_scenario(path.read_text(encoding="utf-8"), source=path.name)


def scenario_names(workspace: Path) -> list[str]:
    """Return the names of the client's saved what-if scenarios, sorted."""
    return kept_names(workspace, version=VERSION)


def _lines(values: dict[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        # JSON text is TOML text but for one character, which TOML wants escaped
        yield f"{key} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")


def _faults(found: dict[str, Any]) -> Iterator[str]:
    levers = found.get("levers")
    levers = levers if isinstance(levers, dict) else {}
    if found.get("version") != VERSION:
        yield f"version is {found.get('version')!r}, not {VERSION}"
    known = {"version", "name", "note", "as_of", "currency", "levers"}
    yield from (f"'{key}' is missing" for key in sorted(known - {"note"} - found.keys()))
    yield from (f"'{key}' is unknown" for key in sorted(found.keys() - known))
    yield from (f"lever '{key}' is missing" for key in sorted(set(_LEVERS) - levers.keys()))
    yield from (f"lever '{key}' is unknown" for key in sorted(levers.keys() - set(_LEVERS)))
    texts = [key for key in known - {"version", "levers"} if key in found]
    yield from (f"'{key}' is not text" for key in sorted(texts) if not isinstance(found[key], str))


def _scenario(found: dict[str, Any]) -> Scenario:
    given, currency = dict(found["levers"]), found["currency"]
    for name in _MONEY:
        given[name] = to_minor(Decimal(str(given[name])), currency)
    given["cycle_days"] = float(given["cycle_days"])
    return Scenario(
        name=found["name"],
        currency=currency,
        as_of=found["as_of"],
        levers=Levers(**given),
        note=found.get("note", ""),
    )


def _refused(source: str, found: str) -> ParameterError:
    return ParameterError(
        f"The scenario file {source} cannot be read.",
        found=found,
        do="Mend the file, or save the scenario anew from the dashboard",
    )
