"""Parameters: declared once in a notebook's parameters cell, checked before any kernel starts."""

from __future__ import annotations

import ast
import difflib
import io
import math
import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spm_lib.core.errors import ParameterError, ReportError

_RANGE = re.compile(r"\s*\[\s*(-?[\d.]+)\s*\.\.\s*(-?[\d.]+)\s*\]\s*$")
_CHOICES = re.compile(r"\s*\[\s*([^\[\]]*\|[^\[\]]*)\]\s*$")
_TYPES = {"str": str, "int": int, "float": float, "bool": bool}
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Parameter:
    """One parameter: name, type, default, help, and what it may be.

    ``low`` and ``high`` bound a number, both ends included; ``choices`` lists what text or a
    number may be.
    """

    name: str
    type: str
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] = ()

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        if self.choices:
            return f"one of {', '.join(repr(c) for c in self.choices)}"
        bounds = f" from {_plain(self.low)} to {_plain(self.high)}" if self.low is not None else ""
        names = {
            "str": "text",
            "int": "a whole number",
            "float": "a number",
            "bool": "true or false",
        }
        return names[self.type] + bounds


def read_parameters(notebook: Path | Mapping[str, Any]) -> tuple[Parameter, ...]:
    """Return the parameters that a notebook declares.

    Each is a line ``name: type = default  # help [low..high]`` of the cell tagged ``parameters``;
    the type is str, int, float, bool or Literal[...]; ``[a|b]`` at the end of the help also lists
    choices.

    Raises
    ------
    ParameterError
        If the notebook has no such cell (or two), or a line of it is not such a declaration.

    Examples
    --------
    >>> page = {"cells": [{"cell_type": "code", "metadata": {"tags": ["parameters"]},
    ...     "source": "months: int = 12  # months looked back on [1..36]"}]}
    >>> read_parameters(page)[0].allowed
    'a whole number from 1 to 36'
    """
    source, name = _parameters_cell(notebook)
    body = _parsed(source, name).body
    comments = _comments(source)
    declared = []
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        declared.append(_declared(node, comments.get(node.end_lineno or 0, ""), name))
    return tuple(declared)


def declares_parameters(notebook: Path) -> bool:
    """Say whether a notebook has a cell tagged ``parameters``."""
    return any("parameters" in c.get("metadata", {}).get("tags", ()) for c in read_cells(notebook))


