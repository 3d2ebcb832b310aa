"""Letters over real SMTP on this machine: nobody twice, no failure that stops the others."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spm_lib.core import DeliveryError
from spm_lib.delivery import (
    DeliveryPlan,
    load_delivery_pack,
    outlook,
    plan_delivery,
    read_run,
    send_bundles,
)
from spm_lib.delivery.delivery_record import only_one
from spm_lib.delivery.post import Post

from .mail_servers import (
    PASSWORD,
    USER,
    Mailbox,
    cutting,
    free_port,
    login,
    make_certificate,
    serving,
)
from .run_on_disk import AS_OF, canary, row, write_item, write_pack, write_run

pytestmark = pytest.mark.slow
NOA, DAN, RUTH = "noa@example.com", "dan@example.com", "ruth@example.com"
ROWS = row("rep:r7", NOA) + row("rep:r8", DAN) + row("manager:m1", RUTH)


class Delivery:
    """A run and a pack that can be delivered again and again."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, home / "reports" / "acme" / AS_OF
        self.items = [write_item(self.folder, s) for s in ("rep:r7", "rep:r8", "manager:m1")]
        write_run(self.folder, self.items)
        self.waits: list[float] = []

    def plan(self, port: int, more: str = "", rows: str = ROWS) -> DeliveryPlan:
        security = "" if "security" in more else 'security = "none"\n'
        mail = f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "r@example.com"\n{security}'
        pack = write_pack(self.home / "packs" / "monthly.toml", f"{rows}\n{mail}{more}")
        return plan_delivery(read_run(self.folder), load_delivery_pack(pack), by_mail=True)

    def states(self, port: int, more: str = "", *, again: bool = False) -> list[str]:
        """Deliver, and return what became of dan, noa and ruth."""
        plan = self.plan(port, more)
        done = send_bundles(plan, again=again, wait=self.waits.append)
        self.details = [outcome.detail for outcome in done]
        return [outcome.state for outcome in done]

    @property
    def record(self) -> dict:
        """Address -> what ``delivery.json`` says of it."""
        path = self.folder / "delivery.json"
        if not path.is_file():
            return {}
        letters = json.loads(path.read_text(encoding="utf-8"))["letters"]
        return {letter["address"]: letter for letter in letters}


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery(tmp_path)


def test_each_gets_its_own_and_nobody_gets_it_twice(delivery) -> None:
    with serving(Mailbox()) as box:
        assert [o.state for o in outlook(delivery.plan(box.port))] == ["to be sent"] * 3
        assert not box.taken
        assert not delivery.record
        assert delivery.states(box.port) == ["sent"] * 3
        assert delivery.states(box.port) == ["already sent"] * 3
        assert delivery.states(box.port, again=True) == ["already sent"] * 3
    assert box.envelopes == [("r@example.com", [address]) for address in (DAN, NOA, RUTH)]
    assert len(box.sessions) == 1
    for address, scope in ((NOA, "rep:r7"), (DAN, "rep:r8"), (RUTH, "manager:m1")):
        [letter] = box.to(address)
        files = [a.get_payload(decode=True) for a in letter.iter_attachments()]
        assert len(files) == 3
        assert all(canary(scope).encode() in f and f.count(b"CANARY") == 1 for f in files)
        assert delivery.record[address]["message_id"] == letter["Message-ID"]
        assert delivery.record[address]["status"] == "sent"
        assert delivery.record[address]["answer"] == "250 taken"
        assert len(delivery.record[address]["files"]) == 3


