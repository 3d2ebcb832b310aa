"""Coaching: gaps and pairs against plain loops, luck earns none, and what came of it is judged."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from spm_lib.core.errors import ParameterError
from spm_lib.core.language import language
from spm_lib.model import Company, company_from_frames
from spm_lib.reps.coaching.check import check_coaching, check_numbers
from spm_lib.reps.coaching.coached_numbers import coached_counts
from spm_lib.reps.coaching.effect import coaching_effect, number_effect
from spm_lib.reps.coaching.gaps import coaching_gaps
from spm_lib.reps.coaching.limits import limits_of
from spm_lib.reps.coaching.pairs import Limits, best_assignment, mentor_pairs
from spm_lib.reps.coaching.plan import Coaching, plan_coaching
from spm_lib.reps.coaching.words import reason_words, sheet_words
from spm_lib.reps.skills.skill import Pooled, Skill
from spm_lib.simulate import preset_of
from spm_lib.stats import heterogeneity
from tests.examples import examples
from tests.forecast.conftest import company_of

pytestmark = pytest.mark.slow

AS_OF = date(2026, 9, 30)
PEOPLE = tuple(f"r{i}" for i in range(8))


def skill(levels: list[float], *, name: str = "stage:Lead", sd: float = 0.03, n: int = 60) -> Skill:
    """A skill of eight people whose pooled levels and their uncertainty are given."""
    mean = np.array(levels)

    def draw(draws: int, rng: np.random.Generator) -> np.ndarray:
        return np.clip(rng.normal(mean, sd, (draws, len(mean))), 0.01, 0.99)

    pooled = Pooled(mean, mean - 2 * sd, mean + 2 * sd, float(mean.mean()), True, draw)
    cases = np.full(len(mean), n)
    test = heterogeneity(mean * n, cases)
    reps = PEOPLE[: len(mean)]
    return Skill(name, "ratio", reps, mean, cases, pooled, test, 1.0, "clear", 1)


LEVELS = [0.30, 0.50, 0.51, 0.52, 0.53, 0.55, 0.56, 0.70]
WON = dict.fromkeys(PEOPLE, 1_000_000)


def test_a_gap_is_below_the_middle_and_its_money_is_counted_by_hand() -> None:
    one = skill(LEVELS)
    gaps = coaching_gaps([one], WON)
    assert gaps["rep_id"].to_list() == ["r0"]
    row = gaps.row(0, named=True)
    draws = one.draws
    middles = [float(np.median(draws[:, d])) for d in range(draws.shape[1])]
    own = draws[0]
    assert row["p_below"] == 0.999  # below in every draw; more is not told
    assert all(o < m for o, m in zip(own, middles, strict=True))
    money = sorted(1_000_000 * (m / o - 1) for o, m in zip(own, middles, strict=True))
    assert row["money"] == pytest.approx(np.mean(money), abs=1)
    assert row["money_low"] == pytest.approx(np.quantile(money, 0.025), abs=1)
    assert row["money_low"] < row["money"] < row["money_high"]


def test_no_gap_without_a_difference_cases_or_others() -> None:
    assert not coaching_gaps([replace(skill(LEVELS), evidence="none")], WON).height
    assert not coaching_gaps([replace(skill(LEVELS), evidence="weak")], WON).height
    assert not coaching_gaps([skill(LEVELS, n=5)], WON).height
    assert not coaching_gaps([skill(LEVELS[:5])], WON).height
    assert not coaching_gaps([], WON).height


def test_two_gaps_at_most_the_dearest_first() -> None:
    three = [skill([low, *LEVELS[1:]], name=f"stage:{low}") for low in (0.35, 0.20, 0.30)]
    gaps = coaching_gaps(three, WON)
    assert gaps["skill"].to_list() == ["stage:0.2", "stage:0.3"]


def _brute(gain: np.ndarray, most: int) -> float:
    """Try everything: each mentee with one mentor or none, no mentor above his load."""
    mentors, mentees = gain.shape
    best = 0.0
    for choice in itertools.product(range(-1, mentors), repeat=mentees):
        if all(choice.count(m) <= most for m in range(mentors)):
            best = max(best, sum(gain[m, c] for c, m in enumerate(choice) if m >= 0))
    return best


@settings(max_examples=examples(24), derandomize=True)
@given(
    mentors=st.integers(1, 4),
    mentees=st.integers(1, 4),
    most=st.integers(1, 2),
    seed=st.integers(0, 10**6),
)
def test_the_assignment_is_the_best_of_all(
    mentors: int, mentees: int, most: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    gain = np.where(rng.random((mentors, mentees)) < 0.4, 0.0, rng.random((mentors, mentees)))
    found = best_assignment(gain, most=most)
    assert sum(gain[pair] for pair in found) == pytest.approx(_brute(gain, most))
    assert len({c for _, c in found}) == len(found)
    assert all(sum(r == m for r, _ in found) <= most for m in range(mentors))
    assert all(gain[pair] > 0 for pair in found)


def test_eight_people_are_paired_as_well_as_any_way_there_is() -> None:
    """All ways for eight people by permutation: each mentee one mentor, loads of one."""
    rng = np.random.default_rng(3)
    gain = rng.random((8, 8)) * (rng.random((8, 8)) > 0.5)
    np.fill_diagonal(gain, 0.0)
    best = max(sum(gain[m, c] for c, m in enumerate(p)) for p in itertools.permutations(range(8)))
    assert sum(gain[p] for p in best_assignment(gain, most=1)) == pytest.approx(best)


def _pairs(limits: Limits | None = None, levels: list[float] | None = None):
    one = skill(levels or LEVELS)
    gaps = coaching_gaps([one], WON)
    return mentor_pairs(gaps, [one], WON, people=list(PEOPLE), limits=limits)


def test_the_clearly_better_one_mentors() -> None:
    made = _pairs()
    row = made.pairs.row(0, named=True)
    assert (row["rep_id"], row["coach_id"]) == ("r0", "r7")
    assert row["p_better"] > 0.99
    assert made.without.filter(reason="no gap").height == 7


def reason(limits: Limits, levels: list[float] | None = None) -> dict:
    made = _pairs(limits, levels)
    assert "r0" not in made.pairs["rep_id"].to_list()
    return made.without.filter(rep_id="r0").row(0, named=True)


def test_nobody_is_paired_without_a_reason() -> None:
    english = language("en")
    nobody = reason(Limits(bar=0.99999, margin=2.0))
    assert nobody["reason"] == "nobody better"
    assert "Nobody is clearly better" in reason_words(nobody).tell(english)
    barred = reason(Limits(barred={(coach, "r0"): "chain" for coach in PEOPLE}))
    assert (barred["reason"], barred["bars"]) == ("barred", ["chain"])
    assert "chain of command" in reason_words(barred).tell(english)
    gone = reason(Limits(no_mentors=dict.fromkeys(PEOPLE, "new")))
    assert gone["bars"] == ["new"]


def test_a_mentor_takes_no_more_than_agreed() -> None:
    levels = [0.30, 0.31, 0.32, 0.60, 0.60, 0.60, 0.61, 0.90]
    only = Limits(most_mentees=2, no_mentors={p: "unwilling" for p in PEOPLE if p != "r7"})
    made = _pairs(only, levels)
    assert made.pairs["coach_id"].to_list() == ["r7", "r7"]
    left = made.without.filter(reason="full")
    assert left.height == 1
    assert "already have" in reason_words(left.row(0, named=True)).tell(language("en"))


def _staffed(*, territories: bool = False, second: str | None = None) -> Company:
    """Four people under m, who is under the boss until June; two of them own the North each."""
    deals = pl.DataFrame(
        {
            "opportunity_id": [f"d{i}" for i in range(40)],
            "rep_id": [f"r{i % 4}" for i in range(40)],
            "stage": ["Closed Won"] * 40,
            "created_at": [date(2026, 1, 1)] * 40,
            "closed_at": [date(2026, 2, 1)] * 40,
            "Region": [["North", "North", "South", "East"][i % 4] if territories else "All"
                       for i in range(40)],
        }
    )  # fmt: skip
    members = pl.DataFrame(
        [
            {"rep_id": "r0", "team": "A", "manager_id": "r1", "valid_from": date(2025, 1, 1)},
            {"rep_id": "r1", "team": "A", "manager_id": "r2", "valid_from": date(2026, 6, 1)},
            {"rep_id": "r1", "team": "A", "manager_id": "r3", "valid_from": date(2025, 1, 1),
             "valid_to": date(2026, 6, 1)},
            {"rep_id": "r0", "team": "Overlay", "manager_id": second,
             "valid_from": date(2025, 3, 1)},
        ],
        schema_overrides={"valid_to": pl.Date},
    )  # fmt: skip
    reps = pl.DataFrame(
        {
            "rep_id": ["r0", "r1", "r2", "r3"],
            "hired_on": [date(2020, 1, 1), date(2020, 1, 1), date(2026, 8, 1), date(2020, 1, 1)],
            "left_on": [None, None, None, date(2026, 9, 1)],
        },
        schema_overrides={"left_on": pl.Date},
    )
    frames = {"opportunities": deals, "memberships": members, "reps": reps}
    from spm_lib.workspace import settings_from_text
    from tests.forecast.conftest import TEXT

    kept = settings_from_text(TEXT + 'keep = ["Region"]\n')
    return company_from_frames(frames, kept, as_of=AS_OF)


def test_the_chain_of_command_is_that_of_the_day() -> None:
    now = limits_of(_staffed(), ["r0", "r1", "r2", "r3"])
    assert now.barred[("r1", "r0")] == "chain"
    assert now.barred[("r0", "r1")] == "chain"
    assert now.barred[("r2", "r0")] == "chain"  # above the manager
    assert ("r3", "r0") not in now.barred
    then = limits_of(_staffed().at(date(2026, 5, 1)), ["r0", "r1", "r2", "r3"])
    assert then.barred[("r3", "r0")] == "chain"
    assert ("r2", "r0") not in then.barred


@pytest.mark.parametrize(("second", "barred"), [(None, {"r1", "r2"}), ("r3", {"r1", "r2", "r3"})])
def test_every_manager_of_the_day_is_barred(second: str | None, barred: set[str]) -> None:
    """r0 is in two teams: the managers of both, and those above them, mentor r0 never."""
    limits = limits_of(_staffed(second=second), ["r0", "r1", "r2", "r3"])
    assert {coach for coach, rep in limits.barred if rep == "r0"} == barred
    assert {rep for coach, rep in limits.barred if coach == "r0"} == barred


def test_rivals_newcomers_and_leavers_do_not_mentor() -> None:
    limits = limits_of(_staffed(territories=True), ["r0", "r1", "r2", "r3"])
    assert limits.no_mentors == {"r2": "new", "r3": "left"}
    assert limits_of(_staffed(), ["r0"], mentors=["r9"]).no_mentors == {"r0": "unwilling"}
    people = [f"r{i}" for i in range(4)]
    assert not [b for b in limits_of(_staffed(), people).barred.values() if b == "rivals"]


@pytest.fixture(scope="module")
def plan() -> Coaching:
    preset = replace(preset_of("clean"), opportunities=6500, rep_effect_sd=0.4)
    return plan_coaching(company_of(preset, 6, as_of=AS_OF))


def test_on_a_company_with_real_differences_pairs_are_earned(plan: Coaching) -> None:
    assert plan.gaps.height
    assert plan.sheets
    for pair in plan.pairs.pairs.iter_rows(named=True):
        assert pair["rep_id"] != pair["coach_id"]
        assert pair["p_better"] >= 0.9
        assert (pair["coach_id"], pair["rep_id"]) not in plan.limits.barred
        assert pair["coach_id"] not in plan.limits.no_mentors
    loads = plan.pairs.pairs["coach_id"].value_counts()["count"]
    assert max(loads) <= 2
    everybody = [*plan.pairs.pairs["rep_id"], *plan.pairs.without["rep_id"]]
    assert sorted(everybody) == sorted(plan.people)


def test_a_sheet_has_a_goal_three_sessions_a_debrief_and_a_number(plan: Coaching) -> None:
    told = sheet_words(plan, plan.sheets[0])
    assert [head.text.split(":")[0] for head, _ in told] == [
        "Goal", "Session 1", "Session 2", "Session 3", "Debrief", "Number to watch",
    ]  # fmt: skip
    for head, body in told:
        assert body.tell(language("he")) != body.tell(language("en"))
        assert language("he").text(head.text) != head.text


def test_where_nobody_differs_nobody_is_coached() -> None:
    earned = 0
    for seed in range(3):
        null = replace(preset_of("null_reps"), opportunities=2500)
        found = plan_coaching(company_of(null, 700 + seed, as_of=AS_OF))
        earned += found.gaps.height > 0
        if not found.gaps.height:
            assert "No gap is earned" in found.statements[0].tell(language("en"))
    assert earned <= 1


def test_figures_carry_the_receipt_of_the_persons_deals(plan: Coaching) -> None:
    deals = plan.company.table("opportunities")["rep_id"].value_counts()
    counts = dict(deals.iter_rows())
    for figure in plan.figures():
        if figure.metric == "coaching.gap":
            assert figure.receipt.read == counts[figure.by["rep_id"]]
            assert figure.unit == "money:ILS"
            assert float(figure.low or 0) <= float(figure.value or 0) <= float(figure.high or 0)


def test_a_mentor_nobody_knows_is_refused(plan: Coaching) -> None:
    with pytest.raises(ParameterError, match="one of the people"):
        plan_coaching(plan.company, mentors=["nobody"])


def test_coaching_that_does_nothing_does_not_work() -> None:
    """At most 8 % "work" (200 in ``make validate``); a plain before and after far more often."""
    check = check_coaching(seeds=40)
    assert check.share <= 0.08
    worst = check_coaching(seeds=40, picked=0.3)
    assert worst.share <= 0.08
    assert worst.plain / worst.programmes > 0.25


def test_the_worst_of_all_have_nobody_to_be_compared_with() -> None:
    check = check_coaching(seeds=15, picked=0.1, spread=0.12, coached=6)
    assert check.unsaid >= 5


def test_coaching_that_does_work_is_found() -> None:
    assert check_coaching(effect=0.12, seeds=20).share > 0.6


@pytest.mark.parametrize("kind", ["mean", "weekly"])
def test_numbers_of_the_uncoached_do_not_work_by_themselves(
    kind: Literal["mean", "weekly"],
) -> None:
    """One person picked in a low half year: most rise by themselves, at most 8 % "work"."""
    null = check_numbers(kind, seeds=60)
    assert null.plain / null.programmes > 0.55
    assert null.share <= 0.08
    assert check_numbers(kind, effect=0.6, coached=8, picked=0.5, seeds=10).share >= 0.6


def test_the_effect_on_numbers_by_hand_where_everybody_started_alike() -> None:
    """All started at 100 with an error of 1: the effect is the difference of the means."""
    rows = [("c", True, 100.0, 120.0)] + [(f"p{i}", False, 100.0, 105.0) for i in range(6)]
    frame = pl.DataFrame(rows, schema=["rep_id", "coached", "before", "after"], orient="row")
    frame = frame.with_columns(before_n=25, after_n=25, before_error=1.0, after_error=1.0)
    found = number_effect(frame)
    assert (found.effect, found.plain, found.regression) == pytest.approx((15.0, 20.0, 0.0))
    assert (found.peers, found.verdict) == (5, "worked")
    # the errors of 1 afterwards, and of a start no more than its own 1: one person less 5 peers
    after_only = stdtrit(4, 0.975) * (1 * (1 + 1 / 5)) ** 0.5
    assert found.low is not None
    assert after_only < 15 - found.low < after_only * 2**0.5
    unsure = frame.with_columns(after_error=pl.lit(None, dtype=pl.Float64))
    assert number_effect(unsure).verdict == "cannot be said"
    assert number_effect(frame.with_columns(after_n=4)).coached == 0


def test_the_effect_by_hand_where_everybody_started_alike() -> None:
    """All started at 40 %: the pooled start is 40 %, the effect the difference of the means."""
    frame = pl.DataFrame(
        {
            "rep_id": [f"r{i}" for i in range(10)],
            "coached": [True] * 3 + [False] * 7,
            "before": [40] * 10,
            "before_n": [100] * 10,
            "after": [60, 55, 65, *[45] * 7],
            "after_n": [100] * 10,
        }
    )
    found = coaching_effect(frame)
    assert found.effect == pytest.approx(0.15)
    assert found.plain == pytest.approx(0.20)
    assert found.regression == pytest.approx(0.0, abs=1e-6)
    assert found.verdict == "worked"
    assert "regression to the mean" in found.statements[-1].tell(language("en"))
    assert coaching_effect(frame.head(0)).verdict == "cannot be said"


def test_counts_before_and_after_are_those_of_a_loop() -> None:
    company = company_of("tiny", 1, as_of=AS_OF)
    day = date(2026, 1, 1)
    mine = company.table("opportunities")["rep_id"].drop_nulls().unique().sort()[0]
    frame = coached_counts(company, {mine: day}, days=120)
    sides: dict[str, dict[str, list[int]]] = {}
    for deal in company.table("opportunities").to_dicts():
        if deal["outcome"] == "open" or deal["rep_id"] is None:
            continue
        side = "before" if day - timedelta(120) <= deal["closed_on"] < day else "after"
        if side == "before" or day <= deal["closed_on"] < day + timedelta(120):
            told = sides.setdefault(deal["rep_id"], {"before": [], "after": []})
            told[side].append(int(deal["outcome"] == "won"))
    assert frame.filter("coached")["rep_id"].to_list() == [mine]
    for row in frame.iter_rows(named=True):
        told = sides[row["rep_id"]]
        for side in ("before", "after"):
            assert (row[side], row[f"{side}_n"]) == (sum(told[side]), len(told[side]))
