"""Addresses: what is refused, and that nothing in one becomes code or widens a scope."""

from __future__ import annotations

import json
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.web import HTTPError

from spm_lib.core.errors import ParameterError, SpmError
from spm_lib.dashboards.address import Visits, injected, parameters_of
from spm_lib.dashboards.serve import NOTEBOOKS, find_dashboard
from spm_lib.plans import Scenario, save_scenario
from spm_lib.targets import Levers

pytestmark = pytest.mark.slow

NOTEBOOK = NOTEBOOKS / "what_if.ipynb"


def page():
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))


def visits(tmp_path, *, scope: str = "company", language: str = "en") -> Visits:
    return Visits(NOTEBOOK, tmp_path / "spm.toml", language, scope, "What if")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("langage=he", "'langage' is unknown .nearest: 'language'"),
        ("language=fr", "'language' must be one of"),
        ("language=he&language=en", "given twice"),
        ("workspace=/etc/passwd", "'workspace' is unknown"),
        ("scope=company", "'scope' is unknown"),
        ("template=base", "'template' is unknown"),
        ("as_of=yesterday", "'as_of' is not a day"),
        ("as_of=2026-13-01", "'as_of' is not a day"),
        ("scenario=nowhere", "There is no scenario 'nowhere'"),
        ("scenario=../spm", "cannot be the name"),
    ],
)
def test_addresses_are_refused_before_a_kernel_starts(tmp_path, query, said):
    with pytest.raises(SpmError, match=said):
        visits(tmp_path).checked(query)
    handler = SimpleNamespace(request=SimpleNamespace(query=query))
    with pytest.raises(HTTPError) as refused:
        visits(tmp_path).prepare(handler, notebook=page(), cwd="")
    assert refused.value.status_code == 400


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("9999-12-31", "years 1900 to 2200"),
        ("0001-01-01", "years 1900 to 2200"),
        ("2026-10-01", "lies after all that is known.* up to 2026-09-30"),
        ("1999-12-31", "first entry is of"),
    ],
)
@pytest.mark.parametrize("scope", ["company", "team:Enterprise"])
def test_days_outside_the_data_are_refused_before_a_kernel_starts(
    sample_workspace, day, said, scope
):
    asked = Visits(NOTEBOOK, sample_workspace, "en", scope, "What if")
    handler = SimpleNamespace(request=SimpleNamespace(query=f"as_of={day}"))
    with pytest.raises(HTTPError, match=said) as refused:
        asked.prepare(handler, notebook=page(), cwd="")
    assert refused.value.status_code == 400
    given = asked.checked("as_of=2026-06-30")
    assert given["as_of"] == "2026-06-30"


LATER = """version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
[stages]
open = ["Lead"]
[tables.opportunities]
path = "deals.csv"
columns = { opportunity_id = "id", rep_id = "rep", stage = "stage", created_at = "made" }
[tables.memberships]
path = "teams.csv"
columns = { rep_id = "rep", team = "team", valid_from = "from" }
"""


def test_a_day_before_a_team_was_there_names_no_other_team(tmp_path):
    (tmp_path / "spm.toml").write_text(LATER)
    (tmp_path / "deals.csv").write_text(
        "id,rep,stage,made\n1,a,Lead,2026-01-01\n2,b,Lead,2026-05-01\n"
    )
    (tmp_path / "teams.csv").write_text("rep,team,from\na,secret,2026-01-01\nb,own,2026-03-01\n")
    asked = visits(tmp_path, scope="team:own")
    assert asked.checked("as_of=2026-03-01")["as_of"] == "2026-03-01"
    with pytest.raises(ParameterError, match="Nobody whom this page shows") as refused:
        asked.checked("as_of=2026-02-28")
    assert "secret" not in str(refused.value)


def test_a_narrow_page_opens_no_scenario_of_the_company(tmp_path):
    levers = Levers(target=1, win_rate=0.5, deal_amount=1, cycle_days=1.0, heads=1)
    save_scenario(tmp_path / "spm.toml", Scenario("plan", "ILS", "2026-09-30", levers))
    assert visits(tmp_path).checked("scenario=plan")["scenario"] == "plan"
    with pytest.raises(SpmError, match="rates of the whole company"):
        visits(tmp_path, scope="team:north").checked("scenario=plan")


def test_the_language_of_the_server_holds_where_the_address_names_none(tmp_path):
    assert visits(tmp_path, language="he").checked("") == {"language": "he"}
    assert visits(tmp_path, language="he").checked("language=en") == {"language": "en"}
    handler = SimpleNamespace(request=SimpleNamespace(query=""))
    made = visits(tmp_path, language="he").prepare(handler, notebook=page(), cwd="")
    assert made["metadata"]["spm"] == {"language": "he", "direction": "rtl"}
    assert made["metadata"]["title"] == "מה אם"
    assert made["metadata"]["kernelspec"]["name"] == "python3"


@given(st.text(max_size=40))
def test_nothing_in_an_address_becomes_code(text):
    values = parameters_of(f"scenario={quote(text)}", NOTEBOOK)
    made = injected(page(), values)
    cell = made["cells"][[c["id"] for c in made["cells"]].index("injected-parameters")]
    names: dict[str, object] = {}
    exec(compile(cell["source"], "cell", "exec"), {"__builtins__": {}}, names)
    assert names == values
    assert len(cell["source"].splitlines()) <= 1


def test_dashboards_are_found_by_name():
    assert find_dashboard("what_if") == NOTEBOOK
    with pytest.raises(
        ParameterError,
        match=r"no dashboard 'what'.*Found: funnel, my_pay, pay_plan, response, targets, team, "
        r"what_if",
    ):
        find_dashboard("what")
