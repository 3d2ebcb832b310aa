"""The pages of pay in a real Chromium: a rep sees own rows, a designer moves and saves a plan."""

from __future__ import annotations

import re

import polars as pl
import pytest

from spm_lib.incentives import calculate, load_plan, pay_data_of
from spm_lib.model import open_company
from tests.dashboards.test_gate_browser import Viewer, found_in

pytestmark = pytest.mark.slow
OWN = "R12"
SETTLED = ".spm-studio[data-ready=true][data-settled=true][aria-busy=false]"
WIDE = """() => [...document.querySelectorAll('.spm-page *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && !e.closest('svg, .pay-lines') &&
    (box.left < -1 || box.right > innerWidth + 1);
}).map(e => e.tagName + '.' + e.className)"""


@pytest.fixture(scope="module")
def others(site):
    """What only other people have: deals, ids, names, amounts of deals, quotas, and pay."""
    file = site.log.parent / "spm.toml"
    whole, own = open_company(file), open_company(file, scope=f"rep:{OWN}")

    def only(table, name):
        mine = set(own.table(table)[name].drop_nulls())
        return set(whole.table(table)[name].drop_nulls()) - mine

    plan = load_plan(file.parent / "plans" / "field-2026.toml")
    paid = calculate(plan, pay_data_of(whole), through="2026-09").totals
    theirs = set(paid.filter(pl.col("rep_id") != OWN)["amount"])
    theirs -= set(paid.filter(pl.col("rep_id") == OWN)["amount"])
    amounts = {a for a in only("opportunities", "amount") | theirs if a and a > 1_000_000}
    written = {f"{a // 100:,}" for a in amounts} | {f"{a // 100}.00" for a in amounts}
    people = only("reps", "rep_id") | only("reps", "name")
    assert len(people) > 50
    return {"deals": only("opportunities", "opportunity_id"), "people": people, "amounts": written}


@pytest.fixture(scope="module")
def amir(browser, site):
    viewer = Viewer(browser, site, "amir")
    yield viewer
    viewer.context.close()


def test_a_reps_page_answers_and_holds_nobody_elses_rows(amir, others):
    page = amir.page
    amir.open("my_pay?language=en", shown=".pay-lines td")
    assert page.locator("h1").inner_text() == "What a deal pays: Amir Haddad"
    before = page.locator(".spm-page .spm-tile .value").all_inner_texts()
    page.get_by_label("Open deal").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function(
        "was => [...document.querySelectorAll('.spm-page .spm-tile .value')]"
        ".map(e => e.innerText).join() !== was", arg=",".join(before)
    )  # fmt: skip
    assert page.locator("tr.own th").inner_text() in page.locator("option:checked").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("200,000")  # at once: half of it is an amount too
    page.wait_for_selector(".today:has-text('of ₪200,000')")
    told = re.sub("[\u2066-\u2069]", "", page.locator(".spm-page").inner_text())
    brings = page.locator(".pay-lines").first.locator("tfoot td").last.inner_text()
    assert re.search(rf"OP-\d+ pays you\s+{re.escape(brings)}", told)
    page.keyboard.type("x")
    page.wait_for_selector("[role=alert]:has-text('is a number above 0')")
    assert page.locator(".pay-lines").count() == 2, "the last answer stays"
    everything = amir.everything()
    assert "OP-106373" in everything
    assert found_in(everything, others) == []
    assert amir.errors == []
    here = ("data:", "blob:", amir.site.address, amir.site.address.replace("http", "ws"))
    assert [url for url in amir.asked if not url.startswith(here)] == [], "nothing leaves"


def test_hebrew_runs_from_right_to_left_and_fits_a_tablet(amir):
    page = amir.page
    page.set_viewport_size({"width": 820, "height": 1180})
    amir.open("my_pay?language=he", shown=".pay-lines td")
    assert page.evaluate("getComputedStyle(document.querySelector('.spm-page')).direction") == "rtl"
    assert page.evaluate(WIDE) == []
    words = page.locator(".spm-page :is(.name, h2, thead th, label)").all_inner_texts()
    ours = " ".join(words).replace("Pay for attainment", "").replace("Field sales", "")
    assert len(ours) > 100
    assert not re.search("[A-Za-z]{4,}", ours)
    nameless = page.evaluate(
        "[...document.querySelectorAll('.spm-page :is(select, input)')]"
        ".filter(e => !(e.labels || []).length).length"
    )
    assert nameless == 0
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_rep_does_not_open_the_designers_page(amir, others):
    amir.open("pay_plan?language=en", shown=".spm-said")
    said = amir.page.locator(".spm-said").inner_text()
    assert "those who see the whole company" in said
    assert found_in(amir.everything(), others) == []


def test_a_designer_moves_mends_and_saves(browser, site, others):
    boss = Viewer(browser, site, "boss")
    page = boss.page
    boss.open("pay_plan?language=en", shown=SETTLED)
    cap = page.locator("[data-lever='components.0.cap.times_target']")
    before = page.locator(".studio-tiles .value").all_inner_texts()
    for _ in range(30):
        cap.press("ArrowLeft")
    page.wait_for_selector(SETTLED)
    moved = page.locator(".studio-tiles .value").all_inner_texts()
    assert moved[0] != before[0]
    assert page.locator("output[for='lever-components.0.cap.times_target']").inner_text() == "140%"
    assert page.locator(".studio-people tr.stretched").count() > 0
    weight = page.locator("[data-lever='components.0.weight']")
    weight.press("ArrowLeft")
    page.wait_for_selector(".studio-alert:has-text('Make them add up to 1')")
    assert page.locator(".studio-tiles .value").all_inner_texts() == moved
    weight.press("ArrowRight")
    page.wait_for_selector(".studio-alert:empty", state="attached")
    page.get_by_label("Name of the new plan").fill("From the browser")
    page.get_by_role("button", name="Save as a new plan").click()
    page.wait_for_selector("text=Saved as plans/from-the-browser.toml.")
    made = site.log.parent / "plans" / "from-the-browser.toml"
    assert "times_target = 1.4" in made.read_text("utf-8")
    made.unlink()
    for width in (1280, 820):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(200)
        assert page.evaluate(WIDE) == []
    assert len(found_in(boss.everything(), others)) > 10, "the search finds what there is"
    assert boss.errors == []
    boss.context.close()
