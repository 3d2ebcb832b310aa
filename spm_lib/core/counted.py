"""Numbers in messages that choose the words beside them: "1 person sells", "3 people sell".

A message may write ``{n:1 person sells|{n:,} people sell}``: what stands before the bar is said of
one, what stands behind it of any other number. Translations choose on their own.
"""

from __future__ import annotations


class Whole(int):
    """A number that has yet to be written.

    Examples
    --------
    >>> "{n:1 row|{n:,} rows}".format(n=Whole(1)), "{n:1 row|{n:,} rows}".format(n=Whole(1200))
    ('1 row', '1,200 rows')
    """

    def __format__(self, spec: str) -> str:
        return _chosen(spec, one=self == 1) if "|" in spec else int.__format__(self, spec)


class Counted(str):
    """A number that is written already; it is one if it reads "1".

    Examples
    --------
    >>> "{n:1 row|{n} rows}".format(n=Counted("1")), "{n:1 row|{n} rows}".format(n=Counted("1,200"))
    ('1 row', '1,200 rows')
    """

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return _chosen(spec, one=self == "1") if "|" in spec else str.__format__(self, spec)


def _chosen(words: str, *, one: bool) -> str:
    single, _, other = words.partition("|")
    return single if one else other
