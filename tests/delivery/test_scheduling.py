"""The recipes of docs/scheduling.md: taken out of the page, checked, and run where they can be."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from .mail_servers import PASSWORD, USER, Mailbox, login, make_certificate, serving
from .run_on_disk import row

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
MAKE = "spm report funnel --language he"
SEND = "spm deliver reports/acme --pack packs/monthly.toml --send"
NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def cron() -> tuple[dict[str, str], list[str], str]:
    """Return the settings, the five fields and the command of the crontab."""
    [table] = blocks("cron")
    *settings, line = table.splitlines()
    *fields, command = line.split(None, 5)
    return dict(setting.split("=", 1) for setting in settings), fields, command


def units() -> dict[str, str]:
    service, timer = blocks("ini")
    return {"spm-acme.service": service, "spm-acme.timer": timer}


def started() -> list[str]:
    """Return the commands of the service."""
    found = re.findall(r"^ExecStart=/opt/spm/bin/(.*)$", units()["spm-acme.service"], re.MULTILINE)
    return list(found)


def task() -> ElementTree.Element:
    [text] = blocks("xml")
    return ElementTree.fromstring(text)


def commands(text: str) -> list[str]:
    """Return the calls of ``spm`` within a line of shell."""
    return [found.strip() for found in re.findall(r"\bspm (?:report|deliver)[^&;)>}]*", text)]


def test_all_recipes_run_the_same_line() -> None:
    [first] = blocks("sh")
    assert commands(first) == [MAKE, SEND]
    assert commands(cron()[2]) == [MAKE, SEND]
    assert started() == [MAKE, SEND]
    arguments = task().findtext(f".//{NAMESPACE}Arguments") or ""
    assert commands(arguments) == [MAKE, SEND]
    [cell] = blocks("python")
    assert re.findall(r'"(spm .*)"', cell) == [MAKE, SEND]


def test_the_crontab_is_one() -> None:
    settings, fields, command = cron()
    assert set(settings) == {"SHELL", "PATH", "MAILTO"}
    for field, (name, low, high) in zip(fields, FIELDS, strict=True):
        for part in field.split(","):
            match = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?", part)
            assert match, f"{name}: {part}"
            assert all(low <= int(n) <= high for n in match.groups()[:2] if n)
    assert "%" not in command
    assert subprocess.run(["/bin/sh", "-n", "-c", command], check=False).returncode == 0


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.slow
def test_the_units_pass_systemd_itself(tmp_path) -> None:
    def verify(service: str) -> subprocess.CompletedProcess[str]:
        for name, text in {**units(), "spm-acme.service": service}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        names = [str(tmp_path / name) for name in units()]
        line = ["systemd-analyze", "verify", "--man=no", *names]
        return subprocess.run(line, capture_output=True, text=True, check=False)

    there = units()["spm-acme.service"].replace("/opt/spm/bin/spm", "/bin/true")
    done = verify(there)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Restrat" in verify(there + "Restrat=no\n").stderr  # it would have told a slip


def test_the_windows_task_has_what_the_schema_asks_for() -> None:
    root = task()
    assert root.tag == f"{NAMESPACE}Task"
    assert root.get("version") == "1.2"

    def names(path: str) -> list[str]:
        found = root.find("/".join(NAMESPACE + part for part in path.split("/")))
        assert found is not None, path
        return [child.tag.removeprefix(NAMESPACE) for child in found]

    def value(name: str) -> str:
        return root.findtext(f".//{NAMESPACE}{name}") or ""

    tops = [child.tag.removeprefix(NAMESPACE) for child in root]
    assert tops == ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]
    # A trigger's own elements come after those of every trigger.
    assert names("Triggers/CalendarTrigger") == ["StartBoundary", "ScheduleByMonth"]
    assert names("Triggers/CalendarTrigger/ScheduleByMonth") == ["DaysOfMonth", "Months"]
    assert len(names("Triggers/CalendarTrigger/ScheduleByMonth/Months")) == 12
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value("StartBoundary"))
    assert value("LogonType") in {"S4U", "Password", "InteractiveToken", "Group"}
    assert value("RunLevel") in {"LeastPrivilege", "HighestAvailable"}
    assert value("MultipleInstancesPolicy") in {"Parallel", "Queue", "IgnoreNew", "StopExisting"}
    assert re.fullmatch(r"P(T\d+[HMS])", value("ExecutionTimeLimit"))
    assert names("Actions/Exec") == ["Command", "Arguments", "WorkingDirectory"]
    principal = root.find(f".//{NAMESPACE}Principal")
    actions = root.find(f"{NAMESPACE}Actions")
    assert principal is not None
    assert actions is not None
    assert actions.get("Context") == principal.get("id")


class Client:
    """A simulated client, and the bare environment of a scheduler."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.folder = home, home / "clients" / "acme"
        self._bin()
        line = ["simulate", "tiny", "--seed", "3", "--folder", str(self.folder)]
        self.run([str(home / "bin" / "spm"), *line], check=True)
        settings = self.folder / "spm.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(re.sub(r'(?m)^id = ".*"', 'id = "acme"', text), encoding="utf-8")
        (self.folder / "packs").mkdir()
        (self.folder / "packs" / "monthly.toml").write_text(
            row("company", "boss@example.com") + f'[mail]\nhost = "127.0.0.1"\nport = {port}\n'
            f'ca_file = "ca.pem"\nsender = "r@example.com"\nuser = "{USER}"\n'
            'password = "${SMTP_PASSWORD}"\nretry_seconds = []\n',
            encoding="utf-8",
        )
        (self.folder / "logs").mkdir()
        (home / ".spm").mkdir()
        self.secret(PASSWORD)

    def _bin(self) -> None:
        place = self.home / "bin"
        place.mkdir()
        call = "from spm_lib.cli import main; main()"
        text = f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -c "{call}" "$@"\n'
        (place / "spm").write_text(text, encoding="utf-8")
        (place / "spm").chmod(0o755)

    def secret(self, password: str) -> None:
        path = self.home / ".spm" / "acme.env"
        path.write_text(f"SMTP_PASSWORD={password}\n", encoding="utf-8")

    def run(self, line: list[str], *, check: bool = False, **more: str):
        """Run a line with nothing in the environment but what cron gives."""
        path = cron()[0]["PATH"].replace("/opt/spm/bin", str(self.home / "bin"))
        env = {"HOME": str(self.home), "PATH": path, "SHELL": "/bin/sh", "LOGNAME": "spm", **more}
        cwd = self.folder if self.folder.is_dir() else self.home
        return subprocess.run(
            line, env=env, cwd=cwd, capture_output=True, text=True, check=check, encoding="utf-8"
        )

    def cron(self, make: str = MAKE):
        command = cron()[2].replace("/srv/clients/acme", str(self.folder))
        return self.run(["/bin/sh", "-c", command.replace(MAKE, make)])

    @property
    def log(self) -> str:
        return (self.folder / "logs" / "spm.log").read_text(encoding="utf-8")


