"""The dashboard in a real Chromium: nothing leaves this machine, and it answers while you slide."""

from __future__ import annotations

import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
CHANGED = """() => new Promise((done, failed) => {
  const chart = document.querySelectorAll('.spm-chart')[1];
  const start = performance.now();
  const seen = new MutationObserver(() => { seen.disconnect(); done(performance.now() - start); });
  seen.observe(chart, {subtree: true, childList: true, attributes: true});
  setTimeout(() => failed(new Error('the chart did not change')), 20000);
  document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
})"""


@pytest.fixture(scope="module")
def address(tmp_path_factory, sample_workspace):
    """A served dashboard on a copy of the sample company."""
    folder = tmp_path_factory.mktemp("client") / "sample"
    shutil.copytree(sample_workspace.parent, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    asked = f"{str(folder / 'spm.toml')!r}, name='what_if', port={port}"
    code = f"from spm_lib.dashboards import serve; serve({asked})"
    log = (folder / "log.txt").open("w")
    server = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
    )  # fmt: skip
    assert server.stdout
    told = server.stdout.readline().strip()
    assert told == f"http://127.0.0.1:{port}/", (folder / "log.txt").read_text()
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{told}?langage=he", timeout=10)
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.2)
    yield told
    server.terminate()
    server.wait(30)
    server.stdout.close()
    log.close()


class Visit:
    """One opened page, and all that it asked for and said."""

    def __init__(self, browser, address: str) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 1100})
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.goto(address, timeout=120_000)
        self.page.wait_for_selector(".spm-chart svg >> nth=1", timeout=120_000)
        self.page.wait_for_selector(".noUi-handle", timeout=60_000)
        self.page.wait_for_timeout(500)


@pytest.fixture(scope="module")
def visits(browser, address):
    made = {code: Visit(browser, f"{address}?language={code}") for code in ("en", "he")}
    yield made
    for visit in made.values():
        visit.context.close()


BOTH = pytest.mark.parametrize("code", ["en", "he"])


@BOTH
def test_nothing_leaves_this_machine(visits, address, code):
    schemes = ("data:", "blob:", address, address.replace("http", "ws"))
    assert [url for url in visits[code].asked if not url.startswith(schemes)] == []


@BOTH
def test_no_errors_in_the_console(visits, code):
    assert visits[code].errors == []


@BOTH
def test_the_page_reads_in_its_direction(visits, code):
    direction = {"en": "ltr", "he": "rtl"}[code]
    page = visits[code].page
    assert page.evaluate("document.documentElement.dir") == direction
    assert page.evaluate("document.documentElement.lang") == code
    computed = "getComputedStyle(document.querySelector('.spm-page')).direction"
    assert page.evaluate(computed) == direction
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.spm-chart')).direction") == "ltr"
    )
    assert page.title() == {"en": "What if", "he": "מה אם"}[code]


@BOTH
def test_hebrew_has_no_english_left_and_english_no_hebrew(visits, code):
    page = visits[code].page
    shown = page.locator(".spm-lever, .spm-tile .name, .spm-keep button, .spm-chart text")
    words = " ".join(shown.all_text_contents())
    other = {"en": "[א-ת]", "he": r"[a-z]{3,}"}[code]
    assert not re.search(other, words)


@BOTH
def test_texts_are_drawn_in_heebo_and_inside_the_chart(visits, code):
    page = visits[code].page
    assert page.evaluate("document.fonts.check('11px Heebo')")
    clipped = page.evaluate(
        """() => [...document.querySelectorAll('.spm-chart svg')].flatMap(svg => {
          const frame = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].filter(text => {
            const box = text.getBoundingClientRect();
            return box.width && (box.left < frame.left - 1 || box.right > frame.right + 1);
          }).map(text => text.textContent);
        })"""
    )
    assert clipped == []


