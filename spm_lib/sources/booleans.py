"""Yes and no as people and programs write them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from spm_lib.sources.texts import MISSING, Parsed, parse_texts

TRUE = ("true", "t", "yes", "y", "1", "on", "כן", "אמת")
FALSE = ("false", "f", "no", "n", "0", "off", "לא", "שקר")


def parse_booleans(values: pl.Series, *, missing: Sequence[str] = MISSING) -> Parsed:
    """Return true and false of texts such as yes, No, 1, כן.

    Examples
    --------
    >>> parsed = parse_booleans(pl.Series(["Yes", "לא", "", "maybe"]))
    >>> parsed.values.to_list(), parsed.unreadable.to_list()
    ([True, False, None, None], [False, False, False, True])
    """
    if values.dtype == pl.Boolean:
        return Parsed(values, values.is_null() & False)
    text = parse_texts(values, missing=missing).str.to_lowercase()
    known = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)
    read = text.replace_strict(known, default=None, return_dtype=pl.Boolean)
    return Parsed(read, (text.is_not_null() & read.is_null()).alias("unreadable"))
