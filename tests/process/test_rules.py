"""Every rule: a deal that breaks it, one that keeps it, one that it does not judge, one at rest."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib.charts.labels import NAME, shorten
from spm_lib.core.errors import DataError
from spm_lib.core.language import language
from spm_lib.model import company_from_frames
from spm_lib.process import RULES, Rule
from spm_lib.process.mistakes.needs import NEEDS
from spm_lib.process.mistakes.rule import OWNERS
from spm_lib.process.mistakes.stalls import read_stalls, resting
from tests.metrics.companies import SETTINGS
from tests.process.mistake_fixtures import FIXTURES, KEPT, deals

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)


@every_rule
def test_a_deal_that_breaks_it_and_one_that_keeps_it(rule: Rule) -> None:
    breaks, _ = FIXTURES[rule.id]
    told = rule.judged(deals(breaks, KEPT.get(rule.id, {})))
    assert told.to_list() == [True, False]


@every_rule
def test_what_it_cannot_know_it_does_not_judge(rule: Rule) -> None:
    _, unjudged = FIXTURES[rule.id]
    if unjudged is None:
        assert rule.judged(deals({})).null_count() == 0, "it judges every deal"
    else:
        assert rule.judged(deals(unjudged)).to_list() == [None]


def test_every_rule_has_what_is_asked_of_it() -> None:
    assert len(RULES) >= 25
    assert len({r.id for r in RULES}) == len(RULES)
    assert set(FIXTURES) == {r.id for r in RULES}
    for rule in RULES:
        assert rule.version >= 1
        assert rule.owner in OWNERS
        assert {*rule.needs, *rule.past} <= set(NEEDS)
        assert rule.needs
        for text in (rule.name.text, rule.fix.text):
            assert language("he").text(text) != text
        for code in ("en", "he"):
            name = language(code).text(rule.name.text)
            assert shorten(name, letters=NAME) == name, "its name is whole beside a plot"


def test_a_limit_says_what_it_is_counted_in() -> None:
    units = {rule.id: rule.limit.unit.text for rule in RULES if rule.limit is not None}
    assert {rule for rule, unit in units.items() if unit == "times"} == {
        "close.pushed",
        "owner.changed",
    }
    assert set(units.values()) == {"days", "times"}


STALLS = """
[[stall]]
opportunity_id = "d1"
reason = "budget is frozen until the new year"
resume = 2026-04-20
since = 2026-03-05
[[stall]]
opportunity_id = "d2"
reason = "waits for a permit"
resume = 2026-03-31
"""


@pytest.mark.parametrize("rule", [r for r in RULES if not r.ended], ids=lambda r: r.id)
def test_a_deal_at_rest_is_snoozed_until_it_resumes(rule: Rule, stalled: pl.DataFrame) -> None:
    """The same breach on days before it was told, while it rests, and from its resuming on."""
    breaks, _ = FIXTURES[rule.id]
    broken = rule.judged(deals(*(breaks for _ in range(stalled.height))))
    accused = (broken & ~stalled["rests"]).to_list()
    assert accused == stalled["accused"].to_list()


@pytest.fixture(scope="module")
def stalled(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("client")
    (folder / "stall.toml").write_text(STALLS, encoding="utf-8")
    settings = SETTINGS.model_copy(update={"path": folder / "spm.toml"})
    told = {"opportunity_id": ["d1", "d2"], "rep_id": "r", "stage": "Lead"}
    created = pl.Series("created_at", [date(2026, 1, 1), date(2026, 3, 30)])
    company = company_from_frames(
        {"opportunities": pl.DataFrame(told).with_columns(created)}, settings
    )
    assert company.exported_on == date(2026, 3, 30)
    days = [
        ("d1", date(2026, 3, 4), True),
        ("d1", date(2026, 3, 5), False),
        ("d1", date(2026, 4, 19), False),
        ("d1", date(2026, 4, 20), True),
        ("d2", date(2026, 3, 29), True),  # nobody knows since when: from the export on
        ("d2", date(2026, 3, 30), False),
        ("d2", date(2026, 3, 31), True),
        ("d3", date(2026, 3, 30), True),
    ]
    frame = pl.DataFrame(
        [(d, day.toordinal() - 719163, accused) for d, day, accused in days],
        schema=["opportunity_id", "mark", "accused"], orient="row",
    )  # fmt: skip
    return frame.with_columns(rests=resting(company, frame))


def test_a_stall_without_a_day_of_resuming_is_refused(tmp_path) -> None:
    path = tmp_path / "stall.toml"
    assert read_stalls(path) == ()
    path.write_text('[[stall]]\nopportunity_id = "d1"\nreason = "later"\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"stall\.toml cannot be read"):
        read_stalls(path)
