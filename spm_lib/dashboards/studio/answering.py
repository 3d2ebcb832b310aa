"""A page on one line to its reader: questions of levers and edits come in, pictures go out."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from spm_lib.core.errors import ParameterError, SpmError
from spm_lib.core.language import Language
from spm_lib.dashboards.studio.acting import Keeper
from spm_lib.dashboards.studio.view import StudioView

Edits = list[dict[str, Any]]


class Answering(ABC):
    """What pages of levers have in common; where a setting cannot be, the picture stays.

    ``seen``: ids of the lines in sight, as the page last said; null: it did not.
    """

    language: Language
    view: StudioView
    keeper: Keeper
    seen: frozenset[str] | None = None

    @abstractmethod
    def turn(self, values: Mapping[str, float], edits: Edits, *, settled: bool) -> None:
        """Work out a setting.

        Raises
        ------
        SpmError
            If it cannot be; all stays as it was.
        """

    @abstractmethod
    def picture(self, *, settled: bool) -> dict[str, Any]:
        """Return what the page shows; text and inputs once levers rest."""

    def faulty(self, edits: Edits) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return the cells that a refused setting may have come from: ``rep, field``."""
        return []

    def heard(self, message: dict[str, Any]) -> None:
        """Answer a message of the page; what it says is its visitor's to choose."""
        if isinstance(message.get("ask"), dict):
            self._answer(message["ask"])
        elif isinstance(message.get("act"), str):
            self.keeper.act(message["act"], str(message.get("name") or ""))

    def _answer(self, asked: dict[str, Any]) -> None:
        """Answer levers and edits; of a fault it tells what to change, and the picture stays."""
        told = {"moves": asked.get("moves"), "seq": asked.get("seq")}
        settled = asked.get("settled") is True
        self.seen = _seen(asked.get("seen"))
        try:
            values, edits = _values(asked.get("values")), _edits(asked.get("edits"))
        except ParameterError as error:
            self.view.tell("answer", **told, settled=True, fault=str(error))
            return
        try:
            self.turn(values, edits, settled=settled)
            shown = self.picture(settled=settled)
        except SpmError as error:
            faults = self.faulty(edits)
            self.view.tell("answer", **told, settled=True, fault=str(error), faults=faults)
            return
        except Exception:
            fault = self.language.text("This could not be worked out. Move the last lever back.")
            self.view.tell("answer", **told, settled=True, fault=fault)
            return
        self.view.tell("answer", **told, settled=settled, **shown)


def _values(told: Any) -> dict[str, float]:
    fine = isinstance(told, dict) and all(
        isinstance(k, str) and isinstance(v, int | float) and math.isfinite(v)
        for k, v in told.items()
    )
    if not fine:
        raise ParameterError("A lever's value is a number.", found=repr(told)[:60])
    return dict(told)


def _seen(told: Any) -> frozenset[str] | None:
    """Return the ids of people in sight; null where the page does not say."""
    if not isinstance(told, list):
        return None
    return frozenset(one for one in told if isinstance(one, str))


def _edits(told: Any) -> Edits:
    wanted = {"rep", "field", "value"}
    fine = isinstance(told, list) and all(isinstance(e, dict) and set(e) == wanted for e in told)
    if not fine:
        raise ParameterError("An edit names a person and a column.", found=repr(told)[:60])
    return list(told)
