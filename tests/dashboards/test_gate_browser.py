"""A manager of one team in a real Chromium, looking for another team: on the page, in its widgets,
in every answer and every frame that crosses the line, and by what a visitor can make a page do."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from spm_lib.model import open_company
from spm_lib.plans import build, propose

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
OWN = "manager:M01"
SETTLED = ".spm-studio[data-ready=true][data-settled=true][aria-busy=false]"
STATE = """async () => {
  const manager = window.__manager || (await new Promise(r => setTimeout(() => r(null), 0)));
  return document.documentElement.outerHTML + [...document.querySelectorAll('*')]
    .map(e => e.value || e.title || '').join('|');
}"""
# A visitor's own line to the page's own kernel: code, states, odd numbers, widgets of one's own.
ATTACK = """async ([kernel, model]) => {
  const heard = [];
  const line = new WebSocket(`ws://${location.host}/api/kernels/${kernel}/channels?session_id=x`);
  await new Promise((done, failed) => { line.onopen = done; line.onerror = failed; });
  line.onmessage = (event) => heard.push(
    event.data instanceof Blob ? event.data.text() : String(event.data));
  const send = (channel, msg_type, content) => line.send(JSON.stringify({
    header: {msg_id: crypto.randomUUID(), msg_type, session: 'x', username: '', version: '5.3',
             date: new Date().toISOString()},
    parent_header: {}, metadata: {}, content, channel, buffers: []}));
  const code = "import os; print('LEAK', os.environ.get('SPM_WORKSPACE')); " +
    "print(open(os.environ['SPM_WORKSPACE'].replace('spm.toml', 'teams.csv')).read())";
  send('shell', 'execute_request', {code, silent: false, store_history: true,
    user_expressions: {a: code}, allow_stdin: false, stop_on_error: false});
  send('shell', 'inspect_request', {code: 'os', cursor_pos: 1, detail_level: 1});
  send('shell', 'complete_request', {code: 'found.company.', cursor_pos: 14});
  send('shell', 'history_request', {hist_access_type: 'tail', n: 100, output: true, raw: true});
  send('control', 'debug_request', {command: 'initialize', type: 'request', seq: 1});
  const told = (data) => send('shell', 'comm_msg', {comm_id: model, data});
  for (const open of ['0', '999999', 'R01', '../../etc/passwd', '-1'])
    told({method: 'custom', content: {open}});
  told({method: 'update', state: {html: 'x', scope: 'company', person: 'R01'}});
  told({method: 'request_state'});
  send('shell', 'comm_open', {comm_id: crypto.randomUUID(), target_name: 'jupyter.widget.control',
    data: {}, metadata: {version: '1.0.0'}});
  send('shell', 'comm_info_request', {});
  await new Promise(done => setTimeout(done, 1500));
  line.close();
  return (await Promise.all(heard)).join('\\n');
}"""
SCRIPT = re.compile(r'"_esm": ?"(?:[^"\\]|\\.)*"')  # scripts name their variables R11, too
HEBREW = re.compile(r"\\u(05[0-9a-fA-F]{2})")  # as JSON writes it
KNOCK = """(kernel) => new Promise((done) => {
  const line = new WebSocket(`ws://${location.host}/api/kernels/${kernel}/channels?session_id=x`);
  line.onopen = () => { line.close(); done('open'); };
  line.onerror = () => done('refused');
})"""


class Viewer:
    """Somebody at a browser, and all that came over the line: answers and frames."""

    def __init__(self, browser, site, name: str) -> None:
        self.site, self.came, self.asked, self.errors = site, [], [], []
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.on("response", self._note)
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("websocket", self._listen)
        self.page.goto(f"{site.address}login?next=/")
        self.page.wait_for_selector("input[name=name]:focus")  # the first field
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(f"password of {name}")
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(site.address)

    def _note(self, response) -> None:
        if response.request.resource_type in ("document", "fetch", "xhr"):
            self.came.append(response)

    def _listen(self, socket) -> None:
        socket.on("framereceived", lambda data: self.came.append(data))

    def open(self, path: str, *, shown: str = ".spm-number"):
        """Open a page, forget what came before it, and wait until it shows."""
        self.came.clear()
        answer = self.page.goto(f"{self.site.address}{path}", timeout=120_000)
        if shown:
            self.page.wait_for_selector(shown, timeout=120_000)
        return answer

    def everything(self) -> str:
        """Return all text that came with the page, and all that it holds now."""
        kept: list[str] = []
        for one in self.came:
            if isinstance(one, str | bytes):
                kept.append(one if isinstance(one, str) else one.decode("utf-8", "replace"))
                continue
            try:
                kept.append(one.text())
            except Exception:  # a redirection, or an answer that the browser has let go of
                continue
        text = "\n".join([*kept, self.page.evaluate(STATE)])
        told = SCRIPT.sub("", text)
        return told + HEBREW.sub(lambda found: chr(int(found[1], 16)), told)

    @property
    def kernel(self) -> str:
        """The id of the page's kernel."""
        return self.page.evaluate(
            "JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"
        )