def test_a_changed_file_is_told_and_sent_only_if_asked(delivery) -> None:
    with serving(Mailbox()) as box:
        delivery.states(box.port)
        (delivery.folder / delivery.items[0]["folder"] / "report.pdf").write_text("corrected")
        assert delivery.states(box.port) == ["already sent", "changed", "already sent"]
        assert "funnel נועה-כהן 2026-09-30.pdf, since" in delivery.details[1]
        assert len(box.taken) == 3
        assert delivery.states(box.port, again=True) == ["already sent", "sent", "already sent"]
        assert delivery.states(box.port) == ["already sent"] * 3
    first, second = box.to(NOA)
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize("at_rcpt", [True, False], ids=["at the address", "after the letter"])
def test_a_refusal_stops_nobody_else_and_is_tried_anew_next_time(delivery, at_rcpt) -> None:
    box = Mailbox(lambda address, _: "550 5.1.1 no such user" if address == NOA else None, at_rcpt)
    with serving(box):
        assert delivery.states(box.port) == ["sent", "failed", "sent"]
        assert delivery.details[1] == "550 5.1.1 no such user"
        assert box.attempts[NOA] == 1
        assert delivery.waits == []
        assert set(delivery.record) == {DAN, RUTH}
        box.answer = lambda _address, _attempt: None
        assert delivery.states(box.port) == ["already sent", "sent", "already sent"]
    assert len(box.taken) == 3


@pytest.mark.parametrize("at_rcpt", [True, False], ids=["at the address", "after the letter"])
def test_what_is_put_off_is_tried_again_after_the_others(delivery, at_rcpt) -> None:
    later = "451 4.7.1 greylisted, try again later"
    box = Mailbox(lambda address, n: later if address == NOA and n < 3 else None, at_rcpt)
    with serving(box):
        assert delivery.states(box.port, "retry_seconds = [30, 120]") == ["sent"] * 3
    assert delivery.waits == [30, 120]
    assert [rcpt for _, [rcpt] in box.envelopes] == [DAN, RUTH, NOA]
    box = Mailbox(lambda address, _: later if address == NOA else None, at_rcpt)
    with serving(box):
        (delivery.folder / "delivery.json").unlink()
        assert delivery.states(box.port, "retry_seconds = [1]") == ["sent", "failed", "sent"]
    assert delivery.details[1] == later
    assert box.attempts[NOA] == 2
    assert NOA not in delivery.record


def test_a_server_that_says_good_bye_between_letters_is_called_again(delivery) -> None:
    box = Mailbox(
        lambda address, n: "421 4.3.2 enough for now" if n == 1 and address == NOA else None
    )
    with serving(box):
        assert delivery.states(box.port) == ["sent"] * 3
    assert delivery.waits == []
    assert len(box.sessions) == 2


def test_starttls_with_a_certificate_of_our_own_and_a_password(delivery, monkeypatch) -> None:
    pem, context = make_certificate(delivery.home)
    (delivery.home / "packs").mkdir()
    pem.rename(delivery.home / "packs" / "ca.pem")
    tls = 'security = "starttls"\n'
    account = f'user = "{USER}"\npassword = "${{SMTP_PASSWORD}}"\n'
    options = {"tls_context": context, "require_starttls": True, "authenticator": login}
    with serving(Mailbox(), auth_required=True, **options) as box:
        with pytest.raises(DeliveryError, match="certificate is not trusted"):
            delivery.states(box.port, tls)
        tls += 'ca_file = "ca.pem"\n'
        monkeypatch.delenv("SMTP_PASSWORD", raising=False)
        with pytest.raises(DeliveryError, match="SMTP_PASSWORD is not set"):
            delivery.states(box.port, tls + account)
        monkeypatch.setenv("SMTP_PASSWORD", "wrong-password")
        with pytest.raises(DeliveryError, match="refuses the user or the password") as caught:
            delivery.states(box.port, tls + account)
        assert "wrong-password" not in str(caught.value)
        assert not box.taken
        monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
        assert delivery.states(box.port, tls + account) == ["sent"] * 3
    assert len(box.taken) == 3
    for path in delivery.home.rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes()


def test_tls_from_the_first_byte(delivery) -> None:
    _, context = make_certificate(delivery.home)
    (delivery.home / "packs").mkdir()
    (delivery.home / "ca.pem").rename(delivery.home / "packs" / "ca.pem")
    with serving(Mailbox(), ssl_context=context) as box:
        more = 'security = "tls"\nca_file = "ca.pem"\n'
        assert delivery.states(box.port, more) == ["sent"] * 3
    assert len(box.taken) == 3


