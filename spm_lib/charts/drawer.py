"""A process that draws for others: what draws charts starts up once, not once per report.

The drawing engine takes longer to start than to draw a report's charts. Whoever makes many reports
starts a ``Drawer`` and names its address to its children in the environment; ``svg`` asks there
first, and draws by itself where nobody answers.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType

ADDRESS = "SPM_DRAWER"
PATIENCE = 20.0
_LENGTH = struct.Struct("!?Q")


class Drawer:
    """The drawing process, for as long as it is held; it ends with its owner.

    Examples
    --------
    >>> with Drawer() as drawer:
    ...     sorted(drawer.environment)
    ['SPM_DRAWER']
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="spm-draw-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What children need to know in order to ask."""
        return {ADDRESS: str(self._folder / "socket")}

    def __enter__(self) -> Drawer:
        """Start the process; children that ask before it listens draw by themselves."""
        if hasattr(socket, "AF_UNIX"):
            path = os.pathsep.join(part for part in sys.path if part)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "spm_lib.charts.drawer", self.environment[ADDRESS]],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def ask(spec: str) -> str | None:
    """Return the drawing of a specification by the drawing process; None where there is none."""
    address = os.environ.get(ADDRESS)
    if not address:
        return None
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE)
            line.connect(address)
            _send(line, spec, well=True)
            well, answer = _receive(line)
    except (OSError, EOFError):
        return None
    return answer if well else None


def serve(address: str) -> None:
    """Draw for whoever asks, one after another, until standard input ends."""
    from spm_lib.charts.drawing import drawn_here

    threading.Thread(target=_end_with_owner, daemon=True).start()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        Path(address).chmod(0o600)
        listening.listen(64)
        while True:
            line, _ = listening.accept()
            with line, contextlib.suppress(OSError, EOFError):
                line.settimeout(PATIENCE)
                _, spec = _receive(line)
                try:
                    _send(line, drawn_here(spec), well=True)
                except ValueError as error:
                    _send(line, str(error), well=False)


def _end_with_owner() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def _send(line: socket.socket, text: str, *, well: bool) -> None:
    content = text.encode("utf-8")
    line.sendall(_LENGTH.pack(well, len(content)) + content)


def _receive(line: socket.socket) -> tuple[bool, str]:
    well, length = _LENGTH.unpack(_exactly(line, _LENGTH.size))
    return well, _exactly(line, length).decode("utf-8")


def _exactly(line: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = line.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


if __name__ == "__main__":
    serve(sys.argv[1])
