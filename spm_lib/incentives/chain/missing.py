"""Numbers that a plan asks for and nobody gave: of whom, for which days, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from spm_lib.core.errors import PayError
from spm_lib.core.statement import Phrase, Statement

Kind = Literal["quota", "low_quota", "target", "score", "scores", "cells"]
_SHOWN = 8
_PLAIN: dict[Kind, str] = {
    "quota": "no quota '{name}' of {rep}",
    "low_quota": "a quota of {value} '{name}' of {rep}",
    "target": "no target pay of {rep}",
    "score": "no score '{name}' of {rep}",
    "scores": "{value} scores '{name}' of {rep}",
    "cells": "no cells of '{name}' for all values of {value} that {rep} sold",
}
_SAID: dict[Kind, str] = {
    "quota": Phrase("{rep} has no quota {name} from {first} to {last}.").text,
    "low_quota": Phrase("The quota {name} of {rep} from {first} to {last} is {value}.").text,
    "target": Phrase("{rep} has no target pay from {first} to {last}.").text,
    "score": Phrase("{rep} has no score {name} from {first} to {last}.").text,
    "scores": Phrase("{rep} has {value} scores {name} from {first} to {last}.").text,
    "cells": Phrase("{rep} sold values of {value} from {first} to {last} that {name} has no cells for.").text,  # noqa: E501
}  # fmt: skip


@dataclass(frozen=True)
class Missing:
    """One number that is missing for the days ``[start, end)``.

    ``name`` is of the quota, the objective or the component; ``value`` what was found instead.
    """

    kind: Kind
    rep: str
    start: date
    end: date
    name: str = ""
    value: str = ""

    @property
    def plain(self) -> str:
        """The fault as an error names it."""
        told = _PLAIN[self.kind].format(name=self.name, rep=self.rep, value=self.value)
        return f"{told} for {self.start} to {self.end}"

    def statement(self, names: Mapping[str, str]) -> Statement:
        """Return the fault as a sentence, the person by name."""
        told = {
            "rep": names.get(self.rep, self.rep),
            "name": self.name,
            "value": self.value,
            "first": self.start,
            "last": self.end - timedelta(days=1),
        }
        return Statement(_SAID[self.kind], told)


class MissingError(PayError):
    """Numbers that the plan asks for are missing; ``missing`` are all of them."""

    def __init__(self, missing: Iterable[Missing]) -> None:
        self.missing = tuple(missing)
        shown, left = self.missing[:_SHOWN], len(self.missing) - _SHOWN
        more = f"; and {left} more" if left > 0 else ""
        super().__init__(
            "Pay cannot be worked out: numbers that the plan asks for are missing.",
            found="; ".join(fault.plain for fault in shown) + more,
            do="Add them; rows of one quota or score may not overlap. What is not known is "
            "never paid as 0",
        )
