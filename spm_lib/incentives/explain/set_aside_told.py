"""What a run did not look at, in words: a line for each table and reason, with its money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from spm_lib.core.language import Language
from spm_lib.core.money import exponent
from spm_lib.core.statement import Phrase
from spm_lib.incentives.chain.set_aside import (
    LEFT_OUT,
    NO_CLAWBACK,
    OTHER_DAYS,
    TOO_LATE,
    UNKNOWN,
)
from spm_lib.model import Receipt

_TABLES = {
    "transactions": Phrase("transactions"),
    "cancellations": Phrase("cancellations"),
    "receipts": Phrase("receipts of payment"),
}
_REASONS = {
    UNKNOWN: Phrase("unknown deal"),
    OTHER_DAYS: Phrase("outside the plan's days"),
    LEFT_OUT: Phrase("returns left out"),
    NO_CLAWBACK: Phrase("the plan takes nothing back"),
    TOO_LATE: Phrase("after the window"),
}


def set_aside_told(
    receipts: Mapping[str, Receipt], currency: str, language: Language
) -> Iterator[str]:
    """Yield a line for each table and reason for which rows were set aside.

    Parameters
    ----------
    receipts
        By table, as a run holds them.
    currency
        What their money is in; where a reason has none (null), none is told.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> from spm_lib.model import SetAside
    >>> found = {UNKNOWN: SetAside(2, None), TOO_LATE: SetAside(1, 150_05)}
    >>> for line in set_aside_told({"cancellations": Receipt(3, found)}, "ILS", language("en")):
    ...     print(line)
    Set aside of cancellations: 2 rows (unknown deal)
    Set aside of cancellations: 1 row (after the window, ₪150.05)
    """
    for table, receipt in receipts.items():
        for reason, part in receipt.set_aside.items():
            told = "Set aside of {table}: {n:1 row|{n:,} rows} ({reason})"
            values = {"reason": language.text(_REASONS[reason].text)}
            if part.amount is not None:
                told = "Set aside of {table}: {n:1 row|{n:,} rows} ({reason}, {amount})"
                digits = exponent(currency)
                values["amount"] = language.money(part.amount, currency, decimals=digits)
            yield language.text(
                told, table=language.text(_TABLES[table].text), n=part.rows, **values
            )
