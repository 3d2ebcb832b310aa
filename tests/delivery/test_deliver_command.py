"""``spm deliver``: a dry run by default that tells everything, and a true exit status."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spm_lib.cli import app

from .mail_servers import Mailbox, free_port, serving
from .run_on_disk import AS_OF, canary, row, write_item, write_pack, write_run

NOA, DAN = "noa@example.com", "dan@example.com"
ROWS = row("rep:r7", NOA) + row("rep:r8", DAN, "en")


def spm(*args: str | Path) -> Result:
    return CliRunner().invoke(app, ["deliver", *map(str, args)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "reports" / "acme" / AS_OF
    items = [write_item(place, "rep:r7"), write_item(place, "rep:r8", language="en")]
    items.append(write_item(place, "company", error=None))
    return write_run(place, items)


def pack(tmp_path: Path, text: str, port: int | None = None) -> Path:
    mail = f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nretry_seconds = []\n'
    text += f'{mail}sender = "r@example.com"\n' if port else ""
    return write_pack(tmp_path / "packs" / "monthly.toml", text)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_dry_run_lists_recipient_scope_files_and_sizes_and_does_nothing(
    folder, tmp_path
) -> None:
    file = pack(tmp_path, ROWS, free_port())  # nobody listens there
    before = everything(tmp_path)
    done = spm(folder.parent, "--pack", file)
    assert done.exit_code == 0, done.output
    assert everything(tmp_path) == before
    lines = done.stdout.splitlines()
    assert lines[0] == "Acme Ltd, as of 30 Sep 2026, pack monthly"
    [dan] = [line for line in lines if DAN in line]
    assert "rep:r8 (Dan Levi)" in dan
    assert f"funnel Dan-Levi {AS_OF}.html" in dan
    assert "kB" in dan
    assert dan.endswith("to be sent")
    assert sum(f"funnel נועה-כהן {AS_OF}" in line for line in lines) == 3
    assert "Please check: Nobody receives funnel for company in he." in done.stdout
    assert lines[-1] == "Nothing was sent. Add --send to send these letters."


@pytest.mark.slow
def test_send_sends_once_and_says_so(folder, tmp_path) -> None:
    with serving(Mailbox()) as box:
        file = pack(tmp_path, ROWS, box.port)
        done = spm(folder, "--pack", file, "--send")
        assert done.exit_code == 0, done.output
        assert f"{NOA}: sent" in done.stderr
        again = spm(folder, "--pack", file, "--send")
        assert again.exit_code == 0
        assert again.stdout.count("already sent") == 2
    assert [letter["To"] for letter in box.taken] == [DAN, NOA]


@pytest.mark.slow
def test_one_failure_is_named_and_gives_status_1(folder, tmp_path) -> None:
    box = Mailbox(lambda address, _: "550 no such user" if address == NOA else None)
    with serving(box):
        done = spm(folder, "--pack", pack(tmp_path, ROWS, box.port), "--send")
    assert done.exit_code == 1
    assert [letter["To"] for letter in box.taken] == [DAN]
    assert "1 of 2 recipients" in done.stderr
    assert f"{NOA}: failed, 550 no such user" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("way", ["zip", "folder"])
def test_zip_and_folder_are_written_only_where_asked(folder, tmp_path, way) -> None:
    file = pack(tmp_path, ROWS)
    done = spm(folder, "--pack", file, "--to", way)
    assert done.exit_code == 0
    assert "Nothing was written" in done.stdout
    out = tmp_path / "out"
    assert not out.exists()
    done = spm(folder, "--pack", file, "--to", way, "--out", out)
    assert done.exit_code == 0, done.output
    ending = ".zip" if way == "zip" else ""
    assert {p.name for p in out.iterdir()} == {
        f"dan at example.com en{ending}",
        f"noa at example.com he{ending}",
    }


def test_a_slip_shows_nothing_to_anybody_it_should_not(folder, tmp_path) -> None:
    file = pack(tmp_path, ROWS + row("company", NOA))
    done = spm(folder, "--pack", file, "--to", "folder", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "held back" in done.stdout
    assert f"{NOA}: it is named for rep:r7 and for the whole company" in done.stderr
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"dan at example.com en"}
    written = b"".join(everything(tmp_path / "out").values()).decode()
    assert canary("company") not in written
    meant = pack(tmp_path, f'{ROWS}{row("company", NOA)}[deliver]\nsee_all = ["{NOA}"]\n')
    told = spm(folder, "--pack", meant, "--to", "folder")
    assert told.exit_code == 0
    assert "THE WHOLE COMPANY" in told.stdout


def test_a_rep_without_reports_and_a_report_without_reader_are_told(folder, tmp_path) -> None:
    text = row("rep:r77", NOA) + row("company", DAN)
    done = spm(folder, "--pack", pack(tmp_path, text))
    assert done.exit_code == 1
    assert f"There is nothing for {NOA}" in done.stderr
    assert "Nobody receives funnel for rep:r7 in he." in done.stdout
    assert f"check that none of them is that rep: {DAN}." in done.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--to", "zip", "--send"], "--send and --again go with --to mail"),
        (["--to", "mail", "--out", "x"], "--out goes with"),
        (["--to", "mail", "--again"], "--again goes with --send"),
        (["--to", "mail", "--send"], "does not say how letters are sent"),
    ],
)
def test_options_that_do_not_go_together_are_refused(folder, tmp_path, options, told) -> None:
    done = spm(folder, "--pack", pack(tmp_path, ROWS), *options)
    assert done.exit_code == 1
    assert told in done.stderr
    assert done.stderr.startswith("Error: ")


def test_what_a_schedule_would_need_is_told_without_a_trace(folder, tmp_path) -> None:
    done = spm(tmp_path, "--pack", pack(tmp_path, ROWS))
    assert (done.exit_code, "There is no run of reports" in done.stderr) == (1, True)
    done = spm(folder, "--pack", tmp_path / "none.toml")
    assert (done.exit_code, "There is no pack file" in done.stderr) == (1, True)
