"""Tables on the terminal lose nothing."""

from __future__ import annotations

import re

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
