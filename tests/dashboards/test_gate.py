"""The gate's parts: who is known, what is granted on a day, what a request may reach."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from datetime import UTC, date, datetime
from types import SimpleNamespace

import polars as pl
import pytest
from tornado.httputil import HTTPHeaders

from spm_lib.core.errors import ParameterError, ScopeError, SpmError
from spm_lib.dashboards.gate.attempts import PER_ADDRESS, PER_NAME, PER_PERSON, WINDOW, Attempts
from spm_lib.dashboards.gate.guard import Guard, Owner, Refused, safe_next
from spm_lib.dashboards.gate.identity import Gatekeeper, cookie_name
from spm_lib.dashboards.gate.reach import check_reach, names_of
from spm_lib.dashboards.gate.sessions import IDLE, LONGEST, Sessions
from spm_lib.dashboards.gate.shelf import Shelf
from spm_lib.dashboards.told import admitted
from spm_lib.model import open_company
from spm_lib.store import write_whole
from spm_lib.workspace import UsersFile, load_settings
from spm_lib.workspace.users import Cost

CHEAP = Cost(2, 1, 1)
FILE = """version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
as_of = "2026-06-30"
[stages]
open = ["Lead"]
won = ["Won"]
[tables.opportunities]
path = "deals.csv"
columns = { opportunity_id = "id", rep_id = "rep", stage = "stage", created_at = "made" }
[tables.memberships]
path = "teams.csv"
columns = { rep_id = "r", team = "team", manager_id = "boss", valid_from = "in", valid_to = "out" }
"""
ACCESS = """
[[access.viewers]]
name = "dana"
scope = "own team"
person = "m1"
[[access.viewers]]
name = "gil"
scope = "rep:a"
valid_to = 2026-07-01
[[access.viewers]]
name = "gil"
scope = "team:south"
valid_from = 2026-07-01
dashboards = ["team"]
[access.proxy]
header = "X-Remote-User"
addresses = ["10.0.0.5"]
"""


@pytest.fixture
def workspace(tmp_path):
    file = tmp_path / "spm.toml"
    file.write_text(FILE + ACCESS)
    rows = "id,rep,stage,made\n" + "".join(
        f"{rep}{n},{rep},Lead,2026-0{n}-01\n" for rep in "abc" for n in (1, 2, 3)
    )
    (tmp_path / "deals.csv").write_text(rows)
    (tmp_path / "teams.csv").write_text(
        "r,team,boss,in,out\n"
        "a,north,m1,2026-01-01,2026-05-01\na,south,m2,2026-05-01,\n"
        "b,north,m1,2026-01-01,\nc,south,m2,2026-01-01,2026-08-01\nc,north,m1,2026-08-01,\n"
    )
    return file


def keeper(workspace, day: str = "2026-06-30") -> Gatekeeper:
    return Gatekeeper(workspace, now=lambda: datetime.fromisoformat(f"{day}T12:00:00+00:00"))


def asks(
    path: str = "/team",
    *,
    method: str = "GET",
    address: str = "10.0.0.9",
    word: str = "",
    **headers,
) -> SimpleNamespace:
    """Return a request as tornado gives it."""
    given = HTTPHeaders({name.replace("_", "-"): value for name, value in headers.items()})
    request = SimpleNamespace(
        path=path, method=method, headers=given, remote_ip=address, host="here:8866", cookies={}
    )
    request.cookies = {cookie_name(request): SimpleNamespace(value=word)} if word else {}
    return request


def signed_in(gatekeeper: Gatekeeper, name: str) -> str:
    gatekeeper.users.add(name, f"password of {name}", cost=CHEAP)
    word = gatekeeper.signs_in(name, f"password of {name}")
    assert word
    return word


def test_passwords_are_kept_as_salted_hashes_that_only_their_owner_reads(tmp_path):
    users = UsersFile.of(tmp_path / "spm.toml")
    assert users.add("dana", "password of dana", cost=CHEAP)
    assert users.add("gil", "password of dana", cost=CHEAP)
    assert not users.add("dana", "password of dana", cost=CHEAP)
    kept = users.hashes()
    assert kept["dana"] != kept["gil"], "two salts"
    assert "password" not in users.path.read_text()
    assert users.path.stat().st_mode & 0o777 == 0o600
    assert UsersFile.of(tmp_path / "spm.toml").hashes() == kept
    users.remove("dana")
    assert list(users.hashes()) == ["gil"]


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("two words", "long enough 1", "cannot be the name"),
        ("a,b", "long enough 1", "cannot be the name"),
        ("dana", "short", "at least 10 characters"),
        ("dana", "x" * 1025, "at most 1024 bytes"),
    ],
)
def test_bad_names_and_passwords_are_refused(tmp_path, name, password, said):
    with pytest.raises(SpmError, match=said):
        UsersFile.of(tmp_path / "spm.toml").add(name, password, cost=CHEAP)


def test_a_users_file_that_cannot_be_read_lets_nobody_in(workspace):
    gatekeeper = keeper(workspace)
    word = signed_in(gatekeeper, "dana")
    assert gatekeeper.identify(asks(word=word))
    gatekeeper.users.path.write_text('{"users": {"dana": "plain password"}}')
    assert gatekeeper.identify(asks(word=word)) is None
    assert gatekeeper.grant_of("dana") is None
    with pytest.raises(SpmError, match="users file cannot be read"):
        gatekeeper.users.hashes()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('scope = "everything"', "Write company, own, own team"),
        ('scope = "own team"', "does not say whose"),
        ('scope = "company"\nperson = "m1"', "no use for person"),
        ('scope = "company"\nvalid_from = 2026-02-01\nvalid_to = 2026-02-01', "not after"),
        ('scope = "company"\n[[access.viewers]]\nname = "x"\nscope = "rep:a"', "on the same days"),
        ('scop = "company"', "Did you mean 'scope'"),
        ('scope = "company"\n[access.proxy]\nheader = "X"\naddresses = ["all"]', "asks from"),
    ],
)
def test_faults_of_access_are_told_with_what_to_write(tmp_path, written, said):
    file = tmp_path / "spm.toml"
    file.write_text(f'{FILE}\n[[access.viewers]]\nname = "x"\n{written}\n')
    with pytest.raises(SpmError, match=said):
        load_settings(file)


def test_grants_hold_from_day_to_day(workspace):
    before, after = keeper(workspace, "2026-06-30"), keeper(workspace, "2026-07-01")
    assert before.grant_of("gil").asked == "rep:a"
    assert after.grant_of("gil").asked == "team:south"
    assert before.grant_of("Gil") is None
    assert before.grant_of("") is None


def test_the_day_turns_at_the_clients_midnight(workspace):
    moment = datetime(2026, 6, 30, 21, 30, tzinfo=UTC)  # 00:30 in Jerusalem
    assert Gatekeeper(workspace, now=lambda: moment).today() == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("day", "seen"), [("2026-04-30", "b"), ("2026-06-30", "b"), ("2026-08-01", "bc")]
)
def test_own_team_is_the_team_of_the_day_of_the_visit(workspace, day, seen):
    """a left m1 in May, c came in August; data of June says so of both."""
    with closing(Shelf(workspace, today=keeper(workspace, day).today)) as shelf:
        file = shelf.file("manager:m1")
        company = open_company(file, scope="manager:m1")
        owners = set(company.table("opportunities")["rep_id"])
        assert owners == set(seen)
        written = b"".join(p.read_bytes() for p in file.parent.iterdir())
        others = set("abc") - set(seen)
        assert not [x for x in others if f"{x}1".encode() in written], "no row of others on disk"
        assert b"viewers" not in written, "nor who else may see what"
        earlier = open_company(file, scope="manager:m1", as_of=date(2026, 2, 15))
        assert set(earlier.table("opportunities")["rep_id"]) <= set(seen)


def test_a_view_is_made_anew_when_data_or_teams_change(workspace):
    with closing(Shelf(workspace, today=keeper(workspace).today)) as shelf:
        first = shelf.file("team:south")
        assert shelf.file("team:south") == first
        teams = workspace.parent / "teams.csv"
        teams.write_text(teams.read_text().replace("a,south,m2,2026-05-01,\n", ""))
        second = shelf.file("team:south")
        assert second != first
        assert set(open_company(second).table("opportunities")["rep_id"]) == {"c"}
        with pytest.raises(ScopeError):
            shelf.file("team:nowhere")


def test_only_the_named_proxy_names_a_viewer(workspace):
    gatekeeper = keeper(workspace)
    of_proxy = asks(address="10.0.0.5", X_Remote_User="dana")
    assert gatekeeper.identify(of_proxy).viewer == "dana"
    mapped = asks(address="::ffff:10.0.0.5", X_Remote_User="dana")
    assert gatekeeper.identify(mapped).viewer == "dana"
    forged = asks(address="10.0.0.6", X_Remote_User="dana")
    assert gatekeeper.identify(forged) is None
    assert "X-Remote-User" not in forged.headers, "nothing behind the gate can read it either"
    twice = asks(address="10.0.0.5", X_Remote_User="dana")
    twice.headers.add("X-Remote-User", "gil")
    assert gatekeeper.identify(twice) is None
    assert gatekeeper.identify(asks(address="10.0.0.5", X_Remote_User="dana, gil")) is None
    assert gatekeeper.identify(asks(address="10.0.0.5")) is None


def test_a_session_ends_with_its_time_its_password_and_its_user(workspace):
    gatekeeper = keeper(workspace)
    word = signed_in(gatekeeper, "dana")
    assert gatekeeper.identify(asks(word=word)).viewer == "dana"
    assert gatekeeper.identify(asks(word=word + "x")) is None
    gatekeeper.users.add("dana", "another password", cost=CHEAP)
    assert gatekeeper.identify(asks(word=word)) is None
    word = signed_in(gatekeeper, "dana")
    gatekeeper.users.remove("dana")
    assert gatekeeper.identify(asks(word=word)) is None
    at = [0.0]
    sessions = Sessions(clock=lambda: at[0])
    word = sessions.begin("dana", proof="p")
    at[0] = IDLE - 1
    assert sessions.of(word)
    at[0] += IDLE + 1
    assert sessions.of(word) is None
    word = sessions.begin("dana", proof="p")
    begun = at[0]
    while at[0] - begun < LONGEST:
        assert sessions.of(word)
        at[0] += IDLE / 2
    at[0] += 1
    assert sessions.of(word) is None


def test_wrong_passwords_are_counted(workspace):
    at = [0.0]
    attempts = Attempts(clock=lambda: at[0])
    for _ in range(PER_PERSON):
        assert attempts.wait("dana", "a") == 0
        attempts.note_wrong("dana", "a")
        at[0] += 1
    assert 0 < attempts.wait("dana", "a") <= WINDOW
    assert attempts.wait("dana", "b") == 0
    at[0] += WINDOW
    assert attempts.wait("dana", "a") == 0
    for n in range(PER_ADDRESS):
        attempts.note_wrong(f"name {n}", "c")
    assert attempts.wait("somebody new", "c") > 0
    for n in range(PER_NAME):
        attempts.note_wrong("gil", f"address {n}")
    assert attempts.wait("gil", "a new address") > 0
    for _ in range(100):  # who signs in rightly is never counted
        attempts.note_wrong("boss", "d")
        attempts.note_right("boss", "d")
    assert attempts.wait("boss", "d") == 0


def test_everything_is_closed_to_the_unknown_and_to_those_without_a_grant(workspace):
    gatekeeper = keeper(workspace)
    guard = Guard(gatekeeper, ("team", "funnel"))
    paths = [
        "/", "/team", "/nowhere", "/voila/static/voila.js", "/voila/files/team.ipynb",
        "/voila/labextensions/x.js", "/voila/templates/spm/static/x.js", "/voila/tree",
        "/api/kernels", "/api/kernels/1-2-3-4-5", "/api/kernels/1-2-3-4-5/channels",
        "/voila/api/shutdown/1-2-3-4-5", "/voila/api/contents", "/voila/render/team.ipynb",
    ]  # fmt: skip
    assert {guard.refusal(asks(path)) for path in paths} == {Refused(401, "unknown")}
    word = signed_in(gatekeeper, "stranger")
    told = {guard.refusal(asks(path, word=word)) for path in paths}
    assert told == {Refused(403, "no grant", "stranger")}


def test_a_viewer_reaches_own_kernels_and_granted_dashboards_only(workspace):
    gatekeeper = keeper(workspace, "2026-07-01")
    guard = Guard(gatekeeper, ("team", "funnel"))
    word, other = signed_in(gatekeeper, "gil"), signed_in(gatekeeper, "dana")
    grant = gatekeeper.grant_of("gil")
    key = gatekeeper.identify(asks(word=word)).key
    guard.owners["1-2-3-4-5"] = Owner(key, "gil", grant)
    site = {"Origin": "http://here:8866"}
    for path, method, more in (
        ("/api/kernels/1-2-3-4-5", "GET", {}),
        ("/api/kernels/1-2-3-4-5/channels", "GET", {"Upgrade": "websocket", **site}),
        ("/voila/api/shutdown/1-2-3-4-5", "POST", site),
    ):
        assert guard.refusal(asks(path, method=method, word=word, **more)) is None
        refused = guard.refusal(asks(path, method=method, word=other, **more))
        assert refused.status == 404, "as if it were not there"
    for path in ("/api/kernels/%31-2-3-4-5", "/voila/api/shutdown/%31-2-3-4-5", "/api/kernels"):
        assert guard.refusal(asks(path, word=word)).status == 404
    assert guard.refusal(asks("/team", word=word)) is None
    assert guard.refusal(asks("/funnel", word=word)).reason == "not this dashboard"
    for path in ("/voila/files/team.ipynb", "/voila/tree", "/team/", "//team", "/nowhere"):
        assert guard.refusal(asks(path, word=word)).status == 404
    for path in ("/voila/static/../files/x", "/voila/static/%2e%2e/files/x", "/voila/static/a//b"):
        assert guard.refusal(asks(path, word=word)).status == 404
    assert guard.refusal(asks("/voila/static/voila.js", word=word)) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Referer": "http://evil.example/here:8866"},
        {"Origin": "http://here:8866", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://here:8867"},
    ],
)
def test_what_does_something_must_come_from_our_own_pages(workspace, headers):
    gatekeeper = keeper(workspace)
    guard, word = Guard(gatekeeper, ("team",)), signed_in(gatekeeper, "dana")
    for method, more in (("POST", {}), ("DELETE", {}), ("GET", {"Upgrade": "websocket"})):
        asked = asks("/team", method=method, word=word, **headers, **more)
        assert guard.refusal(asked) == Refused(403, "another site")


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
        "/team/../login", "/nowhere", "team", "", "/team\r\nSet-Cookie: a=b", "http://[",
    ],
)  # fmt: skip
def test_after_signing_in_nobody_is_sent_elsewhere(asked):
    assert safe_next(asked, ("team",)) in ("/", "/team")
    assert safe_next("/team?as_of=2026-06-30", ("team",)) == "/team?as_of=2026-06-30"


def test_without_a_login_nobody_else_can_reach_it(tmp_path, workspace):
    bare = tmp_path / "bare.toml"
    bare.write_text(FILE)
    assert check_reach(bare, host="127.0.0.1", scope="company") is False
    for host in ("0.0.0.0", "10.0.0.1", "::"):
        with pytest.raises(ParameterError, match=r"this machine only.*spm users add"):
            check_reach(bare, host=host, scope="company")
    assert check_reach(workspace, host="10.0.0.1", scope="company") is True
    with pytest.raises(ParameterError, match=r"comes from \[access\]"):
        check_reach(workspace, host="10.0.0.1", scope="team:south")
    with pytest.raises(ParameterError, match="answer to no name"):
        check_reach(workspace, host="0.0.0.0", scope="company")
    assert "10.0.0.1" in names_of(load_settings(workspace), "10.0.0.1")
    grants = FILE + ACCESS.partition("[access.proxy]")[0]
    bare.write_text(grants)
    with pytest.raises(ParameterError, match="nobody can sign in"):
        check_reach(bare, host="127.0.0.1", scope="company")
    UsersFile.of(bare).add("dana", "password of dana", cost=CHEAP)
    assert check_reach(bare, host="127.0.0.1", scope="company") is True


def test_a_page_behind_the_gate_opens_the_viewers_view_and_nothing_else(workspace):
    with closing(Shelf(workspace, today=keeper(workspace).today)) as shelf:
        file = shelf.file("manager:m1")
        told = {
            "SPM_VIEWER": "dana",
            "SPM_VIEW": str(file),
            "SPM_SCOPE": "manager:m1",
            "SPM_WORKSPACE": str(workspace),
        }
        found = admitted(environment=told)
        assert (found.viewer, found.scope, found.from_view) == ("dana", "manager:m1", True)
        assert set(found.company.table("opportunities")["rep_id"]) == {"b"}
        with pytest.raises(ScopeError, match="Nothing was opened"):
            admitted(workspace=workspace, environment=told)
        with pytest.raises(ScopeError, match="Nothing was opened"):
            admitted(environment={**told, "SPM_VIEW": ""})
        for wider in ("company", "rep:a", "team:south"):
            with pytest.raises(ScopeError):
                admitted(environment={**told, "SPM_SCOPE": wider})
        with pytest.raises(OSError, match="nowhere"):
            admitted(environment={**told, "SPM_VIEW": "nowhere/view.json"})
        assert json.loads(file.read_text())["rep_ids"] == ["b", "m1"]


def test_own_scope_has_nobody_elses_rows_by_a_loop(workspace):
    """By a second route: rows of the export, one by one, against memberships, one by one."""
    day, seen = date(2026, 9, 1), set()
    for row in pl.read_csv(workspace.parent / "teams.csv", try_parse_dates=True).iter_rows():
        rep, _, boss, begun, ended = row
        if boss == "m1" and begun <= day and (ended is None or day < ended):
            seen.add(rep)
    wanted = {
        row[0] for row in pl.read_csv(workspace.parent / "deals.csv").iter_rows() if row[1] in seen
    }
    with closing(Shelf(workspace, today=lambda: day)) as shelf:
        company = open_company(shelf.file("manager:m1"))
        assert set(company.table("opportunities")["opportunity_id"]) == wanted


def test_a_day_is_looked_up_in_the_viewers_own_rows(workspace):
    from spm_lib.dashboards.address import Visits
    from spm_lib.dashboards.serve import NOTEBOOKS
    from spm_lib.dashboards.told import VISIT, Visit

    visits = Visits(NOTEBOOKS / "team.ipynb", workspace, "en", "company", "Team")
    with closing(Shelf(workspace, today=keeper(workspace).today)) as shelf:
        file = shelf.file("manager:m1")
        mark = VISIT.set(Visit("dana", "key", "manager:m1", file, workspace))
        try:
            assert visits.checked("as_of=2026-02-15&person=b")["as_of"] == "2026-02-15"
            for query, said in (
                ("as_of=2026-07-01", "lies after all that is known|does not know that day"),
                ("viewer=boss", "'viewer' is unknown"),
                ("months=99", "from 1 to 60"),
            ):
                with pytest.raises(SpmError, match=said):
                    visits.checked(query)
        finally:
            VISIT.reset(mark)


def test_a_gate_that_ends_while_a_view_is_prepared_leaves_nothing(workspace):
    made = []

    def slow(file):
        threading.Event().wait(0.3)
        made.append(write_whole(file.parent.parent / "late.txt", "rows"))

    with closing(Shelf(workspace, today=keeper(workspace).today, ahead=slow)) as shelf:
        place = shelf.file("rep:a").parents[2]
    assert len(made) == 1
    assert not place.exists()


def test_views_are_prepared_for_their_pages(workspace):
    seen = []
    with closing(Shelf(workspace, today=keeper(workspace).today, ahead=seen.append)) as shelf:
        file = shelf.file("rep:a")
        shelf.file("rep:a")
        for _ in range(100):
            if seen:
                break
            threading.Event().wait(0.01)
        assert seen == [file]
