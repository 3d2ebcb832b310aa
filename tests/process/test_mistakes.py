"""Tactical mistakes: judged by what was known then, priced like for like, planted ones found."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.mistake_proofs import NOTHING, TRUTH, planted
from spm_lib.core.language import language
from spm_lib.metrics.definition import day_number
from spm_lib.model import Company, company_from_frames, open_company, write_view
from spm_lib.process import RULES, Mistakes, find_mistakes
from spm_lib.process.mistakes.cases import past_cases, today_cases
from spm_lib.process.mistakes.check import check_mistakes
from spm_lib.process.mistakes.find import judge, open_stages
from spm_lib.process.mistakes.limits import learned_limits
from spm_lib.process.mistakes.pricing import Gap, LikeForLike
from spm_lib.reports.runs.manifest import input_hashes
from spm_lib.simulate import frames, in_major_units, preset_of
from spm_lib.stats import benjamini_hochberg
from spm_lib.store import ClientFolder
from spm_lib.workspace import Scope, settings_from_text
from tests.forecast.conftest import TEXT

SMALL = replace(preset_of("clean"), opportunities=500, zombies=0.1)
DAY = date(2026, 5, 31)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Five hundred deals with activities and leads, in a folder of their own."""
    path = tmp_path_factory.mktemp("client") / "spm.toml"
    settings = settings_from_text(TEXT, path=path)
    return company_from_frames(in_major_units(frames(SMALL, 3)), settings)


def test_a_past_day_is_judged_by_what_was_known_then(small: Company) -> None:
    """The cases and limits of a past day are those of the company as it stood on that day."""
    mark, then = day_number(DAY), small.at(DAY)
    seen, there = past_cases(small, [mark]), today_cases(then)
    gone = {"then", "stage_amount", "planned_first", "planned_then", "amount_since",
            "planned_since", "amount_then", "left_day", "back_on", "skipped_on"}  # fmt: skip
    columns = [c for c in seen.columns if c in there.columns and c not in gone]
    assert {"stage", "quiet_days", "pushes", "planned", "first_meeting", "rep_id"} <= set(columns)
    assert seen.height > 20
    assert seen.select(columns).equals(there.select(columns))
    stages = open_stages(small)
    known = [learned_limits(c, RULES, [mark], stages=stages) for c in (small, then)]
    assert known[0].equals(known[1])
    assert {"stage", "all"} <= set(known[0]["source"])
    later = learned_limits(small, RULES, [day_number(small.as_of)], stages=stages)
    assert not later["limit"].equals(known[0]["limit"])


def _touch_days(company: Company) -> dict[str, list[int]]:
    days: dict[str, list[int]] = defaultdict(list)
    made = dict(company.table("opportunities").select("opportunity_id", "created_day").iter_rows())
    for act in company.table("activities").drop_nulls("opportunity_id").to_dicts():
        if act["happened_day"] >= made[act["opportunity_id"]]:
            days[act["opportunity_id"]].append(act["happened_day"])
    return days


def test_untouched_too_long_is_counted_by_a_loop(small: Company) -> None:
    """The longest stillness of each won visit, its 0.9 quantile, and who lies still longer now."""
    touches = _touch_days(small)
    deals = {d["opportunity_id"]: d for d in small.table("opportunities").to_dicts()}
    still: dict[str, list[int]] = defaultdict(list)
    stage_now: dict[str, str] = {}
    for visit in small.stints.sort("opportunity_id", "entered_day", "seq").to_dicts():
        deal = deals[visit["opportunity_id"]]
        stage_now[visit["opportunity_id"]] = visit["stage"]
        if deal["outcome"] != "won" or visit["outcome"] != "open":
            continue
        first, last = visit["entered_day"], visit["left_day"]
        if last is None or last > deal["closed_day"]:
            continue
        marks = [deal["created_day"], *sorted(touches[visit["opportunity_id"]])]
        marks = [m for m in marks if m <= last]
        gaps = [b - a for a, b in pairwise(marks) if b >= first]
        still[visit["stage"]].append(max([*gaps, last - marks[-1]]))
    today = day_number(small.as_of)
    broken = set()
    for name, deal in deals.items():
        if deal["outcome"] == "open":
            limit = np.quantile(still[stage_now[name]], 0.9, method="higher")
            last = max([deal["created_day"], *touches[name]])
            broken |= {name} if today - last > limit else set()
    made = find_mistakes(small)
    told = made.broken.filter(pl.col("rule") == "touch.stale")["opportunity_id"]
    assert all(len(values) >= 20 for values in still.values())
    assert set(told) == broken
    assert len(broken) > 3


