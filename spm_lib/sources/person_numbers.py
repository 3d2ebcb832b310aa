"""Columns that look like the number by which a company knows its people."""

from __future__ import annotations

import re

_ENGLISH = (
    r"\b(?:employees?|emp|staff|workers?|persons?|personnel|payroll|reps?|agents?|sellers?|"
    r"sales ?persons?|users?|owners?) ?(?:number|no|nr|num|id|code|key)\b"
)
_HEBREW = r"(?:מספר|מס|קוד|מזהה|תעודת) (?:ה)?(?:עובד(?:ת)?|נציג(?:ה)?|סוכן|מוכר|איש מכירות|זהות)"


def is_person_number(name: str) -> bool:
    """Say whether a column's name is that of a person's number.

    Examples
    --------
    >>> [is_person_number(n) for n in ("Employee No.", "EmployeeID", "מספר עובד", "מס' עובד")]
    [True, True, True, True]
    >>> [is_person_number(n) for n in ("Employee", "Order No", "מספר עסקה", "user identity")]
    [False, False, False, False]
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = " ".join(re.sub(r"[^\w\u0590-\u05ff]+|_", " ", words).lower().split())
    return bool(re.search(f"{_ENGLISH}|{_HEBREW}", words))
