"""What tests of dashboards share: a browser, and one served copy of the sample with viewers."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from spm_lib.workspace import UsersFile
from spm_lib.workspace.users import Cost
from tests.dashboards.paying import paying_company
from tests.reports.browsing import opened_browser

ROOT = Path(__file__).resolve().parents[2]
SPM = "from spm_lib.cli import main; main()"
ACCESS = """
[access]
names = ["dashboards.test"]
[[access.viewers]]
name = "dana"
scope = "own team"
person = "M01"
[[access.viewers]]
name = "amir"
scope = "own"
person = "R12"
[[access.viewers]]
name = "yossi"
scope = "team:Enterprise"
[[access.viewers]]
name = "boss"
scope = "company"
[[access.viewers]]
name = "late"
scope = "company"
valid_to = 2020-01-01
[[access.viewers]]
name = "ghost"
scope = "manager:M99"
[access.proxy]
header = "X-Remote-User"
addresses = ["127.0.0.9"]
"""


@pytest.fixture(scope="module")
def browser():
    with opened_browser() as opened:
        yield opened


class Stay(urllib.request.HTTPRedirectHandler):
    """Follow no redirection."""

    def redirect_request(self, *_args):
        return None


class Site:
    """A served site, asked by people who each keep their own cookie."""

    def __init__(self, address: str, log: Path) -> None:
        self.address, self.log = address, log
        self.here = address.rstrip("/")
        self.open = urllib.request.build_opener(Stay).open

    def ask(self, path, *, word="", method="GET", data=None, headers=None):
        """Return status, headers and body of an answer."""
        port = self.here.rpartition(":")[2]
        given = {"Cookie": f"spm-session-{port}={word}"} if word else {}
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        asked = urllib.request.Request(
            self.address + path, data=body, method=method, headers={**given, **(headers or {})}
        )
        try:
            with self.open(asked, timeout=120) as answer:
                return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode("utf-8", "replace")

    def sign_in(self, name, password=None, *, goal="/", origin=None):
        """Return status, headers and body of signing in."""
        told = {"name": name, "password": password or f"password of {name}", "next": goal}
        origin = self.here if origin is None else origin
        return self.ask("login", method="POST", data=told, headers={"Origin": origin})

    def word_of(self, name):
        """Return the word of a new session."""
        status, headers, _ = self.sign_in(name)
        assert status == 303
        found = re.match(r"spm-session-\d+=([\w-]+);", headers["Set-Cookie"])
        assert found
        return found[1]

    def raw(self, asked, local="127.0.0.1"):
        """Return the status of an answer to a request as it stands, from an address."""
        return asyncio.run(status_of(int(self.here.rpartition(":")[2]), asked, local))

    def socket(self, kernel, *, word="", origin=None):
        """Return the status with which a websocket to a kernel is answered; 101 opens it."""
        port = self.here.rpartition(":")[2]
        headers = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Origin": self.here if origin is None else origin,
        }
        if word:
            headers["Cookie"] = f"spm-session-{port}={word}"
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
        first = f"GET /api/kernels/{kernel}/channels HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        return asyncio.run(status_of(int(port), f"{first}{lines}\r\n"))


async def status_of(port: int, asked: str, local: str = "127.0.0.1") -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(local, 0))
    writer.write(asked.encode())
    line = await asyncio.wait_for(reader.readline(), 60)
    writer.close()
    await writer.wait_closed()
    return int(line.split()[1])


@pytest.fixture(scope="session")
def site(sample_workspace, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gated") / "client"
    file = paying_company(folder, sample_workspace)
    file.write_text(file.read_text(encoding="utf-8") + ACCESS, encoding="utf-8")
    for name in ("amir", "dana", "yossi", "boss", "late", "ghost", "stranger", "guessed"):
        UsersFile.of(file).add(name, f"password of {name}", cost=Cost(2**10, 8, 1))
    log = folder / "log.txt"
    line = [sys.executable, "-c", SPM, "dashboard", "-w", str(file), "--port", "0"]
    with (
        log.open("w") as said,
        subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=said, text=True, cwd=ROOT
        ) as server,
    ):  # fmt: skip
        assert server.stdout
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), log.read_text()
        yield Site(address, log)
        server.terminate()
        assert server.wait(30) == 0
