"""A plan file read into a plan, with every fault of the file in one message."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from spm_lib.core.errors import PlanError
from spm_lib.incentives.plan.faults import refuse, type_faults
from spm_lib.incentives.plan.plan import Plan
from spm_lib.incentives.plan.rules import rule_faults


def load_plan(path: str | Path) -> Plan:
    """Return the plan of a file.

    Raises
    ------
    PlanError
        If the file is not there, is no TOML, or says anything that cannot be: all faults at once,
        each with its place, what was found and what to write.
    """
    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise PlanError(
            "There is no such plan file.", found=str(file), do="Name a file of the folder plans/"
        ) from None
    except UnicodeDecodeError:
        raise PlanError(f"{file.name} is not UTF-8 text.", do="Save it again as UTF-8") from None
    return plan_from_text(text, source=file.name)


def plan_from_text(text: str, *, source: str = "plan.toml") -> Plan:
    """Return the plan of a file's text; numbers are read as they are written, never as floats.

    Raises
    ------
    PlanError
        As ``load_plan``.
    """
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(
            f"{source} is not valid TOML.",
            found=str(error),
            do="Correct that line; text goes in double quotes, lists in [ ]",
        ) from None
    return plan_from_content(content, source=source)


def plan_from_content(content: dict[str, Any], *, source: str = "plan.toml") -> Plan:
    """Return the plan of what a file says, such as one that a what-if has changed.

    Raises
    ------
    PlanError
        As ``load_plan``.
    """
    try:
        plan = Plan.model_validate({**content, "source": source})
    except ValidationError as error:
        raise refuse(source, type_faults(error, content)) from None
    faults = rule_faults(plan)
    if faults:
        raise refuse(source, faults)
    return plan
