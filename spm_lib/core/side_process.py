"""A process that answers for others: what is slow to start, starts once and not for each of them.

Whoever makes many reports starts a ``SideProcess`` for a function that takes and returns a text
(drawing a chart, say) and names its address to its children in the environment; they ask there
first, and do the work themselves where nobody answers. Who asks before it is ready waits for it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import ModuleType, TracebackType

PATIENCE = 20.0
_LENGTH = struct.Struct("!?Q")


class SideProcess:
    """The process that answers for a function, ``module:name``, for as long as it is held.

    Parameters
    ----------
    function
        Takes a text and returns one. The module of a room is loaded without the rest of its room.
    first
        A text that it is asked before anybody else, so that what is slow to start has started.

    Examples
    --------
    >>> with SideProcess("textwrap:dedent") as process:
    ...     sorted(process.environment)
    ['SPM_SIDE_TEXTWRAP_DEDENT']
    """

    def __init__(self, function: str, *, first: str = "") -> None:
        self.function, self.first = function, first
        self._owner = os.getpid()
        self._folder = Path(tempfile.mkdtemp(prefix="spm-side-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What children need to know in order to ask."""
        return {_variable(self.function): str(self._folder / "socket")}

    def __enter__(self) -> SideProcess:
        """Start the process; it takes over the socket, on which anybody may ask from now on."""
        if hasattr(socket, "AF_UNIX"):
            try:
                self._start()
            except OSError:  # the path is too long for a socket, or there is no room for a process
                shutil.rmtree(self._folder, ignore_errors=True)
                raise
        return self

    def _start(self) -> None:
        path = os.pathsep.join(part for part in sys.path if part)
        address = self._folder / "socket"
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(address))
            address.chmod(0o600)
            listening.listen(64)
            number = listening.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(number), self.function, self.first],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
                pass_fds=[number],
                start_new_session=True,  # who interrupts or kills the group of its owner leaves it
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process; a copy of its owner that was forked since leaves it alone."""
        if os.getpid() != self._owner:
            return
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def ask(function: str, text: str) -> str | None:
    """Return a function's answer from its process; None where there is none, or it found a fault.

    Examples
    --------
    >>> ask("textwrap:dedent", "  nobody answers here") is None
    True
    """
    address = address_of(function)
    if not address:
        return None
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE)
            line.connect(address)
            _send(line, text, well=True)
            well, answer = _receive(line)
    except (OSError, EOFError):
        return None
    return answer if well else None


def address_of(function: str) -> str:
    """Return where this process may ask for a function; empty where nobody is known to answer.

    Examples
    --------
    >>> address_of("textwrap:dedent")
    ''
    """
    return os.environ.get(_variable(function), "")


def serve(number: str, function: str, first: str = "") -> None:
    """Answer whoever asks on a socket, one after another, until standard input ends."""
    with socket.socket(fileno=int(number)) as listening:
        folder = Path(listening.getsockname()).parent
        threading.Thread(target=_end_with_owner, args=[folder], daemon=True).start()
        module, _, name = function.partition(":")
        answer = getattr(_alone(module), name)
        if first:
            with contextlib.suppress(ValueError):
                answer(first)
        while True:
            line, _ = listening.accept()
            with line, contextlib.suppress(OSError, EOFError):
                line.settimeout(PATIENCE)
                _, text = _receive(line)
                try:
                    _send(line, answer(text), well=True)
                except ValueError as error:
                    _send(line, str(error), well=False)


def _alone(module: str) -> ModuleType:
    """Import a module; one of a room by its file, as rooms import much that it does not need."""
    package, *places = module.split(".")
    file = Path(__file__).parents[1].joinpath(*places).with_suffix(".py")
    if package != "spm_lib" or not file.is_file():
        return importlib.import_module(module)
    found = importlib.util.spec_from_file_location(module, file)
    assert found is not None
    assert found.loader is not None
    made = importlib.util.module_from_spec(found)
    found.loader.exec_module(made)
    return made


def _variable(function: str) -> str:
    return "SPM_SIDE_" + re.sub(r"\W", "_", function.rpartition("spm_lib.")[2]).upper()


def _end_with_owner(folder: Path) -> None:
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
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
    serve(*sys.argv[1:])
