"""Sending the letters of a plan: nobody twice, and no failure that stops the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from spm_lib.core.errors import DeliveryError
from spm_lib.delivery.bundle import Bundle
from spm_lib.delivery.delivery_record import DeliveryRecord, Sent, only_one
from spm_lib.delivery.letter import compose, message_id
from spm_lib.delivery.plan import DeliveryPlan
from spm_lib.delivery.post import NotTakenError, Post
from spm_lib.delivery.settings import MailSettings
from spm_lib.store import sha256_file

State = Literal[
    "to be sent", "to be written", "sent", "already sent", "changed", "unsure", "failed"
]
Wait = Callable[[float], None]
Tell = Callable[["Outcome"], None]


@dataclass(frozen=True)
class Outcome:
    """What became of one bundle, or would; ``detail`` tells why."""

    bundle: Bundle
    state: State
    detail: str = ""

    @property
    def done(self) -> bool:
        """Whether the recipient has what it should have."""
        return self.state in ("sent", "already sent")


def outlook(plan: DeliveryPlan) -> tuple[Outcome, ...]:
    """Return what sending a plan would do to each bundle, judged by ``delivery.json``.

    Raises
    ------
    DeliveryError
        If that record cannot be read.
    """
    record = DeliveryRecord(plan.run.folder)
    return tuple(_judged(bundle, plan, record) for bundle in plan.bundles)


def send_bundles(
    plan: DeliveryPlan,
    *,
    again: bool = False,
    wait: Wait = time.sleep,
    tell: Tell | None = None,
) -> tuple[Outcome, ...]:
    """Send each bundle of a plan as one letter to its one recipient.

    Parameters
    ----------
    plan
        What is to be sent; its pack says by which server.
    again
        Send anew what has changed since it was sent, and what may or may not have arrived. What
        was sent and is the same is never sent again.
    wait
        Lets seconds pass before letters that were put off are tried again.
    tell
        Called with each outcome as it is known.

    Returns
    -------
    tuple of Outcome
        One per bundle, in the plan's order. A letter that fails does not stop the others.

    Raises
    ------
    DeliveryError
        If the pack has no ``[mail]``, another delivery of the run is under way, or no letter can
        be sent at all.
    """
    mail = plan.pack.mail
    if mail is None:
        raise DeliveryError(
            "The pack does not say how letters are sent.",
            do="Add [mail] with host and sender, or deliver --to folder or zip",
        )
    with only_one(plan.run.folder), Post(mail) as post:
        return _Round(plan, mail, post, wait, tell).all(again=again)


class _Round:
    """One delivery under way."""

    def __init__(
        self, plan: DeliveryPlan, mail: MailSettings, post: Post, wait: Wait, tell: Tell | None
    ) -> None:
        self.plan, self.mail, self.post, self.wait, self.tell = plan, mail, post, wait, tell
        self.record = DeliveryRecord(plan.run.folder)
        self.outcomes: dict[int, Outcome] = {}

    def all(self, *, again: bool) -> tuple[Outcome, ...]:
        pending: list[int] = []
        for number, bundle in enumerate(self.plan.bundles):
            judged = _judged(bundle, self.plan, self.record)
            if judged.state == "to be sent" or (again and judged.state in ("changed", "unsure")):
                pending.append(number)
            else:
                self._settle(number, judged)
        for pause in (0, *self.mail.retry_seconds):
            if pending and pause:
                self.wait(float(pause))
            pending = self._one_round(pending)
        for number in pending:
            self._settle(number, self.outcomes[number])
        return tuple(self.outcomes[number] for number in range(len(self.plan.bundles)))

    def _settle(self, number: int, outcome: Outcome) -> None:
        self.outcomes[number] = outcome
        if self.tell:
            self.tell(outcome)

    def _one_round(self, pending: list[int]) -> list[int]:
        """Try to send bundles, and return those that are to be tried again."""
        left: list[int] = []
        for place, number in enumerate(pending):
            bundle = self.plan.bundles[number]
            try:
                self._settle(number, Outcome(bundle, "sent", self._sent(bundle)))
            except NotTakenError as error:
                if error.kind == "no server":  # the others would wait for it in vain as well
                    rest = pending[place:]
                    for other in rest:
                        told = Outcome(self.plan.bundles[other], "failed", str(error))
                        self.outcomes[other] = told
                    return left + rest
                if error.kind == "put off":
                    self.outcomes[number] = Outcome(bundle, "failed", str(error))
                    left.append(number)
                    continue
                state: State = "unsure" if error.kind == "unsure" else "failed"
                self._settle(number, Outcome(bundle, state, str(error)))
            except _NotReadyError as error:
                self._settle(number, Outcome(bundle, "failed", str(error)))
        return left

    def _sent(self, bundle: Bundle) -> str:
        letter, entry = self._written(bundle)
        if len(letter) > self.mail.largest:
            size = f"{len(letter) / 1e6:.1f} MB, more than {self.mail.max_mb} MB"
            raise _NotReadyError(f"The letter is too large. Found: {size}.")
        earlier = self.record.find(entry.key)
        begun = False

        def begin() -> None:
            nonlocal begun
            self.record.begin(entry)
            begun = True

        try:
            address = bundle.recipient.address
            answer = self.post.send(letter, address=address, before_end=begin)
        except NotTakenError as error:
            if begun and error.kind != "unsure":
                self.record.put_back(entry, earlier)
            raise
        self.record.end(entry, answer=answer)
        return answer

    def _written(self, bundle: Bundle) -> tuple[bytes, Sent]:
        now = datetime.now(UTC)
        run, pack = self.plan.run, self.plan.pack.name
        try:
            contents = bundle.read()
            letter = compose(bundle, contents, mail=self.mail, run=run, pack=pack, now=now)
        except (DeliveryError, OSError) as error:
            raise _NotReadyError(str(error)) from None
        sender = self.mail.sender
        named = message_id(bundle, contents, run=run, pack=pack, sender=sender)
        entry = Sent(
            *_key(bundle, self.plan),
            scopes=bundle.recipient.scopes,
            message_id=named,
            files=dict(sorted(contents.hashes.items())),
            status="sending",
            at=now.isoformat(timespec="seconds"),
        )
        return letter.as_bytes(), entry


class _NotReadyError(DeliveryError):
    """A letter that could not be written."""


def _key(bundle: Bundle, plan: DeliveryPlan) -> tuple[str, str, str, str]:
    who = bundle.recipient
    return (plan.pack.name, who.address, who.language, who.password_env or "")


def _judged(bundle: Bundle, plan: DeliveryPlan, record: DeliveryRecord) -> Outcome:
    pack, address, *rest = _key(bundle, plan)
    earlier = record.find((pack, address.casefold(), rest[0], rest[1]))
    if earlier is None:
        return Outcome(bundle, "to be sent")
    if earlier.status == "sending":
        told = (
            f"the connection ended before the server answered, at {earlier.at}: look for "
            f"{earlier.message_id} in its log; --again sends it once more"
        )
        return Outcome(bundle, "unsure", told)
    changed = _changed(earlier.files, bundle)
    if changed:
        told = f"{', '.join(changed)}, since it was sent at {earlier.at}; --again sends it anew"
        return Outcome(bundle, "changed", told)
    return Outcome(bundle, "already sent", f"at {earlier.at}")


def _changed(sent: Mapping[str, str], bundle: Bundle) -> list[str]:
    """Return the files that are not as they were when they were sent, gone ones too."""
    now: dict[str, str] = {}
    with suppress(OSError):
        now = {part.name: sha256_file(part.source) for part in bundle.parts}
    names = sorted({*sent, *now})
    return [name for name in names if sent.get(name) != now.get(name)]
