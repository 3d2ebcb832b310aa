"""Tables on the terminal lose nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

from spm_lib.cli.dictionary import print_dictionary
from spm_lib.cli.options import Format
from spm_lib.cli.printing import print_table


def test_no_number_is_cut_on_a_narrow_terminal(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    rows = [[f"rep {k}", f"{k * 1_234_567_890:,}", "a long [red]story[/red] " * 4] for k in (1, 22)]
    print_table(["rep", "amount", "story"], rows, right=["amount"], wrapped=["story"])
    told = capsys.readouterr().out
    assert all(row[0] in told and row[1] in told for row in rows)
    assert re.sub(r"\s", "", told).count("[red]story[/red]") == 8


def test_a_table_without_rows_is_its_header(capsys) -> None:
    print_table(["rep", "amount"], [])
    assert capsys.readouterr().out.split() == ["rep", "amount"]


def test_the_dictionary_fits_a_terminal_of_80_signs(capsys, monkeypatch) -> None:
    print_dictionary(Format.json, workspace=Path("spm.toml"))
    entries = json.loads(capsys.readouterr().out)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    for tongue, name in (("en", "name"), ("he", "name_he")):
        print_dictionary(Format.table, workspace=Path("spm.toml"), tongue=tongue)
        lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
        assert max(len(line.rstrip()) for line in lines) <= 80
        words = " ".join(" ".join(lines).split())
        for entry in entries:
            assert entry["id"] in words
            assert entry[name].split()[0] in words
