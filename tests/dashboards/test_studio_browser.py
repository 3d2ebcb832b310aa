"""The target studio in a real Chromium: dragged, edited, saved, loaded, given what cannot be."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from spm_lib.model import open_company
from spm_lib.plans import build, load_target_scenario, propose, save_target_scenario

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SETTLED = ".spm-studio[data-ready=true][data-settled=true][aria-busy=false]"
BOTH = pytest.mark.parametrize("code", ["en", "he"])
VALUES = ".studio-tiles .value"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, sample_workspace):
    folder = tmp_path_factory.mktemp("studio") / "client"
    shutil.copytree(sample_workspace.parent, folder)
    return folder / "spm.toml"


@pytest.fixture(scope="module")
def address(workspace):
    line = "from spm_lib.cli import main; main()"
    command = [sys.executable, "-c", line, "dashboard", "targets", "-w", str(workspace)]
    with (
        (workspace.parent / "log.txt").open("w") as log,
        subprocess.Popen(
            [*command, "--port", "0"], stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
        ) as server,
    ):  # fmt: skip
        assert server.stdout
        told = server.stdout.readline().strip()
        assert told.startswith("http://127.0.0.1:"), (workspace.parent / "log.txt").read_text()
        yield told
        server.terminate()
        assert server.wait(30) == 0


class Visit:
    """One opened page, and all that it asked for and said."""

    def __init__(self, browser, address: str) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 1100})
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.goto(address, timeout=120_000)
        self.settled()

    def settled(self) -> None:
        self.page.wait_for_selector(SETTLED, timeout=120_000)

    def lever(self, name: str):
        return self.page.locator(f"[data-lever='{name}']")

    def values(self) -> list[str]:
        return self.page.locator(VALUES).all_inner_texts()

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def start_again(self) -> None:
        self.button("Start again")
        self.page.wait_for_selector("text=Everything stands where it began.")
        self.settled()

    def drag(self, name: str, *, to: float, steps: int) -> None:
        slider = self.lever(name)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box
        middle = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + box["width"] / 2, middle)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] * to, middle, steps=steps)
        self.page.mouse.up()


@pytest.fixture(scope="module")
def visits(browser, address):
    made = {code: Visit(browser, f"{address}?language={code}") for code in ("en", "he")}
    yield made
    for visit in made.values():
        visit.context.close()


@pytest.fixture
def visit(visits):
    visits["en"].start_again()
    return visits["en"]


@BOTH
def test_nothing_leaves_this_machine_and_nothing_is_wrong(visits, address, code):
    schemes = ("data:", "blob:", address, address.replace("http", "ws"))
    assert [url for url in visits[code].asked if not url.startswith(schemes)] == []
    assert visits[code].errors == []


def test_the_page_needs_no_script_of_voilas(visits):
    assert [url for url in visits["en"].asked if re.search(r"voila(-style)?\.js", url)] == []


class Cut:
    """The page's lines to its kernel, which are cut, or not opened at all any more."""

    def __init__(self, page: Any) -> None:
        self.lines: list[Any] = []
        self.down = False
        page.route_web_socket(re.compile("/channels"), self._opened)

    def _opened(self, line: Any) -> None:
        self.lines.append(line)
        if self.down:
            line.close()
        else:
            line.connect_to_server()


def test_a_line_that_was_cut_is_taken_up_again_and_one_that_stays_cut_is_told(browser, address):
    context = browser.new_context()
    page = context.new_page()
    cut = Cut(page)
    page.clock.install()
    page.goto(f"{address}?language=he", timeout=120_000)
    page.wait_for_selector(SETTLED, timeout=120_000)
    before = page.locator(VALUES).all_inner_texts()
    cut.lines[-1].close()
    page.locator("[data-lever='win_rate']").press("ArrowRight")  # asked while there is no line
    page.wait_for_selector(".spm-studio[data-settled=false]")
    page.wait_for_selector(SETTLED, timeout=60_000)
    assert len(cut.lines) == 2
    assert page.locator(VALUES).all_inner_texts() != before
    assert page.locator(".spm-lost").count() == 0
    cut.down = True
    cut.lines[-1].close()
    for _ in range(40):
        page.clock.run_for(1000)
    notice = page.locator(".spm-lost")
    assert notice.inner_text() == "הקשר עם השרת אבד. יש לטעון את העמוד מחדש."
    assert len(cut.lines) == 2 + 6
    context.close()


