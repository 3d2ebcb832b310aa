"""The playbook as a checklist file: what goes with winning, as items that a plan loop can load."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spm_lib.core.errors import DataError
from spm_lib.metrics.stages import stage_name

if TYPE_CHECKING:
    from spm_lib.core.language import Language
    from spm_lib.process.playbook.playbook import Playbook

LONGEST = 200  # letters of a name or an evidence


def checklist_text(made: Playbook, *, language: Language) -> str:
    """Return the checklist of a playbook as TOML, an item per found habit, stages in order.

    What is associated with losing is no item: a checklist says what to do.

    Raises
    ------
    DataError
        If nothing found goes with winning: then there is nothing to check.
    """
    rows = [row for row in made.found.iter_rows(named=True) if row["odds"] > 1]
    if not rows:
        raise DataError(
            "There is no checklist: nothing that is done at a stage clearly goes with winning.",
            found=f"{made.tried} comparisons, none clear of luck",
        )
    head = language.text(
        "From the playbook of {day}. Associated with winning, which is not to say it causes it.",
        day=language.date(made.company.as_of),
    )
    parts = [f"# {head}"]
    keys: set[str] = set()
    for row in rows:
        told = made.behaviour(row["behaviour"]).statement.tell(language)
        stage = stage_name(made.company, row["pipeline"], row["stage"])
        name = language.text("{stage}: {behaviour}", stage=stage, behaviour=told)
        evidence = language.text("Own deals that entered {stage}", stage=stage)
        key = _key(row["pipeline"], row["stage"], row["behaviour"], keys)
        parts.append(_item(key, name, evidence))
    return "\n\n".join(parts) + "\n"


def _item(key: str, name: str, evidence: str) -> str:
    return "\n".join(
        [
            "[[items]]",
            f'key = "{key}"',
            f"name = {_quoted(name)}",
            'owner = "rep"',
            'every = "month"',
            f"evidence = {_quoted(evidence)}",
        ]
    )


def _key(pipeline: str, stage: str, behaviour: str, taken: set[str]) -> str:
    """Return a short name of ascii letters that no item before has."""
    words = [part for part in (pipeline, stage, behaviour) if part != "default"]
    plain = re.sub(r"[^a-z0-9]+", "_", "_".join(words).casefold()).strip("_")[:45]
    key, number = f"playbook_{plain}", 2
    while key in taken:
        key, number = f"playbook_{plain}_{number}", number + 1
    taken.add(key)
    return key


def _quoted(text: str) -> str:
    """Return text as a basic string of TOML, without marks of direction, short enough."""
    plain = "".join(c for c in text if c.isprintable())[:LONGEST]
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
