"""A target scenario as TOML: one setting a line, keys always in the same order."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from spm_lib.core.errors import ParameterError, SpmError
from spm_lib.core.money import exponent as exponent_of
from spm_lib.model import metric_id, minor_text
from spm_lib.plans.scenarios.faults import checked, refused
from spm_lib.plans.scenarios.sections import Section
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.workspace.faults import Fault

_AMOUNTS = ("target", "step", "set", "floor", "ceiling", "own")
_ALWAYS = ("note",)


def decimals_of(metric: str, currency: str) -> int:
    """Return how many decimals amounts of a metric have: those of money, or none.

    Raises
    ------
    SpmError
        If there is no such metric or currency.

    Examples
    --------
    >>> decimals_of("won.amount", "ILS"), decimals_of("won.count", "ILS")
    (2, 0)
    """
    return exponent_of(currency) if metric_id(metric).unit == "money" else 0


def scenario_text(scenario: TargetScenario) -> str:
    """Return a scenario as TOML; what is at its default in a row is left out.

    Examples
    --------
    >>> from spm_lib.plans.scenarios.target_scenario import example_scenario
    >>> text = scenario_text(example_scenario().with_row(rep_id="R1", move=0.05))
    >>> text.splitlines()[-4:]
    ['[[rows]]', 'rep_id = "R1"', 'move = 0.05', 'note = ""']
    """
    decimals = decimals_of(scenario.basis.metric, scenario.currency)
    head = {key: getattr(scenario, key) for key in ("version", "name", "note", "currency")}
    if scenario.pay:
        head["pay"] = scenario.pay
    parts = ["\n".join(_lines(head, decimals))]
    for name in ("basis", "share", "over_time", "odds"):
        section = getattr(scenario, name)
        whole = {key: getattr(section, key) for key in type(section).model_fields}
        parts.append("\n".join([f"[{name}]", *_lines(whole, decimals)]))
    for name in ("hires", "kpis", "rows"):
        rows: tuple[Section, ...] = getattr(scenario, name)
        parts += ["\n".join([f"[[{name}]]", *_lines(_told(row), decimals)]) for row in rows]
    return "\n\n".join(parts) + "\n"


def _told(row: Section) -> dict[str, Any]:
    """Return the keys of a row that say something."""
    fields = type(row).model_fields
    return {
        key: getattr(row, key)
        for key, field in fields.items()
        if key in _ALWAYS or getattr(row, key) != field.default
    }


def _lines(values: Mapping[str, Any], decimals: int) -> Iterator[str]:
    for key, value in values.items():
        if value is not None:
            told = minor_text(value, decimals) if key in _AMOUNTS else value
            yield f"{key} = {_plain(told)}"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key} = {_plain(part)}" for key, part in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, tuple):
        return f"[{', '.join(_plain(part) for part in value)}]"
    if isinstance(value, date):
        value = value.isoformat()
    # JSON text is TOML text but for one character, which TOML wants escaped
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_target_scenario(text: str, *, source: str = "") -> TargetScenario:
    """Read a target scenario from TOML.

    Parameters
    ----------
    source
        The file, to be named in refusals.

    Raises
    ------
    ParameterError
        If it is no TOML, of another version, or says anything that cannot be: all faults at once.
    """
    where = f"The scenario file {source}" if source else "The scenario"
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(
            f"{where} is not valid TOML.",
            found=str(error),
            do="Correct that line; text goes in double quotes, lists in [ ]",
        ) from None
    if found.get("version") == 1 and "levers" in found:
        raise ParameterError(
            f"{where} is of the what-if dashboard, version 1: it holds no share-out.",
            found=", ".join(sorted(found)),
            do="Take its levers over with `spm plan init --from NAME`, or open it in the what-if",
        )
    return checked(found, source=source, exponent=_exponent(found, source))


def _exponent(found: dict[str, Any], source: str) -> int:
    """Return the decimals of a file's amounts; what is wrong otherwise is told with the rest."""
    basis = found.get("basis")
    metric = basis.get("metric", "won.amount") if isinstance(basis, dict) else "won.amount"
    currency = found.get("currency")
    try:
        return decimals_of(metric if isinstance(metric, str) else "won.amount", str(currency))
    except SpmError as error:
        if not isinstance(currency, str) or len(currency) != 3:
            return 2  # the currency's own fault is listed with the others
        raise refused(
            [Fault("[basis] metric", error.what, error.do or "")], source=source
        ) from None