OLDER = """() => {
  const { kernelId } = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const line = new WebSocket(`ws://${location.host}/api/kernels/${kernelId}/channels?session_id=x`);
  line.binaryType = "arraybuffer";
  window.older = { line, say: (msg_type, content, metadata = {}) => {
    const header = { msg_id: Math.random().toString(), msg_type, session: "x", username: "",
                     version: "5.3", date: new Date().toISOString() };
    line.send(JSON.stringify({ channel: "shell", header, parent_header: {}, metadata, content }));
  } };
  return new Promise((done) => { line.onopen = done; });
}"""
FILE = """() => new Promise((done) => {
  const { line, say } = window.older;
  line.onmessage = ({ data }) => {
    if (typeof data !== "string") return done(new TextDecoder().decode(data));
    const { states } = JSON.parse(data).content?.data ?? {};
    const studio = Object.entries(states ?? {}).find(([, { state }]) => state.levers);
    if (studio) say("comm_msg", { comm_id: studio[0],
                                  data: { method: "custom", content: { act: "file" } } });
  };
  const target = { comm_id: "y", target_name: "jupyter.widget.control", data: {} };
  say("comm_open", target, { version: "1.0.0" });
  say("comm_msg", { comm_id: "y", data: { method: "request_states" } });
})"""


def test_a_line_of_the_older_form_does_not_stop_the_server(visit):
    """Voila reads what is binary in the newer form, and counts for ever on the older one."""
    visit.page.evaluate(OLDER)
    assert 'name = "Proposal"' in visit.page.evaluate(FILE)
    visit.lever("attrition").press("ArrowRight")
    visit.page.wait_for_selector(".spm-studio[data-settled=false]")
    visit.settled()
    visit.page.evaluate("window.older.line.close()")


def test_a_kernel_that_dies_is_told_at_once_and_the_next_ends_with_its_page(browser, address):
    visit = Visit(browser, address)
    visit.page.mouse.wheel(0, 900)
    visit.page.evaluate(OLDER)
    visit.page.evaluate("window.older.say('shutdown_request', { restart: false })")
    notice = visit.page.locator(".spm-lost")
    notice.wait_for(timeout=20_000)
    assert notice.inner_text() == "The line to the server is lost. Load this page again."
    assert notice.bounding_box()["y"] >= 0, "it stays in sight"
    visit.page.reload()
    visit.settled()
    told = visit.page.locator("#jupyter-config-data").text_content()
    kernel = f"{address}api/kernels/{json.loads(told)['kernelId']}"
    asked = visit.context.request
    assert asked.get(kernel).status == 200
    visit.page.goto("about:blank")
    for _ in range(100):
        if (status := asked.get(kernel).status) == 404:
            break
        visit.page.wait_for_timeout(100)
    visit.context.close()
    assert status == 404


def test_a_page_that_is_not_left_after_all_keeps_its_kernel(visit):
    """A link to an e-mail address, or Escape while another page loads."""
    visit.page.evaluate("dispatchEvent(new Event('beforeunload'))")
    visit.lever("attrition").press("ArrowRight")
    visit.page.wait_for_selector(".spm-studio[data-settled=false]")
    visit.settled()


@BOTH
def test_the_page_reads_in_its_language_and_direction(visits, code):
    page = visits[code].page
    direction, other = {"en": ("ltr", "[א-ת]"), "he": ("rtl", "[A-Za-z]{4,}")}[code]
    assert page.evaluate("getComputedStyle(document.querySelector('.spm-studio')).direction") == (
        direction
    )
    ours = page.locator(
        ".spm-studio button, .spm-studio label, .spm-studio output, .spm-studio legend, "
        ".studio-tiles dt, .studio-people thead th, .studio-told h2"
    )
    words = " ".join(ours.all_text_contents())
    assert len(words) > 300
    assert not re.search(other, words.replace("Excel", "").replace("Proposal", ""))


@pytest.mark.parametrize("width", [1280, 820])
@BOTH
def test_nothing_is_wider_than_the_page(visits, code, width):
    page = visits[code].page
    page.set_viewport_size({"width": width, "height": 1100})
    page.wait_for_timeout(200)
    wide = page.evaluate(
        """() => [...document.querySelectorAll('.spm-studio *')].filter(e => {
          const box = e.getBoundingClientRect();
          return box.width && !e.closest('svg') && (box.left < -1 || box.right > innerWidth + 1);
        }).map(e => e.tagName + '.' + e.className)"""
    )
    page.set_viewport_size({"width": 1280, "height": 1100})
    assert wide == []