@BOTH
def test_the_chart_answers_while_the_slider_moves(visits, code):
    from playwright.sync_api import Error

    page = visits[code].page
    before = page.locator(".spm-tile .value").all_inner_texts()
    page.locator(".noUi-handle").nth(1).focus()
    spent = []
    for _ in range(9):
        try:
            spent.append(page.evaluate(CHANGED))
        except Error as error:
            raise AssertionError(f"{error}; the console said {visits[code].errors}") from error
        page.wait_for_timeout(60)
    print(f"slider to chart, {code}: median {statistics.median(spent):.0f} ms")
    assert statistics.median(spent) < 300
    assert page.locator(".spm-tile .value").all_inner_texts() != before


@BOTH
def test_a_slider_stands_where_its_value_is(visits, code):
    """The handle lies on its track, and moves right as the value grows, in both directions."""
    page = visits[code].page
    place = """() => {
      const box = (name) => document.querySelectorAll(name)[3].getBoundingClientRect();
      const at = box('.noUi-handle'), on = box('.noUi-target');
      return (at.left + at.width / 2 - on.left) / on.width; }"""
    before = page.evaluate(place)
    assert 0.4 < before < 0.6
    page.locator(".noUi-handle").nth(3).focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert page.evaluate(place) > before + 0.02


@BOTH
def test_a_number_opens_to_the_rows_behind_it(visits, code):
    page = visits[code].page
    page.locator(".spm-lever button").nth(1).click()
    page.wait_for_selector(".spm-deals table")
    assert page.locator(".spm-deals tbody tr").count() == 200
    assert page.locator(".spm-deals script, .spm-deals a, .spm-deals img").count() == 0


def test_a_setting_is_saved_and_loaded(visits):
    page = visits["en"].page
    values = page.locator(".spm-lever .value")
    page.locator(".spm-keep button").nth(2).click()
    page.locator(".noUi-handle").nth(1).focus()
    before = values.nth(1).inner_text()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelectorAll('.spm-lever .value')[1].innerText != before",
        arg=before,
    )
    page.locator(".spm-keep input").fill("From the browser")
    page.locator(".spm-keep button").nth(0).click()
    page.wait_for_selector("text=Saved as From the browser.")
    kept = values.all_inner_texts()
    page.locator(".spm-keep button").nth(2).click()
    page.wait_for_function(
        "before => document.querySelectorAll('.spm-lever .value')[1].innerText != before",
        arg=kept[1],
    )
    page.locator(".spm-keep select").select_option(label="From the browser")
    page.locator(".spm-keep button").nth(1).click()
    page.wait_for_function(
        "before => document.querySelectorAll('.spm-lever .value')[1].innerText == before",
        arg=kept[1],
    )
    assert values.all_inner_texts() == kept


def test_a_bad_address_is_refused_with_a_clear_message(browser, address):
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    answer = page.goto(f"{address}?langage=%3Cscript%3E", timeout=60_000)
    assert answer
    assert answer.status == 400
    told = page.inner_text("body")
    assert "'langage' is unknown (nearest: 'language')" in told
    assert all(url.startswith((address, "data:")) for url in asked)
    page.close()


def status_of(address: str, *, host: str, path: str = "") -> tuple[int, bytes]:
    """Ask the server for a path under another name, as a rebound name would."""
    asked = urllib.request.Request(address + path, headers={"Host": host})
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_the_server_answers_to_the_names_of_this_machine_only(address):
    """A page of evil.example whose name points to 127.0.0.1 must read nothing."""
    port = address.rsplit(":", 1)[1].rstrip("/")
    static = "voila/static/voila.js"
    for path in ("", static, "voila/labextensions/x", "api/kernels/00000000-0000-0000-0000-0"):
        for host in (f"evil.example:{port}", "evil.example", f"127.0.0.1.evil.example:{port}"):
            status, told = status_of(address, host=host, path=path)
            assert (status, told.startswith(b"This dashboard answers to")) == (403, True), path
    for host in (f"localhost:{port}", f"LOCALHOST:{port}", f"[::1]:{port}", "127.0.0.1"):
        assert status_of(address, host=host, path=static)[0] == 200


@pytest.mark.parametrize("path", ["voila/files/what_if.ipynb", "api/kernels", "voila/tree"])
def test_nothing_else_is_served(address, path):
    try:
        status = urllib.request.urlopen(address + path, timeout=30).status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    assert status in (403, 404)