@pytest.fixture(scope="module")
def foreign(sample_workspace):
    """What only other teams have: ids, names, amounts of large deals as pages write them."""
    whole, own = open_company(sample_workspace), open_company(sample_workspace, scope=OWN)

    def column(company, table, name):
        return set(company.table(table)[name].drop_nulls())

    def only(table, name):
        return column(whole, table, name) - column(own, table, name)

    worked_on = column(own, "activities", "opportunity_id") | column(
        own, "stage_events", "opportunity_id"
    )
    ids = only("opportunities", "opportunity_id") - worked_on
    reps, names, teams = (
        only("reps", "rep_id"),
        only("reps", "name"),
        {"Enterprise", "דרום", "מרכז"},
    )
    amounts = sorted(only("opportunities", "amount"))[-300:]
    written = {f"{amount // 100:,}" for amount in amounts} | {f"{a // 100}.00" for a in amounts}
    assert len(ids) > 2000
    assert len(reps) > 10
    assert "R01" in reps
    return {"deals": ids, "people": reps | names | teams, "amounts": written}


def found_in(text: str, foreign) -> list[str]:
    """Return what of others stands in a text, as a word of its own."""
    words = set(re.findall(r"OP-\d+|\bR\d\d\b|\bM\d\d\b|\d{1,3}(?:,\d{3})+|\d{5,}\.00", text))
    hits = words & (foreign["deals"] | foreign["people"] | foreign["amounts"])
    return sorted(hits | {name for name in foreign["people"] if len(name) > 3 and name in text})


@pytest.fixture(scope="module")
def dana(browser, site):
    viewer = Viewer(browser, site, "dana")
    yield viewer
    viewer.context.close()


def test_the_search_finds_what_there_is(foreign, browser, site):
    """The whole company sees what dana must not: the same search finds it there."""
    viewer = Viewer(browser, site, "boss")
    viewer.open("team")
    hits = found_in(viewer.everything(), foreign)
    assert "נועה כהן" in hits
    assert [hit for hit in hits if hit.startswith("OP-")]
    assert [hit for hit in hits if "," in hit]
    viewer.context.close()


@dataclass(frozen=True)
class Seen:
    """What came over the line with a page, what the page asked for, and what it complained of."""

    everything: str
    asked: list[str]
    errors: list[str]

    @classmethod
    def by(cls, viewer) -> Seen:
        return cls(viewer.everything(), [*viewer.asked], [*viewer.errors])

    def check(self, site, foreign, *, own="OP-1"):
        """Hold that the own was shown, nothing of others, and that nothing left this machine."""
        assert len(self.everything) > 100_000
        assert own in self.everything, "what is the viewer's own is seen in it"
        assert found_in(self.everything, foreign) == []
        assert self.errors == []
        here = ("data:", "blob:", site.address, site.address.replace("http", "ws"))
        assert [url for url in self.asked if not url.startswith(here)] == [], "nothing leaves"


def worked_with(viewer, name) -> Seen:
    """Open a page and use it."""
    page = viewer.page
    viewer.open(name, shown=".spm-chart svg" if name == "what_if" else ".spm-number")
    if name == "what_if":
        page.locator(".spm-lever button").nth(1).click()
        page.wait_for_selector(".spm-deals table")
    else:
        for place in (0, 7):
            page.locator(".spm-number").nth(place).click()
            page.wait_for_selector("dialog[open] td")
            page.keyboard.press("Escape")
    return Seen.by(viewer)


@pytest.fixture(scope="module")
def team(browser, site):
    """Dana at the page of the own team, which stays open, and what came with it."""
    viewer = Viewer(browser, site, "dana")
    yield viewer, worked_with(viewer, "team")
    viewer.context.close()


def test_nothing_of_another_team_comes_over_the_line_of_the_team(team, site, foreign):
    team[1].check(site, foreign)


@pytest.mark.parametrize("name", ["funnel", "what_if"])
def test_nothing_of_another_team_comes_over_the_line(dana, site, foreign, name):
    worked_with(dana, name).check(site, foreign)


def test_the_studio_of_a_manager_and_its_frames_hold_no_other_team(dana, site, foreign):
    """No other team's id, name or amount, nor what a plan would ask of it: after a lever moved."""
    page = dana.page
    dana.open("targets?language=en", shown=SETTLED)
    assert page.locator("[data-lever='target']").count() == 0
    page.locator("[data-lever='win_rate']").press("ArrowRight")
    page.wait_for_selector(".spm-studio[data-settled=false]")
    page.wait_for_selector(SETTLED, timeout=60_000)
    Seen.by(dana).check(site, foreign, own="Maya Peretz")
    frames = [one for one in dana.came if isinstance(one, str | bytes)]
    wire = "".join([page.content(), *(f if isinstance(f, str) else f.decode("utf-8", "replace")
                                      for f in frames)])  # fmt: skip
    file = site.log.parent / "spm.toml"
    company = open_company(file)
    own = open_company(file, scope=OWN).table("reps")
    others = company.table("reps").filter(~pl.col("rep_id").is_in(own["rep_id"].to_list()))
    plan = build(company, propose(company, name="x")).people
    theirs = plan.filter(pl.col("rep_id").is_in(others["rep_id"].to_list()))
    amounts = {str(v) for v in (*theirs["target"], *theirs["last_year"]) if v and v > 9_999}
    names = set(others["name"]) - set(own["name"])
    ids = {f'"{rep}"' for rep in others["rep_id"]}
    assert theirs.height > 5
    assert len(wire) > 100_000
    assert [one for one in sorted(names | ids) if one in wire] == []
    whole = {one for one in amounts if re.search(rf"(?<![\d.]){one}(?!\d)", wire)}
    assert whole == set(), "no amount, but as a part of a longer number (a place in a picture)"