def test_a_server_without_starttls_gets_nothing_readable(delivery) -> None:
    asked = pytest.raises(DeliveryError, match="does not offer what is asked")
    with serving(Mailbox()) as box, asked:
        delivery.states(box.port, 'security = "starttls"\n')
    assert not box.sessions


def test_a_server_that_is_not_there_is_asked_once_a_round(delivery, monkeypatch) -> None:
    calls = []
    opened = Post._opened
    monkeypatch.setattr(Post, "_opened", lambda self: (calls.append(1), opened(self))[1])
    assert delivery.states(free_port(), "retry_seconds = [5]") == ["failed"] * 3
    assert len(calls) == 2
    assert delivery.waits == [5]
    assert all("cannot be reached" in detail for detail in delivery.details)


def test_cut_within_a_letter_it_is_sent_later_and_once(delivery) -> None:
    with cutting(after="body") as (port, seen):
        states = delivery.states(port, "retry_seconds = [1]")
    # The letter's end may have left this machine before the cut was seen: then nobody can know.
    assert set(states) <= {"failed", "unsure"}
    assert all(b"\r\n.\r\n" not in part for part in seen)
    unsure = {a for a, letter in delivery.record.items() if letter["status"] == "sending"}
    assert len(unsure) == states.count("unsure")
    with serving(Mailbox()) as box:
        delivery.states(box.port)
        assert {letter["To"] for letter in box.taken} == {NOA, DAN, RUTH} - unsure
        assert delivery.states(box.port, again=True).count("sent") == len(unsure)
    assert sorted(letter["To"] for letter in box.taken) == [DAN, NOA, RUTH]


def test_a_large_letter_cut_within_is_known_not_to_have_arrived(delivery) -> None:
    for item in delivery.items:
        path = delivery.folder / item["folder"] / "report.pdf"
        path.write_bytes(bytes(8_000_000))
    with cutting(after="body") as (port, _):
        assert delivery.states(port, "retry_seconds = []") == ["failed"] * 3
    assert delivery.record == {}


def test_no_answer_after_the_end_is_never_sent_again_by_itself(delivery) -> None:
    with cutting(after="end") as (port, seen):
        assert delivery.states(port, "retry_seconds = [1, 1]") == ["unsure"] * 3
    assert len(seen) == 3
    assert delivery.waits == []
    with serving(Mailbox()) as box:
        assert delivery.states(box.port) == ["unsure"] * 3
        assert not box.taken
        assert delivery.record[NOA]["message_id"] in " ".join(delivery.details)
        assert delivery.states(box.port, again=True) == ["sent"] * 3
    # A mail system that took the first one can tell the second by its id.
    for part in seen:
        [line] = [ln for ln in part.split(b"\r\n") if ln.startswith(b"Message-ID:")]
        assert line.split()[-1].decode() in {letter["Message-ID"] for letter in box.taken}


def test_killed_in_the_middle_it_goes_on_where_it_stopped(delivery) -> None:
    """A process that is gone leaves only what is on disk: after one letter, before the next."""

    class KilledError(BaseException):
        pass

    def kill(outcome) -> None:
        raise KilledError

    with serving(Mailbox()) as box:
        with pytest.raises(KilledError):
            send_bundles(delivery.plan(box.port), tell=kill)
        assert [letter["To"] for letter in box.taken] == [DAN]
        assert delivery.states(box.port) == ["already sent", "sent", "sent"]
    assert sorted(letter["To"] for letter in box.taken) == [DAN, NOA, RUTH]


def test_killed_at_the_end_of_a_letter_it_is_unsure(delivery, monkeypatch) -> None:
    class KilledError(BaseException):
        pass

    def killed(self, reply, wanted):
        if reply[1] == b"taken":
            raise KilledError
        return expect(self, reply, wanted)

    expect = Post._expect
    monkeypatch.setattr(Post, "_expect", killed)
    with serving(Mailbox()) as box:
        with pytest.raises(KilledError):
            send_bundles(delivery.plan(box.port))
        monkeypatch.undo()
        assert delivery.states(box.port) == ["unsure", "sent", "sent"]
    assert sorted(letter["To"] for letter in box.taken) == [DAN, NOA, RUTH]


