"""What changed since an earlier report: what happened meanwhile, and what was corrected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spm_lib.model import Figure

Key = tuple[str, tuple[tuple[str, str], ...], object]


@dataclass(frozen=True)
class Correction:
    """A figure of the earlier report that today's data tells otherwise for the same day.

    ``then`` is as it was reported, ``again`` as the data now tells it; one of them may be missing.
    """

    then: Figure | None
    again: Figure | None

    @property
    def figure(self) -> Figure:
        """The figure it is about."""
        found = self.again or self.then
        assert found is not None
        return found

    def rows(self) -> dict[str, int]:
        """Return how many rows more (or fewer, below 0) are used, and are set aside by reason."""
        before, after = _rows(self.then), _rows(self.again)
        found = {name: after.get(name, 0) - before.get(name, 0) for name in {**before, **after}}
        return {name: count for name, count in sorted(found.items()) if count}


@dataclass(frozen=True)
class Move:
    """A figure of the whole then and now, both by what the data says today."""

    then: Figure
    now: Figure


def read_figures(path: Path) -> list[Figure]:
    """Return the figures of a ``figures.json``."""
    return [Figure.from_dict(record) for record in json.loads(path.read_text(encoding="utf-8"))]


def corrections(then: Iterable[Figure], again: Iterable[Figure]) -> list[Correction]:
    """Return the figures that differ between a report and its repetition for the same day.

    Examples
    --------
    >>> from datetime import date
    >>> from spm_lib.model import Receipt
    >>> then = Figure("won.count", date(2026, 8, 31), "count", "12", Receipt(12))
    >>> again = Figure("won.count", date(2026, 8, 31), "count", "13", Receipt(13))
    >>> [c.rows() for c in corrections([then], [again])]
    [{'used': 1}]
    """
    before, after = _by_key(then), _by_key(again)
    keys = list(dict.fromkeys([*before, *after]))
    pairs = (Correction(before.get(key), after.get(key)) for key in keys)
    return [pair for pair in pairs if _value(pair.then) != _value(pair.again)]


def moves(again: Iterable[Figure], now: Iterable[Figure]) -> list[Move]:
    """Return the figures of the whole whose value is another now than on the earlier day.

    They are paired by metric where each of the two reports tells it once for the whole.
    """
    before, after = _lone(again), _lone(now)
    pairs = [Move(before[m], after[m]) for m in before if m in after]
    return [pair for pair in pairs if pair.then.value != pair.now.value]


def _lone(figures: Iterable[Figure]) -> dict[str, Figure]:
    """Return the figure of each metric for the whole: of several windows, the longest."""
    found: dict[str, Figure] = {}
    for figure in figures:
        known = found.get(figure.metric)
        if not figure.by and (known is None or _length(figure) > _length(known)):
            found[figure.metric] = figure
    return found


def _length(figure: Figure) -> int:
    return (figure.window[1] - figure.window[0]).days if figure.window else 0


def _by_key(figures: Iterable[Figure]) -> dict[Key, Figure]:
    return {(f.metric, tuple(sorted(f.by.items())), f.window): f for f in figures}


def _value(figure: Figure | None) -> str | None:
    return figure.value if figure else None


def _rows(figure: Figure | None) -> dict[str, int]:
    if figure is None:
        return {}
    aside = {reason: part.rows for reason, part in figure.receipt.set_aside.items()}
    return {"used": figure.receipt.used, **aside}


def changed_inputs(then: Mapping[str, object], now: Mapping[str, object]) -> Sequence[str]:
    """Return the inputs whose bytes differ between two manifests, and those only one has.

    Examples
    --------
    >>> changed_inputs({"inputs": {"a.csv": "1", "b.csv": "2"}}, {"inputs": {"a.csv": "3"}})
    ['a.csv', 'b.csv']
    """
    before, after = _inputs(then), _inputs(now)
    return [name for name in sorted({**before, **after}) if before.get(name) != after.get(name)]


def _inputs(manifest: Mapping[str, object]) -> dict[str, object]:
    found = manifest.get("inputs")
    return dict(found) if isinstance(found, Mapping) else {}
