"""The file of a target scenario: what is written is read, what cannot be is all told at once."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.errors import ParameterError, WorkspaceError
from spm_lib.plans import (
    Basis,
    Joining,
    OverTime,
    Row,
    Share,
    TargetScenario,
    Turned,
    load_scenario,
    load_target_scenario,
    read_target_scenario,
    save_scenario,
    save_target_scenario,
    scenario_names,
    scenario_text,
    target_scenario_names,
)
from spm_lib.plans.scenarios.target_scenario import example_scenario
from tests.examples import examples
from tests.plans.test_scenario import SCENARIO

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
NAME = TEXT.filter(bool)
AMOUNT = st.integers(0, 10**15)
SHARE = st.floats(0, 1)
DAY = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def maybe(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | values


BASES = st.builds(
    lambda start, months, **more: Basis(
        start=start.replace(day=1),
        end=date(start.year + months // 12 + 1, months % 12 + 1, 1),
        **more,
    ),
    start=DAY, months=st.integers(0, 30), as_of=DAY, target=AMOUNT, step=st.integers(1, 10**9),
    metric=st.sampled_from(["won.amount", "won.count"]),
    grain=st.sampled_from(["month", "quarter"]), seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
SHARES = st.builds(
    Share,
    weights=st.dictionaries(
        st.sampled_from(["even", "history", "pipeline", "potential"]),
        st.floats(0.01, 1e6),
        min_size=1,
    ),
    over_assignment=st.just(()) | st.tuples(SHARE, SHARE),
    own_figures=st.sampled_from(["kept", "topped up"]), potential=maybe(NAME),
)  # fmt: skip
YEARS = st.builds(
    OverTime,
    season=st.sampled_from(["learned", "even"])
    | st.lists(st.floats(0, 9), min_size=12, max_size=12),
    per=st.sampled_from(["working day", "calendar day", "month"]), intermediate_days=SHARE,
    ramp=st.just("learned") | st.lists(SHARE, max_size=6),
)  # fmt: skip
ROWS = st.builds(
    Row,
    rep_id=NAME, set=maybe(AMOUNT), lock=st.booleans(), floor=maybe(AMOUNT), ceiling=maybe(AMOUNT),
    own=maybe(AMOUNT), starts=maybe(DAY), part_time=maybe(SHARE), away_from=maybe(DAY), away=SHARE,
    without_target=st.booleans(), cycle=maybe(st.floats(0.25, 4)), note=TEXT,
)  # fmt: skip
SCENARIOS = st.builds(
    TargetScenario,
    name=NAME, note=TEXT, currency=st.sampled_from(["ILS", "JPY", "KWD"]), basis=BASES,
    share=SHARES, over_time=YEARS, odds=st.builds(Turned, win_rate=st.floats(0, 3), backfill=maybe(
        st.integers(0, 24))),
    hires=st.lists(st.builds(Joining, starts=DAY, count=st.integers(1, 99), note=TEXT), max_size=2),
    rows=st.lists(ROWS, max_size=3),
)  # fmt: skip


@settings(max_examples=examples(8))
@given(SCENARIOS)
def test_what_is_written_is_read_and_written_the_same(scenario: TargetScenario) -> None:
    text = scenario_text(scenario)
    read = read_target_scenario(text)
    assert read == scenario
    assert scenario_text(read) == text


def test_one_change_is_one_line_changed() -> None:
    before = example_scenario().with_row(rep_id="R1", set=5_000, note="agreed")
    moved = before.changed(odds={"win_rate": 1.1})
    pairs = zip(scenario_text(before).splitlines(), scenario_text(moved).splitlines(), strict=True)
    assert [pair for pair in pairs if pair[0] != pair[1]] == [("win_rate = 1.0", "win_rate = 1.1")]
    more = scenario_text(before.with_row(team="North", move=0.05))
    assert more.startswith(scenario_text(before))  # a row more is lines added at the end


def test_money_is_exact_text_in_the_units_of_its_currency() -> None:
    told = {
        ("won.amount", "ILS"): "1200000.01",
        ("won.amount", "JPY"): "120000001",
        ("won.amount", "KWD"): "120000.001",
        ("won.count", "ILS"): "120000001",
    }
    for (metric, currency), text in told.items():
        basis = example_scenario().basis.model_copy(update={"metric": metric, "target": 120000001})
        scenario = example_scenario().changed(currency=currency, basis=basis)
        assert f'target = "{text}"\n' in scenario_text(scenario)


def test_all_faults_stand_in_one_message_with_the_nearest_known_key() -> None:
    text = scenario_text(example_scenario().with_row(rep_id="R1", set=5_000))
    for old, new in {
        "version = 2": "version = 3",
        'target = "1200000.00"': "target = 1200000.5",
        "season =": "sesson =",
        "win_rate = 1.0": "win_rate = 9",
        'as_of = "2026-09-30"': 'as_of = "2026-09-31"',
        "set =": "sett =",
    }.items():
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(ParameterError, match=r"next\.toml says 6 things") as refused:
        read_target_scenario(text, source="next.toml")
    for said in (
        "version: found 3",
        "[basis] target: found 1200000.5. Write an amount as text",
        "[over_time] sesson: there is no such key. Did you mean 'season'?",
        "[odds] win_rate: found 9",
        "[basis] as_of: found '2026-09-31'. Write a date",
        "[[rows]] no. 1 sett: there is no such key. Did you mean 'set'?",
    ):
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('target = "1200000.00"', 'target = "1200000.001"', "[basis] target"),
        ('target = "1200000.00"', 'target = "-1.00"', "[basis] target"),
        ('target = "1200000.00"\n', "", "[basis] target: it is missing"),
        ('currency = "ILS"', 'currency = "shekel"', "currency: found 'shekel'"),
        ('metric = "won.amount"', 'metric = "won.amout"', "[basis] metric: There is no metric"),
        ('end = "2028-01-01"', 'end = "2027-12-31"', "[basis]: found"),
        ("over_assignment = []", "over_assignment = [0.1]", "[share]: found"),
        ("{ history = 1.0 }", "{ histori = 1.0 }", "[share]: found"),
        ('ramp = "learned"', 'ramp = "lernt"', "[over_time] ramp"),
        ('season = "learned"', "season = [1, 2]", "a list of 12"),
        ("[basis]", "[basis", "not valid TOML"),
    ],
)
def test_what_cannot_be_is_refused_by_name(old: str, new: str, said: str) -> None:
    text = scenario_text(example_scenario())
    assert old in text
    with pytest.raises(ParameterError) as refused:
        read_target_scenario(text.replace(old, new))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"set": 1}, "exactly one of rep_id, team and everybody"),
        ({"rep_id": "a", "team": "b"}, "exactly one of"),
        ({"rep_id": "a", "set": 1, "move": 0.1}, "either set or move"),
        ({"rep_id": "a", "away_until": date(2027, 1, 1)}, "away_from beside"),
    ],
)
def test_rows_that_contradict_themselves_are_refused(row: dict, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        example_scenario().with_row(**row)


def test_kept_in_the_clients_folder_beside_the_scenarios_of_the_what_if(tmp_path) -> None:
    workspace = tmp_path / "spm.toml"
    save_scenario(workspace, SCENARIO)  # version 1
    path = save_target_scenario(workspace, example_scenario())
    assert path.parent == tmp_path / "scenarios"
    assert load_target_scenario(workspace, "Example") == example_scenario()
    assert load_target_scenario(workspace, str(path)) == example_scenario()
    assert target_scenario_names(workspace) == ["Example"]
    assert scenario_names(workspace) == [SCENARIO.name]
    assert load_scenario(workspace, SCENARIO.name) == SCENARIO  # old files stay readable
    with pytest.raises(ParameterError, match="spm plan build"):
        load_scenario(workspace, "Example")
    with pytest.raises(ParameterError, match="of the what-if dashboard, version 1"):
        load_target_scenario(workspace, SCENARIO.name)
    with pytest.raises(ParameterError, match="Found: Example"):
        load_target_scenario(workspace, "Exampel")
    with pytest.raises(WorkspaceError, match="cannot be the name"):
        save_target_scenario(workspace, example_scenario().changed(name="../elsewhere"))


def test_a_broken_file_is_listed_so_that_it_is_not_overlooked(tmp_path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "broken.toml").write_text("[basis", encoding="utf-8")
    assert target_scenario_names(tmp_path / "spm.toml") == ["broken"]
    assert scenario_names(tmp_path / "spm.toml") == ["broken"]
