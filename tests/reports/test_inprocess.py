"""What cells show in a process made for one report, kept as a notebook keeps it."""

from __future__ import annotations

import json
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from spm_lib.reports.blocks import MIME, Sentence, Text
from spm_lib.reports.runs.inprocess import Recorder


def test_what_was_shown_stays_as_it_was_shown() -> None:
    recorder, told = Recorder(), {"parts": [1, {"b": 2}]}
    recorder.shown("display_data", {"application/json": told}, {})
    told["parts"].append({"b": 3})
    assert recorder.outputs[0].data["application/json"] == {"parts": [1, {"b": 2}]}


def test_a_block_is_kept_as_nbformat_would_keep_it() -> None:
    shown: dict[str, Any] = Text(sentences=(Sentence(text="Hello"),))._repr_mimebundle_()
    recorder = Recorder()
    recorder.count = 3
    recorder.shown("execute_result", shown, {})
    usual = nbformat.v4.new_output("execute_result", data=shown, execution_count=3)
    assert json.dumps(recorder.outputs) == json.dumps([usual])
    assert recorder.outputs[0].data[MIME]["sentences"][0]["text"] == "Hello"
    nbformat.validate(new_notebook(cells=[new_code_cell("x", outputs=recorder.outputs)]))
