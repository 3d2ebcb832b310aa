"""The states of a period of pay, in the only order there is."""

from __future__ import annotations

from typing import Literal, get_args

from spm_lib.core.errors import PayError

State = Literal["open", "calculated", "reviewed", "approved", "closed"]
STATES: tuple[str, ...] = get_args(State)


def check_step(now: str, wanted: str, *, period: str) -> None:
    """Refuse a step that is not the next one; calculating again is one as long as nobody approved.

    Raises
    ------
    PayError
        If it is not; says which step comes next.
    """
    if wanted not in STATES:
        raise PayError("There is no such state.", found=wanted, do=f"One of: {', '.join(STATES)}")
    again = wanted == "calculated" and now in ("open", "calculated", "reviewed")
    if not again and STATES.index(wanted) != STATES.index(now) + 1:
        following = STATES[STATES.index(now) + 1] if now != "closed" else None
        do = (
            f"The next step is '{following}'" if following else "Corrections come in a later period"
        )
        raise PayError(f"The period {period} is {now}: it cannot be {wanted}.", do=do)
