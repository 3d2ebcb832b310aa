"""Taming: client text in blocks loses what could reorder or break a page, in every format."""

from __future__ import annotations

from typing import Any, TypeVar

from spm_lib.core.bidi import tame
from spm_lib.reports.cells import Piece

_NOT_TEXT = frozenset(("svg", "png", "type", "cell", "figures"))  # drawings are cleaned as such

P = TypeVar("P", bound=Piece)


def tamed(piece: P) -> P:
    r"""Return a block or a part of one with every text in it tame; figures keep their ids.

    Examples
    --------
    >>> from spm_lib.reports.blocks import Sentence, Text
    >>> tamed(Text(sentences=(Sentence(text="\u202eevil\x00"),))).sentences[0].text
    'evil'
    """
    changed = {
        name: new
        for name, value in piece.__dict__.items()
        if name not in _NOT_TEXT and (new := _tamed(value)) is not value
    }
    return piece.model_copy(update=changed) if changed else piece


def _tamed(value: Any) -> Any:
    if isinstance(value, str):
        return tame(value)
    if isinstance(value, Piece):
        return tamed(value)
    if isinstance(value, tuple):
        new = tuple(_tamed(inner) for inner in value)
        return new if any(a is not b for a, b in zip(new, value, strict=True)) else value
    return value
