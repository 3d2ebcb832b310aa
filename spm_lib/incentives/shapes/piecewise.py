"""Functions of straight pieces, exact on fractions and, for whole columns, on 128-bit integers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Literal

import polars as pl

Side = Literal["upper", "lower"]
_LARGEST = 2**127 - 1


@dataclass(frozen=True)
class Piece:
    """One straight piece: ``intercept + slope x`` up to a bound; None: without end."""

    up_to: Fraction | None
    intercept: Fraction
    slope: Fraction

    def at(self, x: Fraction) -> Fraction:
        """Return the value of the line, also outside its piece."""
        return self.intercept + self.slope * x if self.intercept else self.slope * x


@dataclass(frozen=True)
class Piecewise:
    """A function of straight pieces; its first one goes on below 0.

    ``side``: a value on a bound belongs to the piece below it ("upper" inclusive) or above it.

    Examples
    --------
    >>> F = Fraction
    >>> five, ten = Piece(F(100), F(0), F(5, 100)), Piece(None, F(0), F(10, 100))
    >>> table = Piecewise((five, ten), "upper")
    >>> table.at(F(100)), table.at(F(200)), table.jumps
    (Fraction(5, 1), Fraction(20, 1), ((Fraction(100, 1), Fraction(5, 1)),))
    """

    pieces: tuple[Piece, ...]
    side: Side

    @cached_property
    def bounds(self) -> list[Fraction]:
        """The bounds between pieces, ascending."""
        return [piece.up_to for piece in self.pieces if piece.up_to is not None]

    @cached_property
    def _inner(self) -> list[Fraction]:
        return self.bounds[: len(self.pieces) - 1]

    def place(self, x: Fraction) -> int:
        """Return the number of the piece that a value belongs to, from 0."""
        find = bisect_left if self.side == "upper" else bisect_right
        return find(self._inner, x)

    def at(self, x: Fraction) -> Fraction:
        """Return the value at ``x``."""
        return self.pieces[self.place(x)].at(x)

    @property
    def jumps(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """The bounds at which the function jumps, with the height of each jump."""
        pairs = zip(self._inner, self.pieces, self.pieces[1:], strict=False)
        heights = [(bound, above.at(bound) - below.at(bound)) for bound, below, above in pairs]
        return tuple((bound, height) for bound, height in heights if height)

    def scaled(self, *, x: Fraction, y: Fraction) -> Piecewise:
        """Return the function stretched: bounds times ``x``, values times ``y``."""
        pieces = tuple(
            Piece(
                None if p.up_to is None else p.up_to * x,
                p.intercept * y,
                p.slope * y / x,
            )
            for p in self.pieces
        )
        return Piecewise(pieces, self.side)

    @cached_property
    def denominator(self) -> int:
        """The number by which every value at a whole ``x`` becomes whole."""
        parts = [f.denominator for p in self.pieces for f in (p.intercept, p.slope)]
        return lcm(*parts)

    def fits(self, largest: int, number: int = 1) -> bool:
        """Say whether sums of values x ``denominator`` stay within 128 bits.

        Parameters
        ----------
        largest
            The largest size of ``x``.
        number
            How many values are added up.

        Examples
        --------
        >>> thirds = Piecewise((Piece(None, Fraction(0), Fraction(1, 3)),), "upper")
        >>> thirds.fits(10**17), thirds.fits(10**37, number=100)
        (True, False)
        """
        sizes = (abs(p.intercept) + abs(p.slope) * largest for p in self.pieces)
        return max(sizes) * self.denominator * number <= _LARGEST

    def numerator(self, x: pl.Expr) -> pl.Expr:
        """Return value x ``denominator`` of a column of whole numbers, as Int128.

        Exact where the column ``fits``.
        """
        wide = x.cast(pl.Int128)
        pieces = [self._line(wide, piece) for piece in self.pieces]
        chosen = pieces[-1]
        for bound, line in zip(reversed(self._inner), reversed(pieces[:-1]), strict=True):
            whole = bound.numerator // bound.denominator
            below = x <= whole if self.side == "upper" or bound != whole else x < whole
            chosen = pl.when(below).then(line).otherwise(chosen)
        return chosen

    def _line(self, x: pl.Expr, piece: Piece) -> pl.Expr:
        intercept = int(piece.intercept * self.denominator)
        slope = int(piece.slope * self.denominator)
        return pl.lit(intercept, dtype=pl.Int128) + x * pl.lit(slope, dtype=pl.Int128)
