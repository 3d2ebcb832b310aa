"""What a pack of personal reports costs, beside a loop over papermill and nbconvert.

``python -m benchmarks.packs CONTENDER WORKSPACE SCOPE ...`` runs one and prints its usage.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.side_by_side import ROOT, Run, report_usage, run_once

NOTEBOOK = ROOT / "notebooks" / "reports" / "funnel.ipynb"
SEATS = 200
SLOW_PARSERS = ("rfc3987-syntax", "lark")  # what our lock leaves out of a plain resolution


def write_client(folder: Path) -> Path:
    """Write a simulated client with many reps and return its workspace file."""
    from spm_lib.simulate import preset_of, simulate

    preset = replace(preset_of("sample"), seats=SEATS + 20, teams=20)
    simulate(preset, 1, folder)
    return folder / "spm.toml"


def stock(workspace: Path, scopes: Sequence[str]) -> None:
    """Make reports one by one as papermill's and nbconvert's own pages show it."""
    import nbformat
    import papermill
    from nbconvert import HTMLExporter

    with tempfile.TemporaryDirectory() as place:
        for number, scope in enumerate(scopes):
            out = Path(place) / f"{number}.ipynb"
            papermill.execute_notebook(
                str(NOTEBOOK),
                str(out),
                parameters={"workspace": str(workspace), "scope": scope, "language": "en"},
                kernel_name="python3",
                progress_bar=False,
                cwd=str(NOTEBOOK.parent),
            )
            html, _ = HTMLExporter(exclude_input=True).from_notebook_node(
                nbformat.read(out, as_version=4)
            )
            out.with_suffix(".html").write_text(html, encoding="utf-8")


def ours(workspace: Path, scopes: Sequence[str]) -> None:
    """Make the same reports as one pack."""
    from spm_lib.reports import run_reports

    with tempfile.TemporaryDirectory() as place:
        made = run_reports(
            ["funnel"], workspace=workspace, language="en", scopes=scopes, output=place, force=True
        ).check()
        assert len(made.items) == len(scopes)


def scopes_of(workspace: Path, count: int) -> list[str]:
    """Return the scopes of the first reps of a client."""
    import spm_lib
    from spm_lib.reports.scopes import each

    found = [one.scope for one in each(spm_lib.open(workspace), "rep")]
    assert len(found) >= count, f"only {len(found)} reps"
    return found[:count]


def measure(*, pack: int, loop: int, rounds: int) -> dict[str, list[Run]]:
    """Return the runs of every contender, in turn."""
    with tempfile.TemporaryDirectory() as place:
        workspace = write_client(Path(place, "client"))
        scopes = scopes_of(workspace, max(pack, loop))
        slow = Path(place, "slow")
        install_slow_parsers(slow)
        runs: dict[str, list[Run]] = {}
        for _ in range(rounds):
            for name, (contender, count, path) in {
                "pack": ("ours", pack, ""),
                "loop, our environment": ("stock", loop, ""),
                "loop, plain environment": ("stock", loop, str(slow)),
                "one, ours": ("ours", 1, ""),
                "one, stock, our environment": ("stock", 1, ""),
                "one, stock, plain environment": ("stock", 1, str(slow)),
            }.items():
                runs.setdefault(name, []).append(_run(contender, workspace, scopes[:count], path))
    return runs


def install_slow_parsers(folder: Path) -> None:
    """Install what a plain resolution has beside our lock; a registry must be reachable."""
    line = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
    subprocess.run([*line, *SLOW_PARSERS], check=True, stderr=subprocess.DEVNULL)


def _run(contender: str, workspace: Path, scopes: Sequence[str], path: str) -> Run:
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [path, before]))
    try:
        command = [sys.executable, "-m", "benchmarks.packs", contender, str(workspace), *scopes]
        return run_once(command)
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


def table(runs: dict[str, list[Run]], *, pack: int, loop: int) -> str:
    """Return two tables of CPU and wall seconds per report: of many, and of one alone."""
    many = {"pack": pack, "loop, our environment": loop, "loop, plain environment": loop}
    alone = {name: 1 for name in runs if name not in many}
    return "\n".join(
        [
            *_lines(
                runs, many, "| way | reports | CPU s each | wall s each | pack is less CPU by |"
            ),
            "",
            *_lines(runs, alone, "| way | reports | CPU s | wall s | ours is less CPU by |"),
        ]
    )


def _lines(runs: dict[str, list[Run]], counts: dict[str, int], head: str) -> list[str]:
    """Return the lines of a table whose first way is what the others are compared with."""
    first, *_ = counts
    base = _each(runs[first], "cpu", counts[first])
    lines = [head, "|---|---|---|---|---|"]
    for name, count in counts.items():
        cpu, wall = _each(runs[name], "cpu", count), _each(runs[name], "wall", count)
        lines.append(f"| {name} | {count} | {cpu:.2f} | {wall:.2f} | {cpu / base:.1f} x |")
    return lines


def _each(runs: Sequence[Run], field: str, count: int) -> float:
    import statistics

    return statistics.median(getattr(run, field) for run in runs) / count


if __name__ == "__main__":
    {"ours": ours, "stock": stock}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3:])
    report_usage()