def test_planned_closes_are_counted_by_a_loop(small: Company) -> None:
    pushes: dict[str, int] = {}
    plan: dict[str, date | None] = {}
    for event in small.table("stage_events").sort("opportunity_id", "entered_at", "seq").to_dicts():
        name, new = event["opportunity_id"], event["expected_close"]
        before = plan.get(name)
        if new is not None:
            pushes[name] = pushes.get(name, 0) + (before is not None and new > before)
            plan[name] = new
    open_ones = small.table("opportunities").filter(pl.col("outcome") == "open")
    cases = today_cases(small).sort("opportunity_id")
    ids = cases["opportunity_id"].to_list()
    assert ids == sorted(open_ones["opportunity_id"])
    assert cases["pushes"].to_list() == [pushes[i] for i in ids]
    past = {i for i in ids if (plan[i] or date.max) < small.as_of}
    made = find_mistakes(small).broken
    assert set(made.filter(pl.col("rule") == "close.past")["opportunity_id"]) == past
    ends = {(3, 31), (6, 30), (9, 30), (12, 31)}
    at_end = {i for i in ids if (d := plan[i]) and d >= small.as_of and (d.month, d.day) in ends}
    assert set(made.filter(pl.col("rule") == "close.quarter_end")["opportunity_id"]) == at_end


def test_few_won_deals_give_the_limit_of_all_and_none_the_stated_one(small: Company) -> None:
    rules = [r for r in RULES if r.id == "stage.stale"]
    early = small.at(date(2023, 7, 20))
    mark = [day_number(early.as_of)]
    told = learned_limits(early, rules, mark, stages=[("default", "Lead"), ("default", "Nowhere")])
    assert told.select("limit", "won", "source").unique().rows() == [(60.0, 0, "stated")]
    now = [day_number(small.as_of)]
    told = learned_limits(small, rules, now, stages=[("default", "Lead"), ("default", "Nowhere")])
    assert told["source"].to_list() == ["stage", "all"]
    assert judge(rules[0], today_cases(small), told.filter(stage="none")).null_count() > 0


def _cases(seed: int, n: int = 600) -> pl.DataFrame:
    """Return deals of one owner, quarter and age in four strata whose rates and mistakes differ."""
    rng = np.random.default_rng(seed)
    stage = rng.choice(["Lead", "Proposal"], n)
    base = np.where(stage == "Lead", 0.2, 0.6)
    broken = rng.random(n) < np.where(stage == "Lead", 0.7, 0.2)
    won = rng.random(n) < base - 0.1 * broken
    ids = pl.Series([f"d{i}" for i in range(n)])
    told = {"opportunity_id": ids, "stage": stage, "broken": broken, "won": won.astype(int)}
    return pl.DataFrame(told).with_columns(
        mark=pl.lit(0),
        pipeline=pl.lit("default"),
        rep_id=pl.lit("r"),
        amount=pl.lit(1),
        age=pl.lit(9),
        in_stage=pl.lit(3),
    )


def test_the_gap_is_that_of_mantel_and_haenszel() -> None:
    cases = _cases(1)
    top = bottom = 0.0
    for _, part in cases.group_by("stage"):
        yes, no = (part.filter(pl.col("broken") == v)["won"] for v in (True, False))
        weight = len(yes) * len(no) / (len(yes) + len(no))
        top += weight * (yes.to_numpy().mean() - no.to_numpy().mean())
        bottom += weight
    made = LikeForLike(cases).gap(cases["broken"])
    assert made is not None
    assert abs(made.gap - top / bottom) < 1e-6
    crude = cases.group_by("broken").agg(pl.col("won").mean()).sort("broken")["won"]
    assert crude[1] - crude[0] < made.gap - 0.1, "strata that are lost more often break it more"
    assert (made.broken_deals, made.kept_deals) == (
        cases["broken"].sum(),
        600 - cases["broken"].sum(),
    )


def test_the_interval_holds_the_true_gap_nineteen_times_in_twenty() -> None:
    made = [LikeForLike(c).gap(c["broken"]) for c in (_cases(s) for s in range(100, 160))]
    held = sum(g is not None and g.low <= -0.1 <= g.high for g in made)
    assert 53 <= held <= 60


def test_few_cases_have_no_price() -> None:
    cases = _cases(2)
    rare = pl.Series([True] * 29 + [False] * 571)
    assert LikeForLike(cases).gap(rare) is None
    assert LikeForLike(cases).gap(cases["stage"] == "Lead") is None, "nothing but the stage"


