"""``delivery.json``: every letter that was sent, so that nobody is sent a report twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Literal

from spm_lib.core.errors import DeliveryError
from spm_lib.store import write_json

_VERSION = 1


@dataclass(frozen=True)
class Sent:
    """One letter: ``sending`` from before its end goes out until the server has answered."""

    pack: str
    address: str
    language: str
    password_env: str
    scopes: tuple[str, ...]
    message_id: str
    files: Mapping[str, str]
    status: Literal["sending", "sent"]
    at: str
    answer: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the letter is found by: the pack and the recipient."""
        return (self.pack, self.address.casefold(), self.language, self.password_env)


class DeliveryRecord:
    """The letters of a run; every change is on disk before the next thing happens.

    Raises
    ------
    DeliveryError
        If the file is there and cannot be read: it is never taken for an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "delivery.json"
        self.letters: dict[tuple[str, str, str, str], Sent] = {s.key: s for s in self._earlier()}

    def find(self, key: tuple[str, str, str, str]) -> Sent | None:
        """Return the letter sent for a key, if any."""
        return self.letters.get(key)

    def begin(self, letter: Sent) -> None:
        """Write that the end of a letter goes out now: from here on it may have arrived."""
        self._put(replace(letter, status="sending"))

    def end(self, letter: Sent, *, answer: str) -> None:
        """Write that the server has taken a letter, with its answer."""
        self._put(replace(letter, status="sent", answer=answer))

    def put_back(self, letter: Sent, earlier: Sent | None) -> None:
        """Write that the server has not taken a letter after all."""
        self.letters.pop(letter.key, None)
        if earlier is not None:
            self.letters[earlier.key] = earlier
        self._write()

    def _put(self, letter: Sent) -> None:
        self.letters[letter.key] = letter
        self._write()

    def _write(self) -> None:
        letters = [asdict(self.letters[key]) for key in sorted(self.letters)]
        write_json(self.path, {"version": _VERSION, "letters": letters})

    def _earlier(self) -> Iterator[Sent]:
        if not self.path.is_file():
            return
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            if content["version"] != _VERSION:
                raise ValueError(f"version {content['version']}")
            for raw in content["letters"]:
                yield Sent(**{**raw, "scopes": tuple(raw["scopes"])})
        except (ValueError, KeyError, TypeError) as error:
            raise DeliveryError(
                "The record of letters sent cannot be read, so nothing is sent.",
                found=f"{self.path}: {error}",
                do="Mend it; or move it away, if everybody may be sent the reports again",
            ) from None


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold a folder for one delivery; the system lets go of it when the process ends, however.

    Raises
    ------
    DeliveryError
        If another delivery is under way in it.
    """
    with (folder / ".delivery.lock").open("a+b") as file:
        try:
            _lock(file)
        except OSError:
            raise DeliveryError(
                "Another delivery of this run is under way.",
                found=str(folder),
                do="Wait for it to end",
            ) from None
        yield


def _lock(file: IO[bytes]) -> None:
    try:
        import fcntl
    except ModuleNotFoundError:
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
