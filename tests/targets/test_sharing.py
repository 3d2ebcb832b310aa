"""Targets handed down: published examples, a second route for clamps, and laws on random people."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.errors import DataError, ParameterError, SpmError
from spm_lib.targets.sharing import (
    InfeasibleError,
    hand_down,
    multiplied,
    needed_attainment,
    pool_of,
    share_out,
)
from tests.examples import examples

MILLION = 100_000_000  # minor units


def people(**columns: list) -> pl.DataFrame:
    return pl.DataFrame(columns)


def values(frame: pl.DataFrame) -> dict[str, int]:
    return dict(frame.select("rep_id", "value").iter_rows())


def test_vq3_largest_remainder_with_a_tie() -> None:
    shared = share_out(people(rep_id=["a", "b", "c"], w=[3, 2, 2]), target=100, by="w")
    assert shared.rows() == [("a", 43), ("b", 29), ("c", 28)]
    assert shared.schema == {"rep_id": pl.String, "value": pl.Int64}


def test_vq2_over_assignment_and_potential() -> None:
    target = 15 * MILLION
    sellers = people(rep_id=[f"ae{i:02}" for i in range(20)])
    shared = share_out(sellers, target=target, over=Decimal("0.15"))
    assert pool_of(target, over="0.15") == shared["value"].sum() == 1725 * MILLION // 100
    assert set(shared["value"]) == {862_500_00}
    potential = [4_200_000_00, 2_800_000_00, 2_400_000_00, 3_600_000_00]
    land = people(rep_id=list("ABCD"), potential=potential)
    quota = share_out(land, target=sum(potential) // 4, by="potential")
    assert quota["value"].to_list() == [1_050_000_00, 700_000_00, 600_000_00, 900_000_00]


def test_over_assignment_multiplies_and_tells_what_attainment_is_enough() -> None:
    assert round(float(multiplied([0.05, 0.08, 0.05])), 3) == 0.191
    assert round(needed_attainment(0.15), 3) == 0.870
    frame = people(rep_id=list("abcd"), region=list("XXYY"), team=list("PQRR"), w=[1, 2, 3, 4])
    handed = hand_down(
        frame, target=MILLION, by="w", levels=("region", "team"), over=[0.05, 0.08, 0.05]
    )
    assert handed.over == pytest.approx(0.1907, abs=1e-6)
    told = handed.levels.filter(pl.col("level") == "rep_id")["multiplied"]
    assert told.to_list() == pytest.approx([0.1907] * 3)
    assert handed.levels["level"].to_list() == ["region", "team", "team", *["rep_id"] * 3]


def test_a_blend_weighs_shares_not_amounts() -> None:
    frame = people(rep_id=["a", "b"], sold=[900, 100], pipeline=[10, 10])
    blend = {"sold": 0.5, "pipeline": 0.3, "even": 0.2}
    assert share_out(frame, target=1000, by=blend)["value"].to_list() == [700, 300]
    half = {"sold": 5, "pipeline": 3, "even": 2}
    assert share_out(frame, target=1000, by=half)["value"].to_list() == [700, 300]


def test_zero_is_not_blank() -> None:
    frame = people(rep_id=["a", "b", "c"], sold=[300, 0, None])
    assert values(share_out(frame, target=900, by="sold")) == {"a": 600, "b": 0, "c": 300}
    locked = frame.with_columns(locked=pl.Series([0, None, None], dtype=pl.Int64))
    assert values(share_out(locked, target=900)) == {"a": 0, "b": 450, "c": 450}


def test_floors_ceilings_and_locks_hand_the_rest_to_the_others() -> None:
    frame = people(
        rep_id=list("abcd"),
        w=[10, 1, 1, 4],
        floor=[None, 200, None, None],
        ceiling=[400, None, None, None],
        locked=[None, None, None, 150],
    )
    assert values(share_out(frame, target=1000, by="w")) == {"a": 400, "b": 225, "c": 225, "d": 150}


def test_own_figures_are_kept_or_topped_up() -> None:
    frame = people(rep_id=["a", "b", "c"], w=[1, 1, 2], own=[500, None, 100])
    kept = share_out(frame, target=1000, by="w")
    assert values(kept) == {"a": 500, "b": 400, "c": 100}
    topped = share_out(frame, target=1000, by="w", own_figures="topped up")
    assert values(topped) == {"a": 600, "b": 100, "c": 300}
    with pytest.raises(InfeasibleError) as refused:
        share_out(frame.with_columns(own=pl.lit(300)), target=1000, by="w")
    assert (refused.value.amount, refused.value.over) == (100, False)


def test_what_cannot_be_says_by_how_much_and_who() -> None:
    frame = people(rep_id=["a", "b", "c"], floor=[70_000, 60_000, None])
    with pytest.raises(InfeasibleError, match=r"300\.00 ILS more .* held by a, b\.") as refused:
        share_out(frame, target=100_000, currency="ILS")
    assert (refused.value.amount, refused.value.who) == (30_000, ("a", "b"))
    capped = people(rep_id=["a", "b"], ceiling=[10, 20])
    with pytest.raises(InfeasibleError, match="leave 70 that nobody may take") as short:
        share_out(capped, target=100)
    assert (short.value.amount, short.value.over, short.value.who) == (70, False, ("b", "a"))


def test_an_odd_total_leaves_one_odd_number() -> None:
    shared = share_out(people(rep_id=["a", "b", "c"]), target=10_037, step=1000)
    assert sorted(shared["value"]) == [3000, 3037, 4000]


def test_a_team_that_is_locked_keeps_its_numbers_under_over_assignment() -> None:
    frame = people(rep_id=list("abcd"), team=list("NNSS"), locked=[1_000_001, 333_333, None, None])
    handed = hand_down(frame, target=2_500_000, over=[0, 0.07], step=1000)
    assert handed.people["value"].head(2).to_list() == [1_000_001, 333_333]
    north = handed.levels.row(by_predicate=pl.col("id") == "N", named=True)
    assert (north["target"], north["children"]) == (1_246_107, 1_333_334)  # 1,333,334 / 1.07


@pytest.mark.parametrize(
    ("frame", "more"),
    [
        (people(rep_id=["a", "a"]), {}),
        (people(rep_id=["a", None]), {}),
        (people(name=["a"]), {}),
        (people(rep_id=["a"]), {"by": "potential"}),
        (people(rep_id=["a"], w=[-1]), {"by": "w"}),
        (people(rep_id=["a"], w=[float("nan")]), {"by": "w"}),
        (people(rep_id=["a"], w=[0]), {"by": "w"}),
        (people(rep_id=["a"], floor=[5], ceiling=[4]), {}),
        (people(rep_id=["a"], floor=[5.5]), {}),
        (people(rep_id=["a"], locked=[-1]), {}),
    ],
)
def test_people_that_cannot_be_are_refused(frame: pl.DataFrame, more: dict) -> None:
    with pytest.raises(DataError):
        share_out(frame, target=100, **more)


@pytest.mark.parametrize(
    "more",
    [
        {"target": -1},
        {"target": 1.5},
        {"step": 0},
        {"over": 15},
        {"over": "-0.1"},
        {"by": {"even": 0}},
        {"by": {"even": -1}},
        {"own_figures": "added"},
    ],
)
def test_settings_that_cannot_be_are_refused(more: dict) -> None:
    with pytest.raises(ParameterError):
        share_out(people(rep_id=["a"]), **{"target": 100, **more})


LIMIT = st.none() | st.integers(0, 3_000)
PERSON = st.tuples(
    st.sampled_from(["N", "S", None]),
    st.none() | st.integers(0, 50),
    LIMIT,
    LIMIT,
    st.none() | st.none() | st.integers(0, 2_000),
)


@st.composite
def crews(draw: st.DrawFn) -> pl.DataFrame:
    rows = draw(st.lists(PERSON, min_size=1, max_size=12))
    ordered = [
        (f"r{i}", team, w, low, None if high is None else max(high, low or 0), locked)
        for i, (team, w, low, high, locked) in enumerate(rows)
    ]
    schema = {"rep_id": pl.String, "team": pl.String, "w": pl.Int64}
    return pl.DataFrame(
        ordered,
        schema={**schema, **dict.fromkeys(("floor", "ceiling", "locked"), pl.Int64)},
        orient="row",
    )


BLENDS = st.sampled_from(["even", {"w": 0.6, "even": 0.4}])
OVERS = st.sampled_from([(0, 0), (0.1, 0), (0.05, "0.08")])


@settings(max_examples=examples(25))
@given(crews(), st.integers(0, 20_000), BLENDS, OVERS, st.sampled_from([1, 7, 100]), st.randoms())
def test_children_add_up_at_every_level_whatever_the_order(
    crew: pl.DataFrame, target: int, by: object, over: tuple, step: int, random: object
) -> None:
    before = crew.clone()
    handed = attempt(crew, target=target, by=by, over=over, step=step)
    assert crew.equals(before)
    shuffled = crew.sample(fraction=1, shuffle=True, seed=random.randint(0, 9))  # type: ignore[attr-defined]
    again = attempt(shuffled, target=target, by=by, over=over, step=step)
    if handed is None or again is None:
        assert handed is again
        assert not has_room(crew, target, by, over, step)
        return
    assert values(handed.people) == values(again.people)
    assert handed.levels.equals(again.levels)
    check_sums(crew, handed, over, step)
    check_limits(crew.join(handed.people, on="rep_id"))


def attempt(crew: pl.DataFrame, **settings: object) -> object:
    try:
        return hand_down(crew, **settings)  # type: ignore[arg-type]
    except SpmError:
        return None


def has_room(crew: pl.DataFrame, target: int, by: object, over: tuple, step: int) -> bool:
    """Say by plain sums whether floors, ceilings and locks leave room for the over-assigned sum."""
    total = rounded(target, over[0], step) * (1 + Fraction(str(over[1])))
    if by != "even" and not crew["w"].sum():
        return False  # nobody has a basis
    least, most = room_of(crew)
    return least <= total <= most


def room_of(crew: pl.DataFrame) -> tuple[int, int]:
    """Return the least and the most that people may be given together."""
    least = most = 0
    for row in crew.rows(named=True):
        locked, ceiling = row["locked"], row["ceiling"]
        low = (row["floor"] or 0) if locked is None else locked
        high = (10**9 if ceiling is None else ceiling) if locked is None else locked
        least, most = least + low, most + high
    return least, most


def check_sums(crew: pl.DataFrame, handed: object, over: tuple, step: int) -> None:
    """Add up by hand: people per team, teams per company, each against its parent."""
    levels, rows = handed.levels, crew.join(handed.people, on="rep_id")  # type: ignore[attr-defined]
    company, *teams = levels.rows(named=True)
    assert company["children"] == sum(team["target"] for team in teams)
    assert company["children"] == rounded(company["target"], over[0], step)
    for team in teams:
        here = rows.filter(pl.col("team").eq_missing(pl.lit(team["id"])))
        assert here["value"].sum() == team["children"]
        assert team["difference"] == team["children"] - team["target"]
        least, most = room_of(here)
        wanted = rounded(team["target"], over[1], step)
        assert team["children"] == min(max(wanted, least), most)
        assert not over[1] or abs(team["children"] - wanted) <= step
        assert over[1] or team["children"] == team["target"]


def rounded(target: int, over: object, step: int) -> int:
    if not Fraction(str(over)):
        return target
    exact = Decimal(target) * (1 + Decimal(str(over))) / step
    return max(int(exact.to_integral_value(rounding="ROUND_HALF_UP")) * step, target)


def check_limits(rows: pl.DataFrame) -> None:
    for row in rows.rows(named=True):
        if row["locked"] is not None:
            assert row["value"] == row["locked"]
        else:
            assert row["value"] >= (row["floor"] or 0)
            assert row["ceiling"] is None or row["value"] <= row["ceiling"]


@settings(max_examples=examples(15))
@given(crews(), st.integers(0, 20_000))
def test_a_clamp_is_the_one_level_that_fits_all(crew: pl.DataFrame, target: int) -> None:
    """By a second route: halve in on the share per weight at which clamped shares meet the sum."""
    try:
        shared = share_out(crew, target=target, by="even")
    except InfeasibleError:
        return
    rows = [
        (row["locked"], row["locked"])
        if row["locked"] is not None
        else (row["floor"] or 0, row["ceiling"] if row["ceiling"] is not None else 1e9)
        for row in crew.rows(named=True)
    ]
    low, high = 0.0, 1e5
    for _ in range(80):
        middle = (low + high) / 2
        total = sum(min(max(middle, floor), top) for floor, top in rows)
        low, high = (middle, high) if total < target else (low, middle)
    for value, (floor, top) in zip(shared["value"], rows, strict=True):
        assert abs(value - min(max(high, floor), top)) <= 1