def test_a_deal_named_in_stall_toml_is_snoozed(small: Company) -> None:
    made = find_mistakes(small)
    before = made.verdict("stage.stale")
    first = made.broken.filter(rule="stage.stale").row(0, named=True)
    Path(small.settings.folder / "stall.toml").write_text(
        f'[[stall]]\nopportunity_id = "{first["opportunity_id"]}"\nreason = "frozen budget"\n'
        "resume = 2026-12-01\n",
        encoding="utf-8",
    )
    try:
        again = find_mistakes(small)
    finally:
        Path(small.settings.folder / "stall.toml").unlink()
    after = again.verdict("stage.stale")
    assert (after.open, after.snoozed) == (before.open - 1, 1)
    assert after.exposed == (before.exposed or 0) - first["amount"]
    assert after.gap == before.gap, "what was not known then does not change the past"


def test_every_rule_says_what_it_lacks_and_words_never_say_causes(small: Company) -> None:
    made = find_mistakes(small)
    lacking = {v.rule.id for v in made.verdicts if v.lacking}
    assert "contact.single" in lacking
    assert all(v.lacking or v.gap or v.unpriced for v in made.verdicts)
    for tongue in ("en", "he"):
        text = " ".join(s.tell(language(tongue)) for s in made.statements)
        assert not any(word in text.lower() for word in ("causes", "because", "leads to", "{"))
    gap = Gap(9, 9, 4, 5, won=0.4, gap=0.1, low=-0.1, high=0.3, p=0.5)
    one = replace(made.verdicts[0], lacking=(), gap=gap, q=1.0)
    alone = replace(made, verdicts=(one,)).statements[0].tell(language("en"))
    assert alone == "No mistake clearly goes with losing: 1 rule was compared."


@pytest.fixture(scope="module")
def asked() -> Company:
    return planted(60_001)


@pytest.fixture(scope="module")
def answer(asked: Company) -> Mistakes:
    return find_mistakes(asked)


@pytest.mark.slow
def test_a_planted_mistake_is_recovered_and_what_does_nothing_is_not_accused(
    asked: Company, answer: Mistakes
) -> None:
    made = answer
    bare = made.verdict("amount.no_product")
    assert bare.found
    assert bare.gap is not None
    assert bare.gap.high < -0.05
    check = check_mistakes([asked], TRUTH)
    assert (check.zeros, check.accused) == (list(TRUTH.values()).count(False), 0)
    assert check.found >= 1
    assert check_mistakes([planted(60_002, undone=0.0)], NOTHING).accused == 0
    p = [v.gap.p for v in made.verdicts if v.gap]
    q = [v.q for v in made.verdicts if v.gap]
    assert q == pytest.approx(list(benjamini_hochberg(p)))
    assert made.tried == len(p)
    assert any(f"{made.tried} rules compared" in s.tell(language("en")) for s in made.statements)
    assert "associated with a win rate" in made.statements[0].tell(language("en"))


@pytest.mark.slow
def test_the_price_is_the_gap_times_what_is_exposed(asked: Company, answer: Mistakes) -> None:
    made = answer
    figures = {(f.metric, f.by.get("rule")): f for f in made.figures()}
    amounts = dict(asked.table("opportunities").select("opportunity_id", "amount").iter_rows())
    for verdict in made.verdicts:
        if verdict.gap is None:
            continue
        rule = verdict.rule.id
        ids = made.broken.filter((pl.col("rule") == rule) & ~pl.col("snoozed"))["opportunity_id"]
        exposed = sum(amounts[i] or 0 for i in ids)
        cost = figures["mistake.cost", rule]
        assert float(cost.value or 0) == pytest.approx(-verdict.gap.gap * exposed / 100, abs=0.01)
        assert float(cost.low or 0) <= float(cost.value or 0) <= float(cost.high or 0)
        assert figures["mistake.exposed_amount", rule].value == f"{exposed / 100:.2f}"
        read = asked.receipt("opportunities").read
        assert cost.receipt.read == read


def test_a_view_of_one_persons_deals_respects_what_rests(small: Company, tmp_path: Path) -> None:
    """The view lies elsewhere, and still reads ``stall.toml`` beside the client's workspace."""
    rep = find_mistakes(small).broken.filter(rule="stage.stale")["rep_id"].drop_nulls()[0]
    view = open_company(write_view(small.within(Scope.rep(rep)), tmp_path / "view"))
    own = find_mistakes(view).broken
    assert set(own["rep_id"]) == {rep}
    deal = own.filter(rule="stage.stale")["opportunity_id"][0]
    stalls = ClientFolder(small.settings.folder).stalls
    stalls.write_text(
        f'[[stall]]\nopportunity_id = "{deal}"\nreason = "r"\nresume = 2027-01-01\n', "utf-8"
    )
    try:
        again = find_mistakes(view).broken.filter(rule="stage.stale", opportunity_id=deal)
        assert again["snoozed"].to_list() == [True]
        assert "stall.toml" in input_hashes(small.settings)
    finally:
        stalls.unlink()
    assert "stall.toml" not in input_hashes(small.settings)
