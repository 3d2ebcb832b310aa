"""How the target studio answers while a slider is dragged in a real Chromium, and how it opens.

``python -m benchmarks.studio BROWSER`` prints the section of docs/performance.md.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.dashboards import _MARK, _address_of, _free_port, _marked, serve_ours
from benchmarks.side_by_side import ROOT

NOTEBOOK = ROOT / "notebooks" / "dashboards" / "targets.ipynb"
LEVERS = (
    *("target", "over.1", "weight.even", "win_rate", "deal_size", "cycle", "activity", "growth"),
    *("hire.0.count", "hire.0.month", "ramp", "attrition"),
)
_MOVES, _EVERY = 30, 30  # of the mouse in one drag, and milliseconds between two
_ASKED = 12  # settings of a lever whose CPU is measured
_LOOKING = 300_000
_OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
_WATCH = """() => {
  const studio = document.querySelector('.spm-studio');
  window.inputs = []; window.paints = [];
  studio.addEventListener('input', (e) => { if (e.target.type === 'range') {
    window.inputs.push(performance.timeOrigin + e.timeStamp); } }, true);
  studio.addEventListener('painted', (e) => window.paints.push(
    {at: performance.timeOrigin + performance.now(), ...e.detail}));
}"""
_TAKE = """() => { const found = {inputs: window.inputs, paints: window.paints};
  window.inputs = []; window.paints = []; return found; }"""


@dataclass(frozen=True)
class Dragged:
    """One lever dragged: milliseconds from each input event to the chart that shows it.

    ``settled``: from the question for 10,000 scenarios to the chart that shows them.
    """

    lever: str
    moves: Sequence[float]
    settled: Sequence[float]


def write_client(folder: Path, people: int) -> Path:
    """Write a simulated client of about so many people and return its workspace file."""
    from spm_lib.simulate import preset_of, simulate

    preset = replace(
        preset_of("sample"),
        seats=people,
        teams=max(people // 8, 4),
        accounts=40 * people,
        opportunities=200 * people if people < 100 else 60 * people,
    )
    return simulate(preset, 1, folder)


def serve_stock(workspace: Path, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """Serve the studio's notebook as Voila's own page shows it."""
    line = [sys.executable, "-m", "voila", str(NOTEBOOK), "--no-browser", "--Voila.ip=127.0.0.1"]
    told = {**environment, "SPM_WORKSPACE": str(workspace.resolve())}
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen([*line, f"--port={_free_port()}"], cwd=ROOT, env=told, **both)


@contextmanager
def served(workspace: Path, *, stock: bool = False) -> Iterator[str]:
    """Serve the studio, and yield its address; all of its processes end with it."""
    mark = uuid.uuid4().hex
    environment = {**os.environ, _MARK: mark, "PYTHONWARNINGS": "ignore"}
    ours = partial(serve_ours, name="targets")
    server = (serve_stock if stock else ours)(workspace, environment)
    try:
        address = _address_of(server)
        yield address
    finally:
        for pid in _marked(mark):
            os.kill(pid, signal.SIGKILL)
        server.wait()


@contextmanager
def browsed(path: str) -> Iterator[Any]:
    """Yield a page of a Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", _OFFLINE]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser.new_page(viewport={"width": 1280, "height": 1600})
        browser.close()


def opened(page: Any, address: str) -> float:
    """Open the studio and return the seconds to its first usable slider: one that has answered."""
    begun = time.perf_counter()
    page.goto(address, timeout=_LOOKING, wait_until="commit")
    page.wait_for_selector(".spm-studio[data-ready=true] output", timeout=_LOOKING)
    seconds = time.perf_counter() - begun
    page.wait_for_selector(".spm-studio[data-settled=true]", timeout=_LOOKING)
    return seconds


def drag(page: Any, lever: str) -> Dragged:
    """Drag a lever with the mouse, there and back, and let it rest."""
    slider = page.locator(f"[data-lever='{lever}']")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    page.evaluate(_TAKE)
    for step in range(_MOVES):
        share = 0.3 + 0.4 * (step + 1) / _MOVES
        page.mouse.move(box["x"] + box["width"] * share, middle)
        page.wait_for_timeout(_EVERY)
    page.mouse.up()
    page.wait_for_timeout(100)
    page.wait_for_selector(".spm-studio[data-settled=true]", timeout=60_000)
    page.wait_for_timeout(100)
    return _told(lever, page.evaluate(_TAKE))


def _told(lever: str, found: Mapping[str, Any]) -> Dragged:
    """Return what was waited; an input passed over by a later one waits for that one's chart."""
    paints, inputs = found["paints"], found["inputs"]
    if not paints or not inputs:
        return Dragged(lever, [], [])
    last = max(paint["moves"] for paint in paints)
    first = last - len(inputs)
    waits = []
    for number, at in enumerate(inputs, start=1):
        shown = [p["at"] for p in paints if p["moves"] >= first + number and p["at"] >= at]
        waits.append(min(shown) - at)
    return Dragged(lever, waits, [p["took"] for p in paints if p["settled"]])


