"""A finished backtest, kept in the client's cache: the next report reads it, not makes it anew."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from spm_lib.forecast.methods.method import Method
from spm_lib.forecast.track_record.backtest import (
    CHAMPIONS,
    Backtest,
    Past,
    lacks_today,
    run_backtest,
)
from spm_lib.forecast.track_record.reliability import RELIABILITY
from spm_lib.forecast.track_record.scoring import SCORES
from spm_lib.forecast.track_record.shock import PastError
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
FORM = 1  # of the file
KEPT_DAYS = 30.0  # a backtest that no report has asked for so long is removed
PACKAGE = Path(__file__).resolve().parents[2]
_HOUSE = "spm_lib."
_COUNTING = ("numpy", "scipy", "polars", "lightgbm", "statsforecast")
_FRAMES = {"scores": SCORES, "champions": CHAMPIONS, "reliability": RELIABILITY}


def kept_backtest(
    company: Company,
    past: Past,
    *,
    grain: str,
    methods: Sequence[Method],
    origins: int,
    draws: int = 500,
    seed: int = 1,
) -> Backtest:
    """Return the backtest of ``run_backtest``, made once for all that it depends on.

    It is looked for in ``cache/backtests`` of the client's folder, under the fingerprint of the
    company's rows, settings, day and scope, of the library's code, and of what is asked. What
    cannot be read, or is of something else, is made anew. A company without a workspace file, and
    methods from outside this library, are never kept.
    """
    asked = {"grain": grain, "origins": origins, "draws": draws, "seed": seed}

    def make() -> Backtest:
        return run_backtest(
            company,
            grain=grain,
            methods=methods,
            origins=origins,
            draws=draws,
            seed=seed,
            past=past,
        )

    settings = company.settings
    if not settings.path.is_file() or not all(_of_the_house(method) for method in methods):
        return make()
    key = {"form": FORM, **asked, "methods": [m.id for m in methods], **depends_on(company)}
    file = ClientFolder.of(settings.path).cached(KIND, key, ".json")
    found = _read(file) or _made_alone(file, make)
    if isinstance(found, Backtest):
        return found
    lacks = lacks_today(company, past, methods=methods, grain=grain)
    return Backtest(grain=grain, methods=tuple(methods), lacks=lacks, **found)


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


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _of_the_house(method: Method) -> bool:
    return type(method).__module__.startswith(_HOUSE)


def _made_alone(file: Path, make: Callable[[], Backtest]) -> Backtest | dict[str, Any]:
    """Make the backtest and keep it; who comes meanwhile waits for it, and reads it."""
    with ExitStack() as stack:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(file.with_suffix(".lock")))
        found = _read(file)
        if found is not None:
            return found
        made = make()
        with suppress(OSError, ValueError):  # a folder of others, a number that is none
            write_whole(file, _told(file, made))
            prune(file.parent, unused_days=KEPT_DAYS)
        return made


def _told(file: Path, made: Backtest) -> str:
    content = {
        **{name: getattr(made, name).to_dict(as_series=False) for name in _FRAMES},
        "errors": {name: [_plain(error) for error in past] for name, past in made.errors.items()},
    }
    told = {"name": file.name, "sha256": sha256_json(content), "content": content}
    return json.dumps(told, ensure_ascii=False, allow_nan=False)


def _plain(error: PastError) -> dict[str, Any]:
    return {
        "end": error.end,
        "windows": error.expected.shape[1],
        "expected": error.expected.ravel().tolist(),
        "actual": error.actual.ravel().tolist(),
        "luck": error.luck.tolist(),
        "luck_total": error.luck_total,
        "luck_reps": error.luck_reps.tolist(),
    }


def _read(file: Path) -> dict[str, Any] | None:
    """Return what a file holds; None where it is not there, broken, or of something else."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        content = told["content"]
        if told["name"] != file.name or told["sha256"] != sha256_json(content):
            return None
        found = {n: pl.DataFrame(content[n], schema=schema) for n, schema in _FRAMES.items()}
        errors = {name: tuple(map(_error, past)) for name, past in content["errors"].items()}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    used(file)
    return {**found, "errors": errors}


def _error(told: Mapping[str, Any]) -> PastError:
    def numbers(name: str) -> np.ndarray:
        return np.array(told[name], dtype=float)

    return PastError(
        end=told["end"],
        expected=numbers("expected").reshape(-1, told["windows"]),
        actual=numbers("actual").reshape(-1, told["windows"]),
        luck=numbers("luck"),
        luck_total=told["luck_total"],
        luck_reps=numbers("luck_reps"),
    )