@pytest.mark.proof
@pytest.mark.slow
def test_the_recipes_make_and_send_reports_on_a_simulated_company(tmp_path) -> None:
    """Cron in full; then, the report being there, how the others start the delivery."""
    pem, context = make_certificate(tmp_path)
    options = {"tls_context": context, "require_starttls": True, "authenticator": login}
    with serving(Mailbox(), auth_required=True, **options) as box:
        client = Client(tmp_path, box.port)
        pem.rename(client.folder / "packs" / "ca.pem")
        client.secret("wrong-password")
        done = client.cron()
        assert done.returncode == 1
        assert done.stdout == "Reports of acme: exit status 1, see logs/spm.log\n"
        assert "refuses the user or the password" in client.log
        assert "wrong-password" not in client.log
        assert not box.taken

        client.secret(PASSWORD)
        done = client.cron(make="true")  # the report is there
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        [letter] = box.taken
        assert letter["To"] == "boss@example.com"
        [page] = [a.get_payload(decode=True) for a in letter.iter_attachments()]
        sent = next((client.folder / "reports").rglob("he/report.html"))
        assert page == sent.read_bytes()
        assert "boss@example.com: sent" in client.log

        [_, deliver] = started()
        done = client.run(shlex.split(deliver), SMTP_PASSWORD=PASSWORD)
        assert done.returncode == 0, done.stderr
        assert "already sent" in done.stdout

        [cell] = blocks("python")
        cell = cell.replace("/srv/clients/acme", str(client.folder)).replace(f'"{MAKE}",', "")
        done = client.run([sys.executable, "-c", cell], SMTP_PASSWORD=PASSWORD)
        assert done.returncode == 0, done.stderr
        assert "already sent" in done.stdout
        done = client.run([sys.executable, "-c", cell.replace("monthly", "none")])
        assert done.returncode != 0
    assert len(box.taken) == 1
    for path in client.folder.rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes()