def test_a_note_runs_with_its_language_though_it_begins_with_latin_letters(visits):
    """ "P10 to P90" stands first in Hebrew, too: on the right, and its range to the left of it."""
    note = visits["he"].page.locator(".studio-tiles .note span").nth(1)
    assert note.inner_text().lstrip("\u2066\u2067\u2068").startswith("P10")
    assert note.evaluate("e => getComputedStyle(e).direction") == "rtl"
    place = """(e) => { const t = e.firstChild, r = document.createRange();
      const at = (k) => { r.setStart(t, k); r.setEnd(t, k + 1);
                          return r.getBoundingClientRect().left; };
      return [at(t.data.indexOf("P10")), at(t.data.search(/[0-9.]+ ?מ/u))]; }"""
    label, amount = note.evaluate(place)
    assert label > amount


def test_every_part_has_a_name_for_those_who_do_not_see_it(visits):
    nameless = visits["en"].page.evaluate(
        """() => [...document.querySelectorAll('.spm-studio :is(input, select, button)')].filter(
          e => !(e.getAttribute('aria-label') || e.textContent.trim() || (e.labels || []).length)
        ).map(e => e.outerHTML)"""
    )
    assert nameless == []


def test_a_dragged_lever_moves_the_numbers_and_ends_at_its_last_value(visit):
    before = visit.values()
    visit.drag("win_rate", to=0.8, steps=40)
    visit.settled()
    assert visit.values() != before
    told = visit.page.locator("output[for='lever-win_rate']").inner_text()
    assert told == f"{round(100 * float(visit.lever('win_rate').input_value()))}% of today's"