def dragging_table(people: int, *, path: str, levers: Sequence[str] = LEVERS) -> str:
    """Return the table of all levers for a company of so many people."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = write_client(Path(folder), people)
        with served(workspace) as address, browsed(path) as page:
            opened(page, address)
            count = page.locator(".studio-people tbody tr").count()
            page.evaluate(_WATCH)
            found = [drag(page, lever) for lever in levers]
    lines = [
        f"| lever, {count} people | inputs | median, ms | 95th percentile, ms | settled, ms |",
        "|---|---|---|---|---|",
        *(_row(one) for one in found),
    ]
    moves = [wait for one in found for wait in one.moves]
    settled = [wait for one in found for wait in one.settled]
    return "\n".join([*lines, _row(Dragged("all levers", moves, settled))])


def _row(one: Dragged) -> str:
    if not one.moves:
        return f"| {one.lever} | 0 | - | - | - |"
    ranked = sorted(one.moves)
    high = ranked[min(round(0.95 * len(ranked)), len(ranked) - 1)]
    settled = f"{statistics.median(one.settled):.0f}" if one.settled else "-"
    middle = statistics.median(ranked)
    return f"| {one.lever} | {len(ranked)} | {middle:.0f} | {high:.0f} | {settled} |"


def cpu_table(people: int, *, levers: Sequence[str] = LEVERS, sight: int = 12) -> str:
    """Return the server's CPU milliseconds per answer, in this process: load does not distort it.

    ``sight``: people whose lines are in sight while a lever moves.
    """
    from spm_lib.dashboards.studio.page import StudioPage

    with tempfile.TemporaryDirectory() as folder:
        page = StudioPage(workspace=write_client(Path(folder), people))
    sent: list[dict[str, Any]] = []
    page.view.send = lambda told, **_: sent.append(told)  # type: ignore[method-assign]
    _ask(page, {}, None)  # what is learned and drawn once
    told = {lever["name"]: lever for lever in page.view.levers}
    seen = page.desk.plan.people["rep_id"].to_list()
    lines = [
        f"| lever, {len(seen)} people | moving, CPU ms | settled, CPU ms | as JSON, CPU ms | kB |",
        "|---|---|---|---|---|",
    ]
    for name in levers:
        asked = [_between(told[name], step / _ASKED) for step in range(_ASKED)]
        moving = [_cpu(partial(_ask, page, {name: value}, seen[:sight])) for value in asked]
        size = len(json.dumps(sent[-1], default=str))
        dumped = _cpu(partial(json.dumps, sent[-1], default=str))
        settled = _cpu(partial(_ask, page, {name: asked[-1]}, None))
        middle = statistics.median(moving)
        lines.append(f"| {name} | {middle:.0f} | {settled:.0f} | {dumped:.1f} | {size // 1000} |")
    return "\n".join(lines)


def _between(lever: Mapping[str, Any], share: float) -> float:
    value = lever["low"] + (lever["high"] - lever["low"]) * (0.3 + 0.4 * share)
    return round(value) if lever["step"] == 1 else value


def _ask(page: Any, values: dict[str, float], seen: list[str] | None) -> None:
    """Ask as the page does; without people in sight, for the settled answer."""
    asked = {"values": values, "edits": [], "moves": 1, "seq": 1, "settled": seen is None}
    page.heard({"ask": {**asked, "seen": seen}})


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return 1000 * (time.process_time() - begun)


def opening_table(*, path: str, rounds: int = 3) -> str:
    """Return the seconds to the first usable slider, ours beside stock Voila, each served anew."""
    workspace = ROOT / "data" / "sample" / "spm.toml"
    waits: dict[str, list[float]] = {"ours": [], "stock": []}
    for _ in range(rounds):
        for name, found in waits.items():
            with served(workspace, stock=name == "stock") as address, browsed(path) as page:
                found.append(opened(page, address))
    base = statistics.median(waits["ours"])
    lines = ["| way | first usable slider, s | longer by |", "|---|---|---|"]
    for name, found in waits.items():
        middle = statistics.median(found)
        lines.append(f"| {name} | {middle:.1f} | {middle / base:.1f} x |")
    return "\n".join(lines)


def section(*, path: str, rounds: int = 3, sizes: Sequence[int] = (50, 500)) -> str:
    """Measure, and return the section of docs/performance.md."""
    if not path:
        return "## The target studio\nNo Chromium was found.\n"
    parts = [(dragging_table(people, path=path), cpu_table(people)) for people in sizes]
    tables = "\n\n".join(table for table, _ in parts)
    costs = "\n\n".join(table for _, table in parts)
    load = os.getloadavg()[0]
    return f"""## The target studio
A lever dragged with the mouse in a real Chromium ({_MOVES} moves, one every {_EVERY} ms), on the
cores that serve it: milliseconds from each input event to the repainted chart that shows it or a
later one. While it moves 2,000 scenarios of the year are played; settled: from asking for 10,000
to their chart. Simulated clients; every number on the page is worked out anew.

{tables}

What the server itself works on an answer, in CPU milliseconds of one process, which other work on
the machine does not stretch (its load average was {load:.1f} as the above was measured, on
{os.cpu_count()} cores):

{costs}

Opening the sample company's studio in a fresh server, to the first usable slider (one that has
answered), beside stock Voila with the same notebook and the ordinary kernel, median of {rounds}:

{opening_table(path=path, rounds=rounds)}
"""


if __name__ == "__main__":
    print(section(path=sys.argv[1]))
