"""What the numbers of a plan file are called on a page."""

from __future__ import annotations

from typing import Any

from spm_lib.core.language import Language
from spm_lib.core.statement import Phrase
from spm_lib.dashboards.pay.number_kinds import key_of
from spm_lib.dashboards.pay.plan_text import Path

_KEYS = {
    key: phrase.text
    for key, phrase in {
        "rate": Phrase("rate"),
        "threshold": Phrase("threshold"),
        "payout_at_threshold": Phrase("payout at the threshold"),
        "payout": Phrase("payout"),
        "attainment": Phrase("attainment"),
        "over": Phrase("from attainment"),
        "factor": Phrase("factor"),
        "base_rate": Phrase("base rate"),
        "excellence": Phrase("pay stops growing at"),
        "weight": Phrase("weight"),
        "share": Phrase("share"),
        "quota_share": Phrase("share for the quota"),
        "at_target": Phrase("paid at target"),
        "holdback": Phrase("held back"),
        "holdback_days": Phrase("held back for days"),
        "recovery_share": Phrase("share that repays"),
        "otherwise": Phrase("factor where not passed"),
        "ramp": Phrase("share of quota"),
        "parts": Phrase("share"),
        "at_most": Phrase("attainment at most"),
        "achievement": Phrase("achievement"),
        "score": Phrase("score"),
        "times_target": Phrase("of target pay at most"),
        "amount": Phrase("amount"),
        "pay": Phrase("pay"),
        "pool": Phrase("pool"),
        "prizes": Phrase("prize"),
        "maximum": Phrase("debt at most"),
        "up_to": Phrase("up to"),
        "bounds": Phrase("bound"),
        "at_least": Phrase("at least"),
        "cells": Phrase("rate"),
        "levels": Phrase("levels"),
        "cap": Phrase("at most"),
        "window_days": Phrase("window, days"),
        "safety_days": Phrase("paid later by days"),
    }.items()
}
_LISTS = {
    key: phrase.text
    for key, phrase in {
        "accelerators": Phrase("Accelerator {n}"),
        "bands": Phrase("Band {n}"),
        "points": Phrase("Point {n}"),
        "gates": Phrase("Gate {n}"),
        "multipliers": Phrase("Multiplier {n}"),
        "objectives": Phrase("Objective {n}"),
        "ladder": Phrase("Rung {n}"),
        "prizes": Phrase("Place {n}"),
        "ramp": Phrase("Month {n}"),
        "parts": Phrase("Part {n}"),
        "bounds": Phrase("Bound {n}"),
    }.items()
}
_GROUPS = {
    key: phrase.text
    for key, phrase in {
        "target_pay": Phrase("Target pay"),
        "cap": Phrase("Cap of the plan"),
        "draws": Phrase("Draws"),
        "clawback": Phrase("Clawback"),
        "quotas": Phrase("Quotas of new people"),
        "measures": Phrase("What counts"),
        "credits": Phrase("Credit"),
    }.items()
}
_INNER = {"cap": Phrase("Cap").text, "release": Phrase("Release").text}


def group_of(content: dict[str, Any], path: Path, language: Language) -> str:
    """Return the heading under which a number stands: its rule's name, or its section."""
    if path[0] == "components":
        rule = content["components"][path[1]]
        since = rule.get("valid_from")
        name = str(rule.get("name") or rule.get("id"))
        twice = sum(one.get("id") == rule.get("id") for one in content["components"]) > 1
        return f"{name} ({language.date(since)})" if twice and since else name
    head = str(path[0])
    return language.text(_GROUPS[head]) if head in _GROUPS else head


def label_of(content: dict[str, Any], path: Path, language: Language) -> str:
    """Return what one number is called within its group; a key without words stays as written."""
    key = key_of(path)
    parts = [*_owner(content, path), *_inside(path, language)]
    what = language.text(_KEYS[key]) if key in _KEYS else key
    if parts and key in ("prizes", "ramp", "parts", "bounds", "cells"):
        return ", ".join(parts) if key != "bounds" else parts[-1]
    return ", ".join([*parts, what]) if parts else f"{what[:1].upper()}{what[1:]}"


def _owner(content: dict[str, Any], path: Path) -> list[str]:
    """Return whose number it is, where a section has several rows."""
    if path[0] == "components" or len(path) < 3 or not isinstance(path[1], int):
        return []
    row = content[str(path[0])][path[1]]
    told = row.get("rep") or row.get("role") or (row.get("id") if path[0] != "draws" else None)
    if told is None and len(content[str(path[0])]) > 1:
        told = str(path[1] + 1)
    return [] if told is None else [str(told)]


def _inside(path: Path, language: Language) -> list[str]:
    found = []
    inner = path[2:] if path[0] == "components" else path[1:]
    for place, part in enumerate(inner[:-1]):
        following = inner[place + 1]
        if part == "cells" and len(inner) > place + 2:
            row, column = int(following) + 1, int(inner[place + 2]) + 1
            found.append(language.text("Row {row}, column {column}", row=row, column=column))
        elif part in _LISTS and isinstance(following, int):
            found.append(language.text(_LISTS[str(part)], n=following + 1))
        elif part in _INNER and isinstance(following, str):
            found.append(language.text(_INNER[str(part)]))
    return found
