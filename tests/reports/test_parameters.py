"""Parameters: read from the cell, refused before a kernel starts."""

from __future__ import annotations

import pytest

from spm_lib.core.errors import ParameterError, ReportError
from spm_lib.reports import check_parameters, read_parameters

SOURCE = """
workspace: str = "spm.toml"  # the client's file
months: int = 12  # months looked back on [1..36]
share: float = 0.5  # a share [0..1]
deep: bool = False  # look deeper
language: str = ""  # language of the report [en|he]
how: Literal["cohort", "period"] = "cohort"  # which conversion
top: Literal[5, 10] = 5  # rows shown
"""


def page(source: str, *, tags: tuple[str, ...] = ("parameters",)) -> dict:
    return {"cells": [{"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source}]}


def test_the_cell_declares_type_default_help_and_what_is_allowed() -> None:
    found = {p.name: p for p in read_parameters(page(SOURCE))}
    assert list(found) == ["workspace", "months", "share", "deep", "language", "how", "top"]
    months = found["months"]
    assert (months.type, months.default, months.help) == ("int", 12, "months looked back on")
    assert (months.low, months.high) == (1, 36)
    assert found["language"].choices == ("", "en", "he")
    assert found["how"].choices == ("cohort", "period")
    assert found["top"].type == "int"
    assert found["deep"].allowed == "true or false"


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"months": "6"}, 6),
        ({"months": 36}, 36),
        ({"share": "0.25"}, 0.25),
        ({"share": 1}, 1.0),
        ({"deep": "yes"}, True),
        ({"deep": False}, False),
        ({"how": "period"}, "period"),
        ({"top": "10"}, 10),
        ({"language": ""}, ""),
        ({"workspace": "12"}, "12"),
    ],
)
def test_values_are_read_as_declared(given: dict, value: object) -> None:
    (name,) = given
    found = check_parameters(page(SOURCE), given)[name]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "given",
    [
        {"months": 0},
        {"months": 37},
        {"months": "12.5"},
        {"months": "twelve"},
        {"months": True},
        {"months": 12.0},
        {"months": None},
        {"share": "nan"},
        {"share": float("inf")},
        {"share": 1.01},
        {"deep": "perhaps"},
        {"deep": 1},
        {"how": "both"},
        {"top": 7},
        {"language": "fr"},
        {"workspace": 3},
        {"workspace": ["a"]},
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(given: dict) -> None:
    (name,) = given
    with pytest.raises(ParameterError, match=f"'{name}' must be "):
        check_parameters(page(SOURCE), given)


def test_all_faults_come_in_one_message_with_the_nearest_name() -> None:
    with pytest.raises(ParameterError) as caught:
        check_parameters(page(SOURCE), {"month": 3, "how": "x", "__class__": "y"})
    text = str(caught.value)
    assert "'month' is unknown (nearest: 'months')" in text
    assert "'how' must be one of 'cohort', 'period'" in text
    assert "'__class__' is unknown" in text


def test_a_long_hostile_value_is_not_thrown_back_whole() -> None:
    with pytest.raises(ParameterError) as caught:
        check_parameters(page(SOURCE), {"months": "x" * 10_000})
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "source",
    [
        "months = 12",
        "months: int = len([])",
        "import os",
        "months: list = []",
        "a.b: int = 1",
        "def (",
    ],
)
def test_a_line_that_declares_nothing_is_refused(source: str) -> None:
    with pytest.raises(ParameterError, match="parameters cell"):
        read_parameters(page(source))


def test_no_code_of_the_cell_is_run() -> None:
    with pytest.raises(ParameterError):
        read_parameters(page("months: int = __import__('os').abort()"))


@pytest.mark.parametrize("tags", [(), ("parameter",)])
def test_a_notebook_without_the_cell_is_refused_when_something_is_given(tags: tuple) -> None:
    with pytest.raises(ParameterError, match="0 such cells"):
        check_parameters(page(SOURCE, tags=tags), {"months": 3})
    assert check_parameters(page(SOURCE, tags=tags), {}) == {}


def test_what_is_no_notebook_is_refused(tmp_path) -> None:
    (tmp_path / "a.ipynb").write_text("[1, 2]", encoding="utf-8")
    for name in ("a.ipynb", "missing.ipynb"):
        with pytest.raises(ReportError, match="notebook"):
            read_parameters(tmp_path / name)
