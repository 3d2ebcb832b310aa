"""Sessions: who signed in, until when; the browser holds a random word, we hold its hash."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

IDLE, LONGEST = 60 * 60.0, 12 * 60 * 60.0  # seconds
_MOST_OF_ONE = 20


@dataclass
class Session:
    """One signed-in browser.

    Attributes
    ----------
    viewer
        Who signed in.
    proof
        What the users file said of the viewer then; when it says otherwise the session ends.
    key
        The hash of the word that the browser holds; it names the owner of kernels.
    born, seen
        When it began, and when it was last used, in seconds.
    """

    viewer: str
    proof: str
    key: str
    born: float
    seen: float


class Sessions:
    """The sessions of one server; they end with it.

    Parameters
    ----------
    clock
        Tells seconds that never go back.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, Session] = {}

    def begin(self, viewer: str, *, proof: str) -> str:
        """Begin a session and return the word that the browser is to hold.

        Examples
        --------
        >>> sessions = Sessions()
        >>> word = sessions.begin("dana", proof="hash")
        >>> sessions.of(word).viewer, sessions.of("another word")
        ('dana', None)
        """
        word, now = secrets.token_urlsafe(32), self._clock()
        own = [key for key, session in self._kept.items() if session.viewer == viewer]
        for key in own[: max(0, len(own) - _MOST_OF_ONE + 1)]:
            del self._kept[key]
        key = _hashed(word)
        self._kept[key] = Session(viewer, proof, key, now, now)
        return word

    def of(self, word: str | None) -> Session | None:
        """Return the session of a word, as used now; None where there is none, or it has ended."""
        session = self.get(_hashed(word)) if word else None
        if session:
            session.seen = self._clock()
        return session

    def get(self, key: str) -> Session | None:
        """Return the session of a key; None where there is none. One whose time is up is ended."""
        session, now = self._kept.get(key), self._clock()
        if session and (now - session.seen > IDLE or now - session.born > LONGEST):
            self.end(key)
            return None
        return session

    def note_used(self, key: str) -> None:
        """Note that a page of the session is in use."""
        session = self.get(key)
        if session:
            session.seen = self._clock()

    def end(self, key: str) -> None:
        """End a session."""
        self._kept.pop(key, None)


def _hashed(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
