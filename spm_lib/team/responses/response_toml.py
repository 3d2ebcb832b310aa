"""The response as a TOML file to fill in, and read back with the line of each field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from spm_lib.core.language import Language
from spm_lib.team.letters.letter_files import Issued
from spm_lib.team.responses.choices import CATEGORY_WORDS, CONFIDENCE_WORDS, DECISION_WORDS
from spm_lib.team.responses.response import Response
from spm_lib.team.responses.response_faults import Place
from spm_lib.team.responses.response_of import MOST, goal_metrics, response_content
from spm_lib.team.responses.toml_text import comment, line, parsed, rows

_TABLE = re.compile(r"\[\[\s*(\w+)\s*\]\]")
_KEY = re.compile(r"([A-Za-z_][\w-]*)\s*=")
_BLANK_ROW: dict[str, dict[str, str]] = {
    "worries": {"category": "", "text": ""},
    "goals": {"metric": "", "measure": "", "due": "", "help_wanted": ""},
}


def response_toml(issued: Issued, *, language: Language, response: Response | None = None) -> str:
    """Return the TOML file in which a person answers an issued letter.

    Parameters
    ----------
    issued
        The letter that is answered.
    language
        Of the comments.
    response
        Filled in already; null: blank.
    """
    told = _blank(issued) if response is None else response_content(response)
    return "\n".join(_lines(issued, told, language)) + "\n"


def read_toml(content: bytes) -> tuple[dict[str, Any], dict[Place, int]]:
    """Return what a TOML file of a response says, and the line of each of its fields.

    Raises
    ------
    TeamError
        If it is no TOML in UTF-8.
    """
    told, text = parsed(content)
    return told, dict(_places(text))


def _blank(issued: Issued) -> dict[str, Any]:
    return {
        "letter": issued.hash,
        "version": issued.version,
        "rep_id": issued.letter.rep_id,
        "read_on": "",
        "decision": "",
        "confidence": 0,
        "remarks": "",
        "ideas": [""],
        "worries": [_BLANK_ROW["worries"]],
        "goals": [_BLANK_ROW["goals"]],
    }


def _lines(issued: Issued, told: Mapping[str, Any], language: Language) -> Iterator[str]:
    say = language.text
    yield comment(f"{say('Response to the plan letter')}: {issued.letter.client}, "
                   f"{issued.letter.name}")  # fmt: skip
    yield comment(say("These three lines say which letter is answered: leave them as they are."))
    for key in ("letter", "version", "rep_id"):
        yield line(key, told[key])
    yield ""
    yield comment(say("The day on which you read the letter, such as 2026-12-01."))
    yield line("read_on", told["read_on"])
    yield comment(_choices(DECISION_WORDS, language))
    yield line("decision", told["decision"])
    yield comment(_choices(CONFIDENCE_WORDS, language))
    yield line("confidence", told["confidence"])
    yield line("remarks", told["remarks"])
    yield comment(f"{say('Ideas from the field')}: {say('up to {n}', n=MOST['ideas'])}")
    yield line("ideas", told["ideas"])
    yield ""
    yield comment(f"{say('Worries')}: {say('up to {n}', n=MOST['worries'])}; "
                   f"{_choices(CATEGORY_WORDS, language)}")  # fmt: skip
    yield from rows("worries", told["worries"])
    yield comment(f"{say('Goals of your own')}: {say('up to {n}', n=MOST['goals'])}; "
                   f"{', '.join(metric.id for metric in goal_metrics())}")  # fmt: skip
    yield from rows("goals", told["goals"])


def _choices(words: Mapping[Any, str], language: Language) -> str:
    told = {str(key): language.text(text) for key, text in words.items()}
    return ", ".join(f"{key} ({text})" if text != key else key for key, text in told.items())


def _places(text: str) -> Iterator[tuple[Place, int]]:
    """Return the line, from 1, of each field: as far as it stands at the head of a line."""
    table, counts = "", dict.fromkeys(_BLANK_ROW, -1)
    for number, said in enumerate(text.splitlines(), start=1):
        if found := _TABLE.match(said.strip()):
            table = found.group(1)
            if table in counts:
                counts[table] += 1
                yield (table, counts[table]), number
        elif found := _KEY.match(said.strip()):
            key = found.group(1)
            yield ((table, counts[table], key) if table in counts else (key,)), number
