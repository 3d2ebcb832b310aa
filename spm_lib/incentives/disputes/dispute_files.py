"""The disputes of a plan in a client's folder, and the adjustments that come of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

from spm_lib.core.errors import PayError
from spm_lib.core.money import from_minor, to_minor
from spm_lib.incentives.disputes.dispute import CODES, Dispute, Status
from spm_lib.incentives.disputes.reading import read_claims
from spm_lib.store import ClientFolder, locked, write_whole

_MONEY = ("actual", "expected")
_ADJUSTED = (
    "adjustment_id",
    "rep_id",
    "date",
    "amount",
    "kind",
    "reason",
    "approver",
    "transaction_id",
)


class DisputeFiles:
    """The disputes of a plan: ``plans/<plan>.disputes.csv``, written whole each time.

    An accepted dispute adds a row to ``plans/<plan>.adjustments.csv``, which the next calculation
    pays; nothing that was paid is changed.
    """

    def __init__(self, client: ClientFolder, plan: str, *, currency: str) -> None:
        self.client, self.plan, self.currency = client, plan, currency
        self.file = client.plans / f"{plan}.disputes.csv"
        self.adjustments = client.plans / f"{plan}.adjustments.csv"

    def all(self) -> list[Dispute]:
        """Return the disputes, the oldest first."""
        return [self._read(row) for row in _rows(self.file)]

    def take_in(self, file: Path, *, on: date, reps: Collection[str]) -> list[Dispute]:
        """Add the disputes of a file, opened on a day, and return them.

        Raises
        ------
        PayError
            If the file has a fault, or one of them is there already and undecided or accepted.
        """
        claims = read_claims(file, currency=self.currency, reps=reps)
        with self._alone():
            known = self.all()
            made = [
                Dispute(dispute_id=f"D{len(known) + n}", opened_on=on, **vars(claim))
                for n, claim in enumerate(claims, start=1)
            ]
            self._check_new(known, made)
            self._write([*known, *made])
        return made

    def answer(
        self, dispute_id: str, status: Status, *, by: str, on: date, answer: str = ""
    ) -> Dispute:
        """Take a dispute a step on: in review, more information, rejected, closed.

        Raises
        ------
        PayError
            If there is no such dispute, the step may not follow, or a rejection has no reason.
        """
        if status == "accepted":
            raise PayError("Accepting makes an adjustment.", do="Call accept, with a reason code")
        if status == "rejected" and not answer.strip():
            raise PayError("A rejection needs a reason.", do="Say why")
        with self._alone():
            return self._decided(dispute_id, status, by=by, on=on, answer=answer)

    def accept(
        self,
        dispute_id: str,
        *,
        by: str,
        on: date,
        code: str,
        amount: int | None = None,
        answer: str = "",
    ) -> Dispute:
        """Accept a dispute, and write the adjustment that pays it.

        Parameters
        ----------
        by
            The approver.
        on
            Day of the adjustment: the pay period it falls into pays it.
        code
            Reason code: crediting, rate, quota, data, other.
        amount
            Of the adjustment in minor units; null: expected less actual.

        Raises
        ------
        PayError
            If there is no such dispute, it is decided, the code is unknown, or no amount is known.
        """
        if code not in CODES:
            do = f"One of: {', '.join(CODES)}"
            raise PayError("There is no such reason code.", found=code, do=do)
        with self._alone():
            dispute = self._named(dispute_id)
            dispute.check_next("accepted", on)
            due = dispute.difference if amount is None else amount
            if due is None:
                found = f"{dispute_id} does not say what was paid"
                raise PayError("The amount is not known.", found=found, do="Give the amount")
            told = f"{code}, {dispute_id}: {dispute.reason}"
            made = {"code": code, "adjustment_id": f"dispute-{dispute_id}"}
            self._adjust(dispute, made["adjustment_id"], due, told, by=by, on=on)
            return self._decided(dispute_id, "accepted", by=by, on=on, answer=answer, **made)

    def _adjust(
        self, dispute: Dispute, name: str, due: int, told: str, *, by: str, on: date
    ) -> None:
        row = {
            "adjustment_id": name,
            "rep_id": dispute.rep_id,
            "date": on.isoformat(),
            "amount": str(from_minor(due, self.currency)),
            "kind": "dispute",
            "reason": told,
            "approver": by,
            "transaction_id": dispute.transaction_id or "",
        }
        rows = [r for r in _rows(self.adjustments) if r["adjustment_id"] != name]
        write_whole(self.adjustments, _text(_ADJUSTED, [*rows, row]))

    def _decided(self, dispute_id: str, status: Status, *, on: date, **told: object) -> Dispute:
        dispute = self._named(dispute_id)
        dispute.check_next(status, on)
        answer = told.pop("answer", "") or dispute.answer
        decided = on if status in ("accepted", "rejected") else dispute.decided_on
        changed = {**told, "status": status, "decided_on": decided, "answer": answer}
        made = dispute.model_copy(update=changed)
        self._write([made if d.dispute_id == dispute_id else d for d in self.all()])
        return made

    def _named(self, dispute_id: str) -> Dispute:
        known = {dispute.dispute_id: dispute for dispute in self.all()}
        if dispute_id not in known:
            do = f"One of: {', '.join(known) or 'none'}"
            raise PayError("There is no such dispute.", found=dispute_id, do=do)
        return known[dispute_id]

    def _check_new(self, known: Iterable[Dispute], made: Iterable[Dispute]) -> None:
        there = {_key(d): d.dispute_id for d in known if d.status not in ("rejected", "closed")}
        twice = [there[_key(d)] for d in made if _key(d) in there]
        if twice:
            do = "Leave it out of the file"
            raise PayError("A dispute is there already.", found=", ".join(twice), do=do)

    def _alone(self) -> AbstractContextManager[None]:
        self.client.plans.mkdir(parents=True, exist_ok=True)
        return locked(self.client.plans / f".{self.plan}.disputes.lock")

    def _read(self, row: Mapping[str, str]) -> Dispute:
        told: dict[str, object] = {key: value for key, value in row.items() if value}
        money = {key: to_minor(row[key], self.currency) for key in _MONEY if row[key]}
        return Dispute.model_validate({**told, **money})

    def _write(self, disputes: Iterable[Dispute]) -> None:
        rows = [dispute.model_dump(mode="json") for dispute in disputes]
        for row in rows:
            for key in _MONEY:
                if row[key] is not None:
                    row[key] = str(from_minor(row[key], self.currency))
        write_whole(self.file, _text(tuple(Dispute.model_fields), rows))


def _key(dispute: Dispute) -> tuple[str, str, str | None, int]:
    return dispute.rep_id, dispute.period, dispute.transaction_id, dispute.expected


def _rows(file: Path) -> list[dict[str, str]]:
    if not file.is_file():
        return []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Return rows as CSV with these columns; what is null or missing is empty."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in rows)
    return sink.getvalue()
