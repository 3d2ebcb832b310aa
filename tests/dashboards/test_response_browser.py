"""The response form behind the gate in a real Chromium, filled in with the keyboard alone."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import spm_lib
from spm_lib.model import scope_named
from spm_lib.store import ClientFolder
from spm_lib.team import (
    Desk,
    Goal,
    LetterDesk,
    LetterFiles,
    Viewer,
    letter_maker,
    open_register,
)
from spm_lib.workspace import UsersFile, load_settings
from spm_lib.workspace.users import Cost
from tests.team.small_team import write_client

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
ACCESS = """
[access]
names = ["form.test"]
[[access.viewers]]
name = "noa"
scope = "own"
person = "R1"
[[access.viewers]]
name = "boss"
scope = "company"
"""
SPM = "from spm_lib.cli import main; main()"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company of three with two viewers, and a letter issued to each rep."""
    file = write_client(tmp_path_factory.mktemp("form") / "acme")
    file.write_text(file.read_text(encoding="utf-8") + ACCESS, encoding="utf-8")
    for name in ("noa", "boss"):
        UsersFile.of(file).add(name, f"password of {name}", cost=Cost(2**10, 8, 1))
    desk = letter_desk(file, Viewer("boss", scope_named(spm_lib.open(file), "company")))
    maker = letter_maker(spm_lib.open(file), None, client=ClientFolder.of(file))
    for rep in ("R1", "R2"):
        desk.issue(maker.letter(rep))
    return file


def letter_desk(file: Path, viewer: Viewer) -> LetterDesk:
    files = LetterFiles(ClientFolder.of(file))
    desk = Desk(open_register(load_settings(file)), viewer)
    return LetterDesk(desk, files, lambda: datetime(2026, 12, 31, tzinfo=UTC))


@pytest.fixture(scope="module")
def address(client: Path):
    command = [sys.executable, "-c", SPM, "dashboard", "-w", str(client), "--port", "0"]
    with (
        (client.parent / "log.txt").open("w") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
        ) as server,
    ):
        assert server.stdout
        told = server.stdout.readline().strip()
        assert told.startswith("http://127.0.0.1:"), (client.parent / "log.txt").read_text()
        yield told
        server.terminate()
        assert server.wait(30) == 0


def sign_in(page, address: str, name: str) -> None:
    page.goto(f"{address}login?next=/")
    page.wait_for_selector("input[name=name]:focus")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(f"password of {name}")
    page.keyboard.press("Enter")
    page.wait_for_url(address)


def violations(page) -> list[str]:
    """Return the rules of accessibility that the form breaks."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa"]}}
    found = Axe().run(page, context=".spm-page", options=rules).response
    assert found["passes"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]


def go_to(page, label: str) -> None:
    """Press Tab until the field of a label has the focus."""
    wanted = page.get_by_label(label, exact=True).first
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"{label} is not reached with the keyboard")


def test_a_person_answers_the_own_letter_with_the_keyboard(browser, client, address) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1100}, locale="en-GB")
    page, asked, errors = context.new_page(), [], []
    page.set_default_timeout(60_000)
    page.on("request", lambda r: asked.append(r.url))
    page.on("pageerror", lambda e: errors.append(str(e)))
    sign_in(page, address, "noa")
    page.goto(f"{address}response", timeout=120_000)
    page.wait_for_selector(".spm-form textarea", timeout=120_000)
    text = page.inner_text("body")
    assert "₪1,200,000" in text
    assert "Secret Sam" not in page.content()
    assert "77,77" not in text

    go_to(page, "Decision")
    page.keyboard.type("I accept with")
    go_to(page, "Remarks")
    page.keyboard.type("=1+1")
    go_to(page, "Worry 1, category")
    page.keyboard.type("terr")
    page.keyboard.press("Tab")
    page.keyboard.type("Haifa is gone")
    go_to(page, "Goal 1, metric")
    page.keyboard.type("Win rate by count")
    page.keyboard.press("Tab")
    page.keyboard.type("30 %")
    page.get_by_label("Goal 1, by when").fill("2027-06-30")
    page.get_by_role("button", name="Send the response").press("Enter")
    page.wait_for_selector("[role=alert]")
    told = page.inner_text("[role=alert]")
    for said in ("Read on: it is missing", "Confidence: it is missing", "Remarks: found =1+1"):
        assert said in told
    seat = letter_desk(client, Viewer("boss", scope_named(spm_lib.open(client), "company")))
    issued = seat.files.last_of("R1")
    assert seat.answered(issued) == (None, 0), "nothing is kept while there is a fault"

    page.get_by_label("Read on").fill("2026-12-05")
    page.get_by_label("Confidence").focus()
    page.keyboard.type("4")
    page.get_by_label("Remarks").fill("Only March")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Send the response").press("Enter")
    page.wait_for_selector("text=Your response is kept.")
    kept, _ = seat.answered(issued)
    assert kept is not None
    assert (kept.decision, kept.confidence, kept.remarks) == (
        "accept_with_remarks", 4, "Only March"
    )  # fmt: skip
    assert kept.worries[0].text == "Haifa is gone"
    assert kept.goals == (Goal("win_rate.closed.count", "30 %", date(2027, 6, 30)),)
    event = seat.desk.events(kinds=["response"])[-1]
    assert (event.author.name, event.author.rep_id) == ("noa", "R1")
    page.screenshot(path=os.environ.get("SPM_SHOT_EN") or None, full_page=True)

    page.goto(f"{address}response?language=he", timeout=120_000)
    page.wait_for_selector(".spm-rtl .spm-form textarea", timeout=120_000)
    assert "כבר השבתם" in page.inner_text("body")
    assert page.get_by_label("הערות").input_value() == "Only March"
    page.screenshot(path=os.environ.get("SPM_SHOT_HE") or None, full_page=True)
    assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert violations(page) == []
    assert not errors
    context.close()


def test_a_viewer_of_the_company_has_no_letter_to_answer(browser, address) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, address, "boss")
    page.goto(f"{address}response", timeout=120_000)
    page.wait_for_selector("[role=alert]", timeout=120_000)
    assert "This form is for one person's own letter." in page.inner_text("[role=alert]")
    context.close()