def test_dragged_fast_and_back_the_last_value_wins(visit):
    """What stands there at last is what a slow hand would have got."""
    before = visit.values()
    shown = """() => { window.pictures = []; new MutationObserver(() =>
      window.pictures.push(document.querySelectorAll('.spm-chart svg').length)).observe(
      document.querySelector('.studio-charts'), {subtree: true, childList: true}); }"""
    visit.page.evaluate(shown)
    for to in (0.9, 0.1, 0.7):
        visit.drag("cycle", to=to, steps=15)
    visit.lever("cycle").evaluate(
        "e => { e.value = 1; e.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    visit.page.wait_for_selector(".spm-studio[data-settled=false]")
    visit.settled()
    assert visit.values() == before
    assert set(visit.page.evaluate("window.pictures")) <= {2}  # no chart was gone in between


def test_a_lever_moves_by_the_keyboard(visit):
    visit.lever("attrition").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.settled()
    assert visit.page.locator("output[for='lever-attrition']").inner_text() == "6.0%"


SENDS = """() => { window.sends = 0; const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...told) { window.sends += 1; send.apply(this, told); }; }"""


def test_nothing_is_asked_of_a_kernel_that_went_with_its_page(browser, address):
    """A lever that is let go in the moment of leaving: its settled answer is asked a bit later."""
    visit = Visit(browser, address)
    visit.page.evaluate(SENDS)
    visit.page.evaluate("dispatchEvent(new Event('pagehide'))")  # the page lets its kernel go
    visit.lever("attrition").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.page.wait_for_timeout(500)
    assert visit.page.evaluate("window.sends") == 0
    assert "Cannot send" not in visit.errors
    visit.context.close()


def test_a_line_far_below_gets_its_inputs_when_it_comes_near(visit):
    """Each line has them before it can be seen, and none of those that nobody has come near."""
    page, bare = visit.page, "tr => !tr.querySelector('input')"
    for number in (0, 1):
        heads = visit.lever(f"hire.{number}.count")
        heads.evaluate(
            "e => { e.value = e.max; e.dispatchEvent(new Event('input', {bubbles: true})); }"
        )
    visit.settled()
    last = page.locator(".studio-people tbody tr").last
    assert last.evaluate(bare)
    assert not page.locator(".studio-people tbody tr").first.evaluate(bare)
    last.scroll_into_view_if_needed()
    last.locator("input[type=date]").first.wait_for()
    assert last.locator("input").count() == 5
    name = last.locator("th bdi").inner_text()
    note = page.get_by_label(f"Note, {name}")
    note.fill("from the school")
    note.press("Tab")
    visit.settled()
    assert note.input_value() == "from the school"


def test_an_edit_is_kept_saved_loaded_and_is_what_the_command_builds(visit, workspace):
    page = visit.page
    row = page.locator(".studio-people tbody tr").first
    name = row.locator("th bdi").inner_text()
    cell = page.get_by_label(f"Own target, {name}")
    cell.fill("1,234,000")
    cell.press("Tab")
    visit.settled()
    assert page.get_by_label(f"Locked, {name}").is_checked()
    assert row.locator("td").first.inner_text() == "₪1.2M"
    page.get_by_label(f"Note, {name}").fill("takes over two accounts")
    visit.drag("target", to=0.55, steps=5)
    visit.settled()
    page.get_by_label("Name of the scenario").fill("From the browser")
    visit.button("Save")
    page.wait_for_selector("text=Saved as From the browser.")
    kept = visit.values()
    scenario = load_target_scenario(workspace, "From the browser")
    assert [(r.set, r.lock, r.note) for r in scenario.rows] == [
        (123_400_000, True, "takes over two accounts")
    ]
    plan = build(open_company(workspace), scenario)
    assert plan.company_odds
    assert kept[0] == f"{100 * plan.company_odds['odds']:.1f}%"
    visit.start_again()
    assert visit.values() != kept
    page.get_by_label("Saved scenarios").select_option("From the browser")
    visit.button("Load")
    page.wait_for_selector("text=From the browser is loaded.")
    visit.settled()
    assert visit.values() == kept
    assert cell.input_value() == "1234000"


def test_a_scenario_of_other_months_brings_its_own_axis(visit, workspace):
    year = propose(open_company(workspace), name="Half a year")
    half = {"start": date(2026, 10, 1), "end": date(2027, 4, 1), "target": year.basis.target // 2}
    save_target_scenario(workspace, year.changed(basis=half))
    labels = visit.page.locator(".studio-chart").first.locator(".role-axis-label text")
    before, head = labels.all_text_contents(), visit.page.locator("text=Targets of").first
    told = head.text_content()
    assert "Jun" in before
    visit.page.get_by_label("Name of the scenario").fill("A year")
    visit.button("Save")  # so that the list is told anew
    visit.page.wait_for_selector("text=Saved as A year.")
    visit.page.get_by_label("Saved scenarios").select_option("Half a year")
    visit.button("Load")
    visit.page.wait_for_selector("text=Half a year is loaded.")
    visit.settled()
    assert "Nov" in labels.all_text_contents()
    assert "Jun" not in labels.all_text_contents()
    assert "Targets of Oct 2026 to Mar 2027." in head.text_content()
    visit.start_again()
    assert sorted(labels.all_text_contents()) == sorted(before)
    assert head.text_content() == told
    assert not visit.errors


@pytest.mark.parametrize(
    ("wrong", "told"), [("abc", "A target is an amount"), ("99000000000", "Lower a floor, unlock")]
)
def test_what_cannot_be_is_said_and_the_picture_stays(visit, wrong, told):
    page = visit.page
    before = visit.values()
    cell = page.locator("[aria-label^='Own target']").first
    cell.fill(wrong)
    cell.press("Tab")
    page.wait_for_selector(f".studio-alert:has-text('{told}')")
    assert visit.values() == before
    assert cell.get_attribute("aria-invalid") == "true"
    assert "Traceback" not in page.inner_text("body")
    cell.fill("")
    cell.press("Tab")
    page.wait_for_selector(".studio-alert:empty", state="attached")
    visit.settled()
    assert visit.values() == before


def test_files_to_take_along(visit, tmp_path):
    import fastexcel

    for button, name in (
        ("Download the scenario file", "scenario.toml"),
        ("Download as Excel", "targets.xlsx"),
    ):
        with visit.page.expect_download() as waited:
            visit.button(button)
        waited.value.save_as(tmp_path / name)
    assert 'name = "Proposal"' in (tmp_path / "scenario.toml").read_text(encoding="utf-8")
    assert len(fastexcel.read_excel(tmp_path / "targets.xlsx").sheet_names) >= 3
