"""The lock, environment.yml and pyproject.toml say the same; none of them names a host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def direct_requirements() -> list[str]:
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    return [re.split(r"[<>=!~]", line)[0].strip() for line in lines if line and line[0] != "#"]


LOCKS = ("requirements-lock.txt", "requirements-engines.txt")  # the latter: for tests only


def locked_versions(lock: str = LOCKS[0]) -> dict[str, str]:
    """Name -> version as locked for Python 3.11."""
    versions: dict[str, str] = {}
    text = (ROOT / lock).read_text(encoding="utf-8")
    for name, version, rest in re.findall(r"^([a-z0-9._-]+)==(\S+)([^\\\n]*)", text, re.MULTILINE):
        if "python_full_version >= '3.12'" not in rest:
            versions.setdefault(name, version)
    return versions


def environment_text() -> str:
    versions = locked_versions()
    pins = "".join(f"      - {name}=={versions[name]}\n" for name in direct_requirements())
    return (
        "# Made from requirements.in and requirements-lock.txt (`pytest tests/house --golden`).\n"
        "name: spm\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - pip\n"
        f"  - pip:\n{pins}      - --editable .\n"
    )


def test_environment_yml_is_the_lock(golden) -> None:
    golden.check(ROOT / "environment.yml", environment_text())


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_host_and_leaves_out_the_slow_parsers(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    assert not re.search(r"^(rfc3987-syntax|lark)==", text, re.MULTILINE)


def test_the_engines_take_nothing_from_the_rest() -> None:
    """What both locks have is of one version: one may be installed over the other."""
    ours, engines = map(locked_versions, LOCKS)
    assert {n: v for n, v in engines.items() if ours.get(n, v) != v} == {}
    assert {"pyspark", "ibis-framework", "psycopg"} <= set(engines)


UNLOCKED = {"statsforecast"}  # asks for pandas below 3; its tests say when they do not run


def test_what_the_package_needs_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [part for parts in project["optional-dependencies"].values() for part in parts]
    needed = {re.split(r"[<>=\[]", part)[0] for part in [*project["dependencies"], *extras]}
    engines = set(locked_versions(LOCKS[1])) - set(locked_versions())
    assert needed - UNLOCKED <= set(locked_versions()) | engines
    assert needed - UNLOCKED <= set(direct_requirements()) | engines
    assert not UNLOCKED & set(locked_versions()), "locked by now: take it off the list"