def check_parameters(
    notebook: Path | Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the given parameters, typed, or refuse them; texts are read as their type.

    The command line and the address of a dashboard both come through here, before a kernel
    starts. Parameters not given keep the notebook's default and are not in the result.

    Raises
    ------
    ParameterError
        If a parameter is unknown, of another type, or out of range: all faults in one message.

    Examples
    --------
    >>> page = {"cells": [{"cell_type": "code", "metadata": {"tags": ["parameters"]},
    ...     "source": "months: int = 12  # months looked back on [1..36]"}]}
    >>> check_parameters(page, {"months": "6"})
    {'months': 6}
    """
    known = {p.name: p for p in read_parameters(notebook)} if given else {}
    faults, values = [], {}
    for name, value in given.items():
        if name not in known:
            faults.append(_unknown(name, known))
            continue
        try:
            values[name] = _value(known[name], value)
        except ValueError:
            faults.append(f"'{name}' must be {known[name].allowed}, not {_quoted(value)}")
    if faults:
        raise ParameterError(
            "Parameters were refused." if len(faults) > 1 else "A parameter was refused.",
            found="; ".join(faults),
            do=f"Give only these: {', '.join(known) or 'none'}",
        )
    return values


def _parameters_cell(notebook: Path | Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(notebook, Path):
        name, cells = notebook.name, read_cells(notebook)
    else:
        name, cells = "the notebook", notebook["cells"]
    tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", ())]
    if len(tagged) != 1:
        raise ParameterError(
            f"{name} must have one cell tagged 'parameters'.",
            found=f"{len(tagged)} such cells",
            do="Tag the cell that declares the parameters, in JupyterLab's property inspector",
        )
    return source_of(tagged[0]), name


def read_cells(path: Path) -> Sequence[Mapping[str, Any]]:
    """Return the cells of a notebook file.

    Raises
    ------
    ReportError
        If there is no such file, or it is not a notebook.
    """
    import json

    if not path.is_file():
        raise ReportError("There is no such notebook.", found=str(path), do="Check the path")
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError):
        raise ReportError(
            "The file is not a notebook.",
            found=str(path),
            do="Give a file saved by Jupyter (.ipynb)",
        ) from None
    return cells


def source_of(cell: Mapping[str, Any]) -> str:
    """Return the text of a cell, which files keep as one text or as lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _parsed(source: str, name: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise ParameterError(
            f"The parameters cell of {name} is not Python.",
            found=f"line {error.lineno}: {(error.text or '').strip()}",
            do="Write lines such as: months: int = 12  # months looked back on [1..36]",
        ) from None


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        t.start[0]: t.string.lstrip("# ").rstrip() for t in tokens if t.type == tokenize.COMMENT
    }


def _declared(node: ast.stmt, comment: str, name: str) -> Parameter:
    try:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            return _parameter(node.target.id, node.annotation, node.value, comment)
    except ValueError:
        pass
    raise ParameterError(
        f"A line of the parameters cell of {name} declares no parameter.",
        found=ast.unparse(node),
        do="Write: name: str|int|float|bool|Literal[...] = constant  # help",
    )


def _parameter(name: str, annotation: ast.expr, value: ast.expr, comment: str) -> Parameter:
    default = ast.literal_eval(value)
    if isinstance(annotation, ast.Subscript) and _last_name(annotation.value) == "Literal":
        found = ast.literal_eval(annotation.slice)
        choices = found if isinstance(found, tuple) else (found,)
        return Parameter(name, type(choices[0]).__name__, default, comment, choices=choices)
    kind = _last_name(annotation)
    if kind not in _TYPES:
        raise ValueError(kind)
    if bounds := _RANGE.search(comment):
        help_, low, high = comment[: bounds.start()], float(bounds[1]), float(bounds[2])
        return Parameter(name, kind, default, help_, low=low, high=high)
    if listed := _CHOICES.search(comment):
        choices = tuple(_read(c.strip(), kind) for c in listed[1].split("|"))
        help_ = comment[: listed.start()]
        return Parameter(
            name, kind, default, help_, choices=tuple(dict.fromkeys([default, *choices]))
        )
    return Parameter(name, kind, default, comment)


def _last_name(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _value(parameter: Parameter, given: Any) -> Any:
    value = _read(given, parameter.type)
    if parameter.choices and value not in parameter.choices:
        raise ValueError(value)
    low, high = parameter.low, parameter.high
    if low is not None and high is not None and not low <= value <= high:
        raise ValueError(value)
    return value


def _read(given: Any, kind: str) -> Any:
    """Return a value as a type; text is read, anything else must be of that type already."""
    if isinstance(given, str) and kind != "str":
        return _read_text(given.strip(), kind)
    if kind == "float" and type(given) is int:
        return float(given)
    if type(given) is not _TYPES[kind]:
        raise ValueError(given)
    if isinstance(given, float) and not math.isfinite(given):
        raise ValueError(given)
    return given


def _read_text(text: str, kind: str) -> Any:
    if kind == "bool":
        if text.lower() not in _TRUTHS:
            raise ValueError(text)
        return _TRUTHS[text.lower()]
    if kind == "int":
        return int(text)
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _unknown(name: str, known: Mapping[str, Parameter]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"'{name}' is unknown" + (f" (nearest: '{near[0]}')" if near else "")


def _quoted(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _plain(bound: float | None) -> str:
    return f"{bound:g}" if bound is not None else ""
