"""What one person may be told of the others, as figures: for the pages, and for the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from spm_lib.core.calendar import Window
from spm_lib.core.money import exponent
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure, Receipt
from spm_lib.reps.peers import Peers, PeerValue, peers_of
from spm_lib.reps.skills.breakdowns import names_of
from spm_lib.reps.skills.standings import Standing

_UNITS = {
    "peers.won.amount": "money",
    "peers.deal.amount": "money",
    "peers.won.count": "count",
    "peers.closed.count": "count",
    "peers.cycle.days": "days",
    "peers.stage.days": "days",
    "peers.skill.deal_size": "money",
    "peers.skill.volume": "count",
}
_OWN = ("stage", "speed")  # skills whose own number no other metric tells


def peer_figure(
    company: Company, window: Window, rep: str, *, level: str, told: PeerValue
) -> Figure:
    """Return one number of the others as a figure of the person who may read it.

    Its receipt counts the cases of the others (or the others) that it rests on.
    """
    by = {"rep_id": rep, "level": level}
    if told.key:
        by["stage"] = told.key.replace("\t", " · ")
    ends = (told.low, told.high)
    n = told.n or told.others
    return _figure(company, window, told.metric, value=told.value, by=by, n=n, ends=ends)


def standing_figure(
    company: Company, window: Window, rep: str, *, standing: Standing, name: str
) -> Figure | None:
    """Return the person's number of a skill, or what it is compared with; none: withheld.

    ``name`` is "own" (of a stage, and of speed) or "skill" (of the others).
    """
    kind, _, stage = standing.skill.partition(":")
    value = standing.own if name == "own" else standing.others
    if value is None:
        return None
    by = {"rep_id": rep, "stage": stage} if stage else {"rep_id": rep}
    return _figure(company, window, f"peers.{name}.{kind}", value=value, by=by, n=standing.n)


def _figure(
    company: Company,
    window: Window,
    metric: str,
    *,
    value: float,
    by: dict[str, str],
    n: int,
    ends: tuple[float | None, float | None] = (None, None),
) -> Figure:
    unit = _UNITS.get(metric, "ratio")
    if unit == "money":
        unit, value = f"money:{company.currency}", value / 10 ** exponent(company.currency)
    low, high = (None if end is None else _plain(end) for end in ends)
    return Figure(
        metric=metric,
        as_of=company.as_of,
        unit=unit,
        value=_plain(value),
        receipt=Receipt(n, scoped=company.scoped),
        by=by,
        window=(window.start, window.end),
        n=n,
        low=low,
        high=high,
    )


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def compute(metric: str) -> Callable[..., list[Figure]]:
    """Return the answer for one id: ``(company, by, window) -> figures``, by person only.

    Within a scope the others are only those in it; with fewer than five there are no figures.
    """

    def figures(
        company: Company, by: str | Sequence[str] | None = None, window: Any = None
    ) -> list[Figure]:
        if names_of(by) != ("rep_id",):
            return []
        wanted = read_window(window, company.calendar) or company.default_window()
        found = company.once(f"told of others {wanted.label}", lambda: _all(company, wanted))
        return [figure for figure in found if figure.metric == metric]

    return figures


def _all(company: Company, window: Window) -> list[Figure]:
    table = peers_of(company, window=window)
    return [f for rep, one in table.people.items() for f in _of(company, window, rep, one)]


def _of(company: Company, window: Window, rep: str, one: Peers) -> Iterator[Figure]:
    for value in one.values:
        yield peer_figure(company, window, rep, level=one.level, told=value)
    for standing in one.standings:
        own = standing.skill.partition(":")[0] in _OWN
        for name in ("own", "skill") if own else ("skill",):
            made = standing_figure(company, window, rep, standing=standing, name=name)
            if made is not None:
                yield made
