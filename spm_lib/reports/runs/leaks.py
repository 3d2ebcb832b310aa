"""The last look over a pack: no report names anybody, or any deal, that its scope may not see."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from spm_lib.model import Company

_TOKEN = re.compile(r"[^\W_][\w.\-]*[^\W_]|[^\W_]")
_PART = re.compile(r"[^\W_]+")
_KEYS = ("opportunity_id", "order_id", "lead_id", "activity_id", "rep_id", "manager_id")
_LINES = re.compile(r"""d=(?<=\bd=)\\*"[^"]*\"""")  # the lines of a drawing: M15,20L3
_TAGS = re.compile(r"<[^>]*>|\$[A-Z]+\$[0-9]+")  # addresses of cells look like ids
_CODED = re.compile(r";base64,[A-Za-z0-9+/=]{100,}")  # fonts and pictures are no text
_SHORTEST_NAME = 4
_READ = (".html", ".json", ".ipynb", ".xlsx", ".pptx")


@dataclass(frozen=True)
class Secretive:
    """What must not be named: ids that stand for one thing only, and names of people.

    ``ids`` are those of the whole company, which all views share; ``own`` may be named.
    """

    ids: frozenset[str]
    names: tuple[str, ...]
    own: frozenset[str] = frozenset()

    def without(self, told: Iterable[str]) -> Secretive:
        """Return what must not be named where some texts are told in any case.

        Examples
        --------
        >>> Secretive(frozenset({"OP-1", "OP-2"}), ("Dan Levi",)).without(["split: OP-2"]).own
        frozenset({'OP-2'})
        """
        texts = list(told)
        tokens = {token for text in texts for token in _TOKEN.findall(text)}
        names = tuple(n for n in self.names if not any(_is_word_of(n, t) for t in texts))
        return Secretive(self.ids, names, self.own | (self.ids & tokens))


def others_of(company: Company, view: Company) -> Secretive:
    """Return the ids and names of the company that a scope's view does not hold.

    Ids that could as well be a number or a common word are left out: they prove nothing.
    """
    known = company.once("telling ids", lambda: _telling(_ids(company)))
    everybody = company.once("names of people", lambda: _names(company))
    return Secretive(
        ids=known,
        names=tuple(sorted(everybody - _names(view))),
        own=known.intersection(_ids(view)),
    )


def leaks_in(files: Iterable[Path], others: Secretive) -> list[str]:
    """Return what of others the files name, ``file: name``; PDFs are drawn from the same model.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     page = Path(place, "report.html")
    ...     _ = page.write_text("<td>OP-1042</td><td>Dan Levi</td>", encoding="utf-8")
    ...     leaks_in([page], Secretive(frozenset({"OP-1042"}), ("Dan Levi", "Noa Cohen")))
    ['report.html: OP-1042', 'report.html: Dan Levi']
    """
    found = []
    for path in files:
        for text in _texts(path):
            pieces = text.split()
            words = frozenset(_TOKEN.findall(" ".join(frozenset(pieces))))
            ids = sorted((others.ids & words) - others.own)
            there = frozenset(_PART.findall(" ".join(words)))
            known = [name for name in others.names if there.issuperset(_parts_of(name))]
            names = [n for n in _perhaps(known, pieces) if _is_word_of(n, text)]
            found += [f"{path.name}: {one}" for one in (*ids, *names)]
    return list(dict.fromkeys(found))


def _perhaps(names: Sequence[str], pieces: Sequence[str]) -> list[str]:
    """Return the names whose parts follow one another in a text; no other name stands in it.

    The text is told by its pieces between blanks; those without a part of any name are passed over.

    Examples
    --------
    >>> _perhaps(["Dan Levi", "Levi Dan", "Noa"], ["by", "Dan", "/", "(Levi)", "by", "Noa-Dan"])
    ['Dan Levi', 'Noa']
    """
    wanted = frozenset(part for name in names for part in _parts_of(name))
    if not wanted:
        return list(names)
    split = ((piece, _PART.findall(piece)) for piece in frozenset(pieces))
    told = {piece: parts for piece, parts in split if not wanted.isdisjoint(parts)}
    in_turn = chain.from_iterable(told[piece] for piece in pieces if piece in told)
    pairs = frozenset(pairwise(in_turn))
    return [name for name in names if pairs.issuperset(pairwise(_parts_of(name)))]


@cache
def _parts_of(name: str) -> tuple[str, ...]:
    """Return the parts of a name in turn; a text in which it stands has them all."""
    return tuple(_PART.findall(name))


def _is_word_of(name: str, text: str) -> bool:
    return name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _texts(path: Path) -> Iterator[str]:
    if path.suffix not in _READ:
        return
    if path.suffix in (".xlsx", ".pptx"):
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if member.endswith((".xml", ".rels")):
                    yield _TAGS.sub(" ", archive.read(member).decode("utf-8", "replace"))
        return
    yield _LINES.sub(" ", _CODED.sub(" ", path.read_text(encoding="utf-8")))


def _ids(company: Company) -> pl.Series:
    tables = [company.table(name) for name in company.book.tables]
    ids = [t[key].cast(pl.String) for t in tables for key in _KEYS if key in t.columns]
    return pl.concat([*ids, pl.Series([], dtype=pl.String)]).drop_nulls().unique()


def _telling(ids: pl.Series) -> frozenset[str]:
    both = ids.str.contains(r"\d") & ids.str.contains(r"\p{L}")
    return frozenset(ids.filter(both & (ids.str.len_chars() >= 3)))


def _names(company: Company) -> set[str]:
    names = company.table("reps")["name"].drop_nulls()
    return {str(name) for name in names if len(str(name)) >= _SHORTEST_NAME}