def test_killed_for_good_again_and_again_nobody_is_missed_and_nobody_gets_it_twice(
    delivery, tmp_path
) -> None:
    """kill -9 on the command itself, whatever it is doing; then once to the end."""
    everybody = [f"p{n:02}@example.com" for n in range(24)]
    for n in range(24):
        delivery.items.append(write_item(delivery.folder, f"rep:p{n:02}"))
    write_run(delivery.folder, delivery.items)
    rows = "".join(row(f"rep:p{n:02}", address) for n, address in enumerate(everybody))
    call = [sys.executable, "-c", "from spm_lib.cli import main; main()", "deliver"]
    pack = tmp_path / "packs" / "monthly.toml"
    line = [*call, str(delivery.folder), "--pack", str(pack), "--send"]
    with serving(Mailbox(pause=0.02)) as box:
        delivery.plan(box.port, rows=rows)
        for goal in (1, 7, 15):
            process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while len(box.taken) < goal and process.poll() is None:
                time.sleep(0.002)
            process.kill()
            process.wait()
            assert len(box.taken) < 24
        done = subprocess.run(line, capture_output=True, text=True, check=False)
    received = [letter["To"] for letter in box.taken]
    assert len(received) == len(set(received))
    unsure = {a for a, letter in delivery.record.items() if letter["status"] == "sending"}
    assert len(unsure) <= 3
    assert set(received) | unsure == set(everybody)
    assert done.returncode == (1 if unsure else 0), done.stderr
    assert all(address in done.stderr for address in unsure)


def test_a_line_with_a_dot_alone_does_not_end_the_letter(delivery) -> None:
    text = "one\n.\n..two\n.three\n"
    more = f"[mail.he]\nbody = {json.dumps(text)}"
    with serving(Mailbox()) as box:
        assert delivery.states(box.port, more) == ["sent"] * 3
    for letter in box.taken:
        body = letter.get_body(("plain",))
        assert body is not None
        assert body["Content-Transfer-Encoding"] == "7bit"  # nothing but the dots protects them
        assert body.get_content().replace("\r\n", "\n") == text
        assert len(list(letter.iter_attachments())) == 3


def test_two_deliveries_at_once_are_refused(delivery) -> None:
    with serving(Mailbox()) as box:
        with only_one(delivery.folder), pytest.raises(DeliveryError, match="under way"):
            delivery.states(box.port)
        assert delivery.states(box.port) == ["sent"] * 3


def test_a_record_that_cannot_be_read_is_not_taken_for_an_empty_one(delivery) -> None:
    (delivery.folder / "delivery.json").write_text('{"version": 1, "letters": [{', "utf-8")
    with serving(Mailbox()) as box:
        with pytest.raises(DeliveryError, match="nothing is sent"):
            delivery.states(box.port)
        assert not box.taken


def test_who_is_in_doubt_or_too_large_is_held_back_and_the_others_are_sent(delivery) -> None:
    (delivery.folder / delivery.items[2]["folder"] / "report.pdf").write_bytes(bytes(900_000))
    delivery.items.append(write_item(delivery.folder, "company"))
    write_run(delivery.folder, delivery.items)
    rows = ROWS + row("company", NOA) + row("rep:r9", "gal@example.com")
    with serving(Mailbox()) as box:
        plan = delivery.plan(box.port, "max_mb = 1", rows)
        assert [o.state for o in send_bundles(plan)] == ["sent"]
    assert [letter["To"] for letter in box.taken] == [DAN]
    told = {recipient.address: why for recipient, why in plan.held.items()}
    assert set(told) == {NOA, RUTH, "gal@example.com"}
    assert "whole company" in told[NOA]
    assert "too large" in told[RUTH]
    assert "rep:r9" in told["gal@example.com"]
