"""Wrong passwords are counted, so that nobody can try many."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

WINDOW = 15 * 60.0  # seconds a wrong password is remembered
PER_PERSON, PER_ADDRESS, PER_NAME = 5, 30, 50
_MOST_KEYS = 10_000


class Attempts:
    """How often a password was wrong of late: by name and address, by address, by name.

    A name is refused from an address after few, and from everywhere only after many: so that
    nobody locks another one out easily, and nobody guesses from many machines for long.

    Parameters
    ----------
    clock
        Tells seconds that never go back.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[Hashable, list[float]] = OrderedDict()

    def wait(self, name: str, address: str) -> int:
        """Return the seconds until a name may be tried from an address; 0: now.

        Examples
        --------
        >>> attempts = Attempts(clock=lambda: 0.0)
        >>> for _ in range(5):
        ...     attempts.note_wrong("dana", "10.0.0.7")
        >>> attempts.wait("dana", "10.0.0.7"), attempts.wait("dana", "10.0.0.8")
        (900, 0)
        """
        return max(self._wait(key, most) for key, most in _keys(name, address))

    def note_wrong(self, name: str, address: str) -> None:
        """Remember that a password was wrong."""
        for key, _ in _keys(name, address):
            self._wrong.setdefault(key, []).append(self._clock())
            self._wrong[key] = self._wrong[key][-PER_NAME:]
            self._wrong.move_to_end(key)
        while len(self._wrong) > _MOST_KEYS:
            self._wrong.popitem(last=False)

    def note_right(self, name: str, address: str) -> None:
        """Take back the last note, and forget what was wrong for a name from an address."""
        for key, _ in _keys(name, address):
            self._wrong[key] = self._wrong.get(key, [])[:-1]
        self._wrong.pop((name, address), None)

    def _wait(self, key: Hashable, most: int) -> int:
        since = self._clock() - WINDOW
        kept = [at for at in self._wrong.get(key, []) if at > since]
        return 0 if len(kept) < most else max(1, int(kept[-most] - since))


def _keys(name: str, address: str) -> tuple[tuple[Hashable, int], ...]:
    return ((name, address), PER_PERSON), (("from", address), PER_ADDRESS), (("to", name), PER_NAME)
