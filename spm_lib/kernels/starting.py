"""Starting processes that can import what this one can: the fork server, and ordinary ones."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from spm_lib.kernels.wire import short_path


def import_path() -> str:
    """Return this process's import path, as a value for PYTHONPATH."""
    return os.pathsep.join(path or str(Path.cwd()) for path in sys.path)


def start_server(
    address: Path,
    *,
    warm: Iterable[str],
    at_once: int,
    log: IO[bytes],
    environment: Mapping[str, str],
    idle: float | None = None,
) -> subprocess.Popen[bytes]:
    """Start a fork server that listens at an address; it can be asked before it is warm.

    The socket is made here and inherited, so that there is never a moment in which a server
    runs and cannot be reached. Whoever asks waits until the server has imported its list.

    Parameters
    ----------
    address
        Where to listen, in a folder that only its owner may enter.
    warm
        Modules to import.
    at_once
        The most children at a time.
    log
        File that takes what the server says.
    environment
        Environment of the server; children get that of their job.
    idle
        None: the server ends when the returned process's standard input is closed. Else it belongs
        to nobody, and ends after so many seconds without a child, or when a source file changes.

    Raises
    ------
    OSError
        If the socket cannot be made or the process cannot be started.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        with short_path(address) as path:
            listener.bind(path)
        address.chmod(0o600)
        listener.listen(128)
        command = [sys.executable, "-m", "spm_lib.kernels.server"]
        command += ["--listen", str(listener.fileno()), "--address", str(address)]
        command += ["--at-once", str(at_once)]
        command += ["--owner", "0"] if idle is None else ["--idle", str(idle), "--watch-sources"]
        return subprocess.Popen(
            [*command, *warm],
            stdin=subprocess.PIPE if idle is None else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[listener.fileno()],
            env={**environment, "OPENBLAS_NUM_THREADS": "1"},
            cwd=address.parent,
            start_new_session=True,
        )
