"""Scenario files: what is saved comes back, what is broken is refused and named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.errors import ParameterError, WorkspaceError
from spm_lib.plans import Scenario, load_scenario, read_scenario, save_scenario, scenario_names
from spm_lib.targets import Levers
from tests.examples import examples

LEVERS = Levers(target=12_345_67, win_rate=0.31, deal_amount=45_00, cycle_days=56.5, heads=12)
SCENARIO = Scenario("שני אנשים נוספים", "ILS", "2026-09-30", LEVERS, note='a "quoted"\nnote \\')
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=examples(20))
@given(
    TEXT, TEXT, st.sampled_from(["ILS", "JPY", "KWD"]), st.integers(1, 10**15),
    st.floats(0, 1), st.integers(0, 10**13), st.floats(0.5, 3_660), st.integers(0, 100_000),
)  # fmt: skip
def test_what_is_written_is_read(name, note, currency, target, rate, deal, cycle, heads):
    scenario = Scenario(
        name, currency, "2026-01-01", Levers(target, rate, deal, cycle, heads), note=note
    )
    assert read_scenario(scenario.text()) == scenario


def test_saved_in_the_clients_folder_and_loaded(tmp_path):
    workspace = tmp_path / "spm.toml"
    path = save_scenario(workspace, SCENARIO)
    assert path.parent == tmp_path / "scenarios"
    assert load_scenario(workspace, SCENARIO.name) == SCENARIO
    assert scenario_names(workspace) == [SCENARIO.name]
    assert [p.name for p in path.parent.iterdir()] == [path.name]  # nothing half-written beside


def test_one_lever_moved_is_one_line_changed():
    moved = Scenario("x", "ILS", "2026-09-30", Levers(1, 0.5, 1, 1.0, 12))
    other = Scenario("x", "ILS", "2026-09-30", Levers(1, 0.5, 1, 1.0, 13))
    lines = zip(moved.text().splitlines(), other.text().splitlines(), strict=True)
    assert [pair for pair in lines if pair[0] != pair[1]] == [("heads = 12", "heads = 13")]


@pytest.mark.parametrize("name", ["../elsewhere", "", "a/b", ".."])
def test_a_name_cannot_lead_out_of_the_folder(tmp_path, name):
    scenario = Scenario(name, "ILS", "2026-09-30", LEVERS)
    with pytest.raises(WorkspaceError, match="cannot be the name"):
        save_scenario(tmp_path / "spm.toml", scenario)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version = 1", "version = 2", "version is 2, not 1"),
        ("heads = 12", "", "lever 'heads' is missing"),
        ("heads = 12", "head = 12", "lever 'head' is unknown"),
        ("heads = 12", 'heads = "12"', "lever heads"),
        ("win_rate = 0.31", "win_rate = 3", "lever win_rate"),
        ('target = "12345.67"', 'target = "much"', "cannot be read"),
        ('as_of = "2026-09-30"', "as_of = 2026-09-30", "'as_of' is not text"),
        ("[levers]", "[levers", "cannot be read"),
    ],
)
def test_broken_files_are_refused_by_name(old, new, said):
    with pytest.raises(ParameterError, match=said):
        read_scenario(SCENARIO.text().replace(old, new))


def test_a_scenario_that_is_not_there_names_those_that_are(tmp_path):
    save_scenario(tmp_path / "spm.toml", Scenario("here", "ILS", "2026-09-30", LEVERS))
    with pytest.raises(ParameterError, match="Found: here"):
        load_scenario(tmp_path / "spm.toml", "there")
