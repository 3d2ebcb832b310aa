"""What client and server say to each other: one JSON object a line, open files beside it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_CHUNK = 65_536
_MOST_FILES = 8
_MOST_BYTES = 16 * 1024 * 1024
HOLD = {"hold": True}  # asks for no job, but that the server stays


@contextmanager
def short_path(address: Path) -> Iterator[str]:
    """Give a path for a socket's address, which may be longer than the 107 bytes it can have."""
    folder = os.open(address.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{address.name}"
    finally:
        os.close(folder)


class Wire:
    """One connection; it may be read by one thread while another one writes."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.files: list[int] = []
        self._text = b""

    def send(self, message: Mapping[str, Any], files: Sequence[int] = ()) -> None:
        """Send a message and, with it, open files by their descriptors.

        Raises
        ------
        OSError
            If the other side is gone.
        """
        data = json.dumps(message).encode() + b"\n"
        if files:
            sent = socket.send_fds(self.connection, [data], list(files))
            data = data[sent:]
        if data:  # even nothing cannot be sent to who has answered and gone already
            self.connection.sendall(data)

    def receive(self) -> list[dict[str, Any]] | None:
        """Return the messages that have arrived whole, perhaps none; None when no more can come.

        Files that came along are kept in ``files``. A blocking connection waits for something.
        """
        try:
            data, files, _, _ = socket.recv_fds(self.connection, _CHUNK, _MOST_FILES)
        except BlockingIOError:
            return []
        except OSError:
            return None
        self.files += files
        self._text += data
        if not data or len(self._text) > _MOST_BYTES:
            return None
        *lines, self._text = self._text.split(b"\n")
        try:
            return [json.loads(line) for line in lines]
        except ValueError:
            return None

    def close(self) -> None:
        """Close the connection and the files that came with it."""
        self.connection.close()
        while self.files:
            os.close(self.files.pop())
