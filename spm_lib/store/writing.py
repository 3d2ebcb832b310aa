"""Writing files so that a reader sees the old one or the new one, never half of one."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_READABLE = 0o644
_PRIVATE = 0o600


def write_whole(path: str | Path, content: bytes | str) -> Path:
    """Write a file in one step; text as UTF-8, line ends as given. Folders are made.

    The content is written and synced beside the goal, then moved onto it. If anything fails, or
    the process is interrupted, the old file stays and nothing is left over.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder, "deep", "note.txt"), "שלום").read_text(encoding="utf-8")
    'שלום'
    """
    goal = Path(path)
    mode = goal.stat().st_mode & 0o777 if goal.exists() else _READABLE
    return _written(goal, content, mode=mode)


def write_private(path: str | Path, content: bytes | str) -> Path:
    """Write a file in one step, as ``write_whole``, that only its owner may read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     oct(write_private(Path(folder, "users.json"), "{}").stat().st_mode & 0o777)
    '0o600'
    """
    return _written(Path(path), content, mode=_PRIVATE)


def _written(goal: Path, content: bytes | str, *, mode: int) -> Path:
    goal.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(prefix=f".{goal.name[:80]}.", suffix=".tmp", dir=goal.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(goal)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(goal.parent)
    return goal


def write_json(path: str | Path, value: object) -> Path:
    """Write a value as JSON, an element or a key a line, in the order given; a line end last.

    Raises
    ------
    ValueError
        If the value holds NaN or an infinite number, which JSON does not know.
    """
    return write_whole(path, f"{json_lines(value)}\n")


def json_lines(value: object) -> str:
    r"""Return JSON with each element of a list, or each key of a dict, on a line of its own.

    Indented deeper it would be written by an encoder that takes ten times as long.

    Examples
    --------
    >>> json_lines([{"a": 1, "b": None}, "\u05d0"]).splitlines()
    ['[', '{"a": 1, "b": null},', '"\u05d0"', ']']
    >>> json_lines({"a": [1, 2], 3: "x"}).splitlines()
    ['{', '"a": [1, 2],', '"3": "x"', '}']
    """
    if isinstance(value, dict) and value:
        lines = [_json({key: inner})[1:-1] for key, inner in value.items()]
        return "\n".join(["{", ",\n".join(lines), "}"])
    if isinstance(value, (list, tuple)) and value:
        return "\n".join(["[", ",\n".join(map(_json, value)), "]"])
    return _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Give a fresh folder to write into; it takes the place of ``path`` when all is written.

    If anything fails, or the process is interrupted, the old folder stays and nothing is left
    over. An old folder is replaced as a whole.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with whole_folder(Path(place, "made")) as fresh:
    ...         _ = write_whole(fresh / "note.txt", "hello")
    ...     [p.name for p in Path(place, "made").iterdir()]
    ['note.txt']
    """
    goal = Path(path).absolute()
    goal.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=goal.parent, prefix=f".{goal.name[:80]}.") as place:
        fresh = Path(place, "new")
        fresh.mkdir()
        yield fresh
        if goal.exists():
            goal.replace(Path(place, "old"))
        fresh.replace(goal)
    _sync_folder(goal.parent)


def _sync_folder(folder: Path) -> None:
    """Make the move itself durable, where the system can open folders."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
