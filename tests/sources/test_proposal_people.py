"""People of one name: what `spm init` proposes, and what is told where they count as one."""

from __future__ import annotations

from pathlib import Path

import pytest

import spm_lib
from spm_lib.core.errors import WorkspaceError
from spm_lib.sources import Proposal, propose_workspace

HEADER = "מספר עסקה;נציג;מספר עובד;שלב;סכום;תאריך סגירה\n"
PROVED = (
    ("דנה כהן", "E1", 100), ("דנה כהן", "E2", 20), ("רון לוי", "E3", 7),
    ("דנה כהן", "E1", 50), ("דנה כהן", "E2", 3), ("רון לוי", "E3", 1),
)  # fmt: skip


def written(folder: Path, rows: tuple[tuple[str, str, int], ...]) -> Proposal:
    lines = [
        f"{n};{who};{number};זכייה;{amount};2{n % 10}/02/2026\n"
        for n, (who, number, amount) in enumerate(rows)
    ]
    (folder / "עסקאות.csv").write_bytes((HEADER + "".join(lines)).encode("windows-1255"))
    proposal = propose_workspace(folder, currency="ILS", name="Acme")
    (folder / "spm.toml").write_text(proposal.text, encoding="utf-8")
    return proposal


def test_the_number_is_the_person_where_every_number_has_one_name(tmp_path: Path) -> None:
    proposal = written(tmp_path, PROVED)
    assert not proposal.questions
    assert 'one "נציג" has several "מספר עובד": "דנה כהן" (E1, E2)' in proposal.summary()
    company = spm_lib.open(tmp_path / "spm.toml")
    deals, reps = company.table("opportunities"), company.table("reps")
    won = {key: int(part["amount"].sum()) for (key,), part in deals.group_by("rep_id")}
    assert won == {"E1": 150_00, "E2": 23_00, "E3": 8_00}
    names = dict(reps.select("rep_id", "name").iter_rows())
    assert names == {"E1": "דנה כהן", "E2": "דנה כהן", "E3": "רון לוי"}
    kinds = {notice.kind for notice in company.notices}
    assert "same_name" in kinds
    assert "several_numbers" not in kinds


@pytest.mark.parametrize("odd", [("רון לוי", "", 5), ("רון לוי", "E1", 5)])
def test_what_the_file_does_not_prove_is_asked(tmp_path: Path, odd: tuple[str, str, int]) -> None:
    proposal = written(tmp_path, (*PROVED, odd))
    assert [q.place for q in proposal.questions] == ["[tables.opportunities] rep_id"]
    assert 'columns.rep_id = "?"' in proposal.text
    with pytest.raises(WorkspaceError, match="nobody has decided this yet"):
        spm_lib.open(tmp_path / "spm.toml")


def test_a_name_with_one_number_stays_the_person(tmp_path: Path) -> None:
    proposal = written(tmp_path, tuple((who, who[-1], n) for who, _, n in PROVED))
    assert 'columns.rep_id = "נציג"' in proposal.text
    assert not proposal.questions


def test_names_that_merge_people_are_told(tmp_path: Path) -> None:
    proposal = written(tmp_path, PROVED)
    text = proposal.text.replace('columns.rep_id = "מספר עובד"', 'columns.rep_id = "נציג"')
    text = text[: text.index("[tables.reps]")] + 'keep = ["מספר עובד"]\n'
    (tmp_path / "spm.toml").write_text(text.replace('keep = ["נציג"]', ""), encoding="utf-8")
    company = spm_lib.open(tmp_path / "spm.toml")
    (told,) = [notice for notice in company.notices if notice.kind == "several_numbers"]
    assert (told.values, told.rows) == (("דנה כהן",), 4)
    assert "דנה כהן (E1, E2)" in str(told)
