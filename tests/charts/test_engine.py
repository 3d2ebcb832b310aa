"""The engine that draws: it asks nothing of a network or a disk, and begins no thread too soon."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from spm_lib.charts.engine import drawn_here

ASKED: list[str] = []


class _Telling(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ASKED.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"word\nconfidential\n")

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def told():
    """A server of this machine that notes who asks it."""
    server = HTTPServer(("127.0.0.1", 0), _Telling)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


WORDS = {"mark": "text", "encoding": {"text": {"field": "word"}}}


def test_what_is_drawn_is_read_from_no_network(told) -> None:
    logo = {"mark": "image", "encoding": {"url": {"value": f"{told}/logo.png"}}}
    for spec in (
        {"data": {"url": f"{told}/rows.csv"}, **WORDS},
        {"data": {"values": [{}]}, **logo},
    ):
        with suppress(PermissionError):  # an image may be left out in silence
            assert "confidential" not in drawn_here(json.dumps(spec))
    assert ASKED == []


def test_what_is_drawn_is_read_from_no_disk(tmp_path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("word\nconfidential\n", "utf-8")
    for address in (rows.as_uri(), str(rows)):
        with pytest.raises(PermissionError, match=r"denied|disabled|not allowed"):
            drawn_here(json.dumps({"data": {"url": address}, **WORDS}))
    drawn = drawn_here(json.dumps({"data": {"values": [{"word": "confidential"}]}, **WORDS}))
    assert ">confidential<" in drawn


def test_the_engine_is_imported_when_something_is_drawn() -> None:
    """Its import begins threads, and a process that has some is not forked."""
    code = "import sys, spm_lib.reports, spm_lib.charts; print('vl_convert' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
