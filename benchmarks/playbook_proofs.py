"""The heavy proof of the playbook: where nothing that is done matters, nothing is accused."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import polars as pl
from rich.progress import track

from benchmarks.company import SAMPLE
from spm_lib.model import Company, company_from_frames
from spm_lib.process import Playbook, make_playbook
from spm_lib.simulate import frames, hazards, in_major_units, preset_of
from spm_lib.stats import wilson
from spm_lib.workspace import settings_from_text

BOUND = 0.08


@dataclass(frozen=True)
class PlaybookCheck:
    """How many companies made by chance were told something, of all that was looked at.

    ``comparisons`` counts all behaviours at all stages, on winning and between the best closers
    and the others; ``accused`` those called found, ``with_any`` companies with one or more.
    ``recovered`` counts companies whose planted meeting was found at the first stage.
    """

    companies: int
    comparisons: int
    accused: int
    with_any: int
    recovered: int


@contextmanager
def nothing_matters() -> Iterator[None]:
    """Make companies in which what is done in the first days moves nothing."""
    with patch.dict(hazards.BEHAVIOURS, dict.fromkeys(hazards.BEHAVIOURS, 0.0)):
        yield


def playbook_of(seed: int, *, opportunities: int) -> Playbook:
    """Return the playbook of a simulated company: people, segments and sources differ."""
    tables = frames(replace(preset_of("clean"), opportunities=opportunities), seed)
    return make_playbook(_company(in_major_units(tables)))


def _company(tables: dict[str, pl.DataFrame]) -> Company:
    text = SAMPLE.read_text(encoding="utf-8")
    settings = settings_from_text(text, path=Path(tempfile.gettempdir()) / "spm.toml")
    return company_from_frames(tables, settings)


def check_playbooks(seeds: int, *, first: int = 0, opportunities: int = 3000) -> PlaybookCheck:
    """Ask companies without any effect what is to be done: whatever is found is found by luck."""
    comparisons = accused = with_any = recovered = 0
    for seed in track(range(first, first + seeds), description="companies, playbook"):
        made = playbook_of(seed, opportunities=opportunities)
        found = made.found.height + made.best.filter("found").height
        comparisons, accused = comparisons + made.tried, accused + found
        with_any += found > 0
        lead = made.found.filter(pl.col("stage") == made.stages[0].stage)
        recovered += "early.meeting" in set(lead["behaviour"])
    return PlaybookCheck(seeds, comparisons, accused, with_any, recovered)


def playbook_part(*, seeds: int) -> str:
    """Return the part of docs/validation.md on the playbook."""
    with nothing_matters():
        none = check_playbooks(seeds, first=70_000)
    planted = check_playbooks(max(10, seeds // 10), first=80_000, opportunities=6500)
    low, high = wilson(none.with_any, none.companies)
    return f"""## A playbook is made of what works, and there is none where nothing does
Companies of 3,000 deals whose people, segments and sources differ and in which nothing that is done
in the first days matters. The whole of the looking is counted: every behaviour at every stage,
on winning and between the best closers and the others. The bound of companies with any find is
{BOUND:.0%}. Beside them companies of 6,500 deals in which a meeting, a quick call help.

| companies | comparisons | called found | companies with any | 95% interval |
|---|---|---|---|---|
| {none.companies}, nothing matters | {none.comparisons:,} | {none.accused} | {none.with_any} \
({none.with_any / none.companies:.1%}) | {low:.1%} to {high:.1%} |

The planted meeting is found at the first stage of {planted.recovered} of {planted.companies} of the
others.
"""


if __name__ == "__main__":
    print(playbook_part(seeds=200))
