"""What takes long and hangs on the data alone, kept in the client's cache under its fingerprint."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from spm_lib.forecast.methods.method import Method
from spm_lib.model import Company
from spm_lib.store import (
    ClientFolder,
    code_hash,
    frame_hash,
    locked,
    prune,
    sha256_json,
    used,
    write_whole,
)

KIND = "backtests"
FORM = 2  # of the files
KEPT_DAYS = 30.0  # what no report has asked for so long is removed
PACKAGE = Path(__file__).resolve().parents[2]
T = TypeVar("T")
U = TypeVar("U")
_HOUSE = "spm_lib."
_COUNTING = ("numpy", "scipy", "polars", "lightgbm", "statsforecast")


def kept(
    company: Company,
    asked: Mapping[str, Any],
    make: Callable[[], T],
    *,
    tell: Callable[[T], Any],
    read: Callable[[Any], U],
) -> T | U:
    """Return what is asked of a company, made once for all that it depends on.

    It is looked for in ``cache/backtests`` of the client's folder, under the fingerprint of the
    company's rows, settings, day and scope, of the library's code, and of what is asked. ``tell``
    gives it as plain JSON, ``read`` takes that back; what cannot be read, or is of something else,
    is made anew. A company without a workspace file keeps nothing.
    """
    settings = company.settings
    if not settings.path.is_file():
        return make()
    key = {"form": FORM, **asked, **depends_on(company)}
    file = ClientFolder.of(settings.path).cached(KIND, key, ".json")
    found = _read(file, read)
    return _made_alone(file, make, tell=tell, read=read) if found is None else found


def depends_on(company: Company) -> dict[str, Any]:
    """Return what decides a company's backtests: rows, settings, day, scope, code and numerics."""
    book, scope = company.book, company.scope
    return {
        "rows": {name: frame_hash(frame) for name, frame in sorted(book.tables.items())},
        "given": {name: sorted(columns) for name, columns in sorted(book.given.items())},
        "known": {name: sorted(columns) for name, columns in sorted(book.known.items())},
        "kept": {name: list(columns) for name, columns in sorted(book.kept.items())},
        "exported_on": book.exported_on.isoformat(),
        "from_log": book.from_log,
        "settings": company.settings.model_dump(mode="json", exclude={"path"}),
        "as_of": company.as_of.isoformat(),
        "scope": [
            None if scope.rep_ids is None else sorted(scope.rep_ids),
            scope.label,
            scope.part and list(scope.part),
        ],
        "code": code_fingerprint(),
        "numerics": {name: _version(name) for name in _COUNTING},
    }


@cache
def code_fingerprint() -> str:
    """Return the fingerprint of the library's code."""
    return code_hash(PACKAGE)


def of_the_house(method: Method) -> bool:
    """Return whether a method is of this library: of another's nobody knows when it changes."""
    return type(method).__module__.startswith(_HOUSE)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _made_alone(
    file: Path,
    make: Callable[[], T],
    *,
    tell: Callable[[T], Any],
    read: Callable[[Any], U],
) -> T | U:
    """Make it and keep it; who comes meanwhile waits for it, and reads it."""
    with ExitStack() as stack:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(file.with_suffix(".lock")))
        found = _read(file, read)
        if found is not None:
            return found
        made = make()
        with suppress(OSError, ValueError):  # a folder of others, a number that is none
            write_whole(file, _text(file, tell(made)))
            prune(file.parent, unused_days=KEPT_DAYS)
        return made


def _text(file: Path, content: Any) -> str:
    told = {"name": file.name, "sha256": sha256_json(content), "content": content}
    return json.dumps(told, ensure_ascii=False, allow_nan=False)


def _read(file: Path, read: Callable[[Any], U]) -> U | None:
    """Return what a file holds; None where it is not there, broken, or of something else."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["name"] != file.name or told["sha256"] != sha256_json(told["content"]):
            return None
        found = read(told["content"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    used(file)
    return found