def test_no_address_opens_another_team(dana, foreign):
    for query in ("scope=company", "viewer=boss", "person=R01"):
        dana.open(f"team?{query}", shown="")
        dana.page.wait_for_selector(".spm-said, .voila-error", timeout=60_000)
        hits = set(found_in(dana.everything(), foreign)) - {"R01"}  # what dana wrote comes back
        assert not hits
    dana.errors.clear()


def test_no_message_to_the_own_kernel_opens_another_team(team, foreign):
    dana, _ = team
    frames = "\n".join(one for one in dana.came if isinstance(one, str))
    told = "".join(f if isinstance(f, str) else f.decode("utf-8", "replace") for f in dana.came
                   if isinstance(f, str | bytes))  # fmt: skip
    model = re.search(r'"([0-9a-f]{32})": ?\{[^{}]*"model_module": ?"anywidget"', told)
    heard = dana.page.evaluate(ATTACK, [dana.kernel, model[1] if model else "0" * 32])
    assert "comm_info_reply" in heard, "the line was open, and what may be asked is answered"
    assert '"kind": "deals"' in heard, "its messages are heard: the first number opened"
    assert "execute_reply" not in heard
    assert "LEAK" not in heard + frames
    assert not re.search(r"(inspect|complete|history|debug)_reply", heard)
    hits = set(found_in(heard + dana.everything(), foreign)) - {"R01"}
    assert not hits
    dana.errors.clear()


def test_the_kernel_of_another_viewer_is_not_reached_from_a_page(team, browser, site):
    dana, _ = team
    other = Viewer(browser, site, "yossi")
    other.open("team")
    kernel = other.kernel
    assert other.page.evaluate(KNOCK, kernel) == "open"
    assert dana.page.evaluate(KNOCK, kernel) == "refused"
    asked = """async (k) => {
      const answer = await fetch(`/api/kernels/${k}`, {method: 'DELETE'});
      await answer.text();
      return answer.status; }"""
    assert dana.page.evaluate(asked, kernel) == 404
    there = "(k) => fetch(`/api/kernels/${k}`).then(answer => answer.status)"
    assert other.page.evaluate(there, kernel) == 200
    dana.errors.clear()
    assert kernel in Path("/proc/net/unix").read_text()
    other.open("", shown=".list")
    until = time.monotonic() + 20
    while kernel in Path("/proc/net/unix").read_text() and time.monotonic() < until:
        time.sleep(0.2)
    assert kernel not in Path("/proc/net/unix").read_text(), "a kernel ends with its page"
    other.context.close()


def test_pages_are_worked_with_by_keyboard_and_fit_a_tablet(dana):
    page, code = dana.page, "he"
    page.set_viewport_size({"width": 820, "height": 1180})
    dana.open(f"team?language={code}")
    box = "el => { const b = el.getBoundingClientRect(); return b.left >= -1 && b.right <= 821; }"
    for part in (".spm-controls", ".spm-tile, .tile", ".spm-controls select", ".spm h1"):
        assert page.locator(part).first.evaluate(box), part
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 820
    assert page.evaluate("getComputedStyle(document.querySelector('.spm')).direction") == "rtl"
    number = page.locator(".spm-number").first
    number.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] td")
    assert page.evaluate("document.activeElement.className") == "spm-close"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "spm-number"
    before = page.locator(".cover .subtitle").inner_text()
    page.locator(".spm-controls select").first.focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function(
        "was => document.querySelector('.cover .subtitle').innerText !== was", arg=before
    )
    with page.expect_download() as download:
        page.locator(".spm-controls button").nth(1).press("Enter")
    assert download.value.suggested_filename == "team-2026-09-30.csv"
    assert "won.amount" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert dana.errors == []
    page.set_viewport_size({"width": 1280, "height": 900})


def test_signing_out_closes_the_door_and_the_pages(browser, site):
    viewer = Viewer(browser, site, "dana")
    viewer.page.get_by_role("button", name="Sign out").click()
    viewer.page.wait_for_url("**/login")
    viewer.page.goto(f"{site.address}team")
    assert "/login?next=" in viewer.page.url
    viewer.page.goto("about:blank")
    viewer.page.go_back()
    assert "/login" in viewer.page.url, "nothing is kept for going back"
    viewer.context.close()
