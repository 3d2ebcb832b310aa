"""The last look over a report's folder: the secrets of the client's connections, in any file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from spm_lib.core.errors import ReportError
from spm_lib.reports.runs.secrets import check_folder, known_secrets
from spm_lib.workspace import settings_from_text

HEAD = """version = 1
[workspace]
id = "a"
name = "A"
currency = "USD"
[raw.deals]
connection = "crm"
query = "select 1"
[tables.orders]
from = "deals"
columns = { order_id = "id", rep_id = "r", amount = "a", date = "d" }
[connections.crm]
url = "{url}"
"""


def settings(url: str):
    return settings_from_text(HEAD.replace("{url}", url))


def test_a_whole_address_its_password_and_its_keys_are_known() -> None:
    env = {"CRM_URL": "postgresql://ann:h%2Fnter2x@db.test/crm?sslkey=1&token=t0k3n-value"}
    known = known_secrets(settings("${CRM_URL}"), environment=env)
    assert known == {env["CRM_URL"], "h%2Fnter2x", "h/nter2x", "t0k3n-value"}


def test_parts_of_an_address_are_known_and_plain_words_are_not() -> None:
    env = {
        "CRM_USER": "reporting",
        "CRM_PASSWORD": "correcthorse",
        "CRM_HOST": "localhost",
        "CRM_OTHER": "db.internal.test",
        "SMTP_PASSWORD": "another-1",
        "MONKEY": "not-a-secret-name",
        "PWD": "/home/ann/clients",
        "OLDPWD": "/home/ann",
        "API_KEY": "short",
    }
    url = "postgresql://${CRM_USER}:${CRM_PASSWORD}@${CRM_HOST}/${CRM_OTHER}"
    known = known_secrets(settings(url), environment=env)
    filled = "postgresql://reporting:correcthorse@localhost/db.internal.test"
    assert known == {"correcthorse", filled, "db.internal.test", "another-1"}


def test_an_address_without_secrets_keeps_nothing_back() -> None:
    env = {"CRM_FILE": "data"}
    assert known_secrets(settings("sqlite:///${CRM_FILE}"), environment=env) == set()


def test_a_folder_with_secrets_is_refused_by_file_and_kind(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CRM_URL", "postgresql://ann:h-nter2x@db.test/crm")
    client = settings("${CRM_URL}")
    report = tmp_path / "funnel" / "all" / "en"
    report.mkdir(parents=True)
    (report / "report.html").write_text("<p>fine</p>", encoding="utf-8")
    check_folder(tmp_path, client)
    (report / "report.ipynb").write_text('{"text": "h-nter2x"}', encoding="utf-8")
    with zipfile.ZipFile(report / "report.xlsx", "w") as book:
        book.writestr("docProps/core.xml", "ghp_" + "a1B2" * 9)
    (report / "h-nter2x.txt").write_text("", encoding="utf-8")
    with pytest.raises(ReportError) as refused:
        check_folder(tmp_path, client)
    told = str(refused.value)
    assert "funnel/all/en/report.ipynb: a value of the environment" in told
    assert "funnel/all/en/report.xlsx: a GitHub token in docProps/core.xml" in told
    assert "the name of a file is or holds a secret" in told
    for secret in ("h-nter2x", "ghp_", "report.html"):
        assert secret not in told
    check_folder(tmp_path, client, files=[report / "report.html"])
