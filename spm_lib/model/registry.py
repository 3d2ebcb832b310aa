"""The registry of metric ids: every number that is printed is declared here by its room.

The as-of, receipt and scope property tests run over this registry, and the dictionary of
``spm metrics`` and of the documentation is printed from it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from spm_lib.core.errors import MetricError


@dataclass(frozen=True)
class MetricId:
    """The definition of a number.

    Texts are English message ids; their Hebrew is in the catalogue of the declaring room.
    ``unit`` is one of "count", "ratio", "money", "days", "money per day", "per won". ``compute``
    gives the figures of this id for a company: ``compute(company, by, window) -> list[Figure]``.
    ``counts`` names the counts that a figure of this id carries along.
    """

    id: str
    name: str
    formula: str
    numerator: str
    denominator: str
    unit: str
    date_field: str
    null_rule: str
    table: str
    room: str
    source: str = ""
    variants: tuple[str, ...] = ()
    reading: str = ""
    dimensions: tuple[str, ...] = ("rep_id",)
    compute: Callable[..., list] | None = None
    counts: tuple[str, ...] = ()


_METRICS: dict[str, MetricId] = {}


def register(metric: MetricId) -> MetricId:
    """Declare a metric id; a second declaration of the same id must come from the same room."""
    known = _METRICS.get(metric.id)
    if known is not None and known.room != metric.room:
        raise MetricError(
            f"The metric id '{metric.id}' is declared twice.",
            found=f"rooms '{known.room}' and '{metric.room}'",
            do="Choose another id for one of them",
        )
    _METRICS[metric.id] = metric
    return metric


def declaring(
    room: str,
    *,
    compute: Callable[[str], Callable[..., list] | None] | None = None,
    prefix: str = "",
    **common: Any,
) -> Callable[..., MetricId]:
    """Return what declares the ids of a room: ``declare(name, title, formula, **more)``.

    Parameters
    ----------
    room
        The declaring room.
    compute
        Gives the answer for an id; what ``more`` holds under that name goes before.
    prefix
        What stands before every name.
    common
        What the ids have in common, in place of the usual: a ratio of opportunities by the day of
        their close, told of all together only.

    Examples
    --------
    >>> declare = declaring("docs", prefix="docs.", unit="count")
    >>> declare("pages", "Pages", "number of pages", null_rule="never null").id
    'docs.pages'
    >>> _ = _METRICS.pop("docs.pages")
    """
    usual = {**_USUAL, "room": room, **common}

    def declare(name: str, title: str, formula: str, **more: Any) -> MetricId:
        given = {"compute": compute(prefix + name)} if compute else {}
        told = {**usual, **given, **more}
        return register(MetricId(id=prefix + name, name=title, formula=formula, **told))

    return declare


def of_all(made: Callable[[Any, Any], list]) -> Callable[[str], Callable[..., list]]:
    """Return what gives the answer for an id told of all together: to a breakdown, nothing.

    Parameters
    ----------
    made
        ``(company, window) -> figures`` of several ids, the window as it was asked for.

    Examples
    --------
    >>> from types import SimpleNamespace as Told
    >>> answer = of_all(lambda company, window: [Told(metric="won"), Told(metric="lost")])
    >>> [f.metric for f in answer("won")("a company")]
    ['won']
    >>> answer("won")("a company", by="rep_id")
    []
    """

    def compute(metric: str) -> Callable[..., list]:
        def figures(
            company: Any, by: str | Sequence[str] | None = None, window: Any = None
        ) -> list:
            return [] if by else [f for f in made(company, window) if f.metric == metric]

        return figures

    return compute


_USUAL = {
    "numerator": "",
    "denominator": "",
    "unit": "ratio",
    "date_field": "closed_at",
    "table": "opportunities",
    "dimensions": (),
}


def metric_ids() -> list[MetricId]:
    """Return all declared metrics, sorted by id."""
    return [_METRICS[key] for key in sorted(_METRICS)]


def metric_id(name: str) -> MetricId:
    """Return the definition of one id.

    Raises
    ------
    MetricError
        If no room has declared it; the nearest known ids are named.
    """
    if name in _METRICS:
        return _METRICS[name]
    near = _nearest(name)
    raise MetricError(
        f"There is no metric '{name}'.",
        found=f"nearest: {', '.join(near)}" if near else f"{len(_METRICS)} declared metrics",
        do="Run `spm metrics` for the dictionary",
    )


def _nearest(name: str) -> list[str]:
    """Return the ids that were likely meant: those that begin so, then those written alike."""
    asked = name.casefold().strip(". ")
    family = [key for key in sorted(_METRICS) if asked and f"{key}.".startswith(f"{asked}.")]
    family.sort(key=lambda key: key.endswith(".change"))
    alike = difflib.get_close_matches(asked, _METRICS, n=3, cutoff=0.4)
    return list(dict.fromkeys([*family[:5], *([] if family else alike)]))
