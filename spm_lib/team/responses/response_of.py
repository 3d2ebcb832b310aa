"""A response made of what somebody filled in: everything checked, all faults told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from spm_lib.core.errors import MetricError
from spm_lib.core.statement import Statement
from spm_lib.model import MetricId, metric_id, metric_ids
from spm_lib.team.responses.response import (
    CATEGORIES,
    DECISIONS,
    Category,
    Decision,
    Goal,
    Response,
    Worry,
)
from spm_lib.team.responses.response_faults import Place, ResponseError, ResponseFault, found

LONGEST_TEXT = 2000
_LAST_VERSION = 10_000  # of a letter
MOST = {"worries": 6, "ideas": 5, "goals": 3}
_REQUIRED = ("letter", "version", "rep_id", "read_on", "decision", "confidence")
_KNOWN = (*_REQUIRED, "remarks", "worries", "ideas", "goals")
_ROWS = {
    "worries": ("category", "text"),
    "goals": ("metric", "measure", "due", "help_wanted"),
}
_OPTIONAL = ("help_wanted",)
_HASH = re.compile(r"[0-9a-f]{64}")
_FORMULA = re.compile(r"\s*[=@+\-]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


def response_of(content: Mapping[str, Any]) -> Response:
    """Return the response that was filled in.

    Parameters
    ----------
    content
        Keys as the fields of ``Response``; ``worries`` and ``goals`` lists of mappings, ``ideas``
        a list of texts. Days are dates or text such as 2026-12-31. Rows of lists in which nothing
        is filled in are left out.

    Raises
    ------
    ResponseError
        With all faults at once: what is missing, unknown, too long, begins like a formula of a
        spreadsheet, or names a metric that no person is measured by.

    Examples
    --------
    >>> given = {"letter": "0" * 64, "version": 1, "rep_id": "R1", "read_on": "2026-12-01",
    ...          "decision": "accept", "confidence": 4}
    >>> response_of(given).read_on
    datetime.date(2026, 12, 1)
    >>> response_of({**given, "decision": "not_accept"})
    Traceback (most recent call last):
        ...
    spm_lib.team.responses.response_faults.ResponseError: The response cannot be taken. Found: \
Remarks: it is missing; say what you do not accept, here or as a worry. What to do: Correct these \
fields and hand the response in again.
    """
    given = _filled(content)
    faults = [*_faults(given)]
    if faults:
        raise ResponseError("The response cannot be taken.", faults)
    return Response(
        letter=given["letter"],
        version=given["version"],
        rep_id=given["rep_id"],
        read_on=cast(date, day_of(given["read_on"])),
        decision=cast(Decision, given["decision"]),
        confidence=given["confidence"],
        remarks=_plain(given.get("remarks")),
        worries=tuple(
            Worry(cast(Category, row["category"]), _plain(row["text"])) for row in given["worries"]
        ),
        ideas=tuple(_plain(idea) for idea in given["ideas"]),
        goals=tuple(_goal(row) for row in given["goals"]),
    )


def response_content(response: Response) -> dict[str, Any]:
    """Return a response as a mapping of plain values, which ``response_of`` reads back.

    Examples
    --------
    >>> one = Response("0" * 64, 1, "R1", date(2026, 12, 1), "accept", 4)
    >>> response_of(response_content(one)) == one
    True
    """
    told = {key: getattr(response, key) for key in _KNOWN}
    told["read_on"] = response.read_on.isoformat()
    told["worries"] = [{"category": w.category, "text": w.text} for w in response.worries]
    told["ideas"] = list(response.ideas)
    told["goals"] = [
        {
            "metric": goal.metric,
            "measure": goal.measure,
            "due": goal.due.isoformat(),
            "help_wanted": goal.help_wanted,
        }
        for goal in response.goals
    ]
    return told


def goal_metrics() -> list[MetricId]:
    """Return the metrics that a goal may be tied to: those of the dictionary told per person.

    Examples
    --------
    >>> "win_rate.closed.count" in [metric.id for metric in goal_metrics()]
    True
    """
    import spm_lib.metrics  # noqa: F401 - declares the ids

    return [m for m in metric_ids() if m.room == "metrics" and _of_people(m)]


def day_of(value: object) -> date | None:
    """Return the day that a value tells; null where it tells none.

    Examples
    --------
    >>> day_of("2026-12-31"), day_of("31/12/2026"), day_of("soon")
    (datetime.date(2026, 12, 31), datetime.date(2026, 12, 31), None)
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    told = str(value or "").strip()
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(told, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _of_people(metric: MetricId) -> bool:
    return metric.compute is not None and "rep_id" in metric.dimensions


def _filled(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was filled in: lists always there, rows without a word left out."""
    given: dict[str, Any] = {key: value for key, value in content.items() if not _empty(value)}
    for name in MOST:
        rows = given.get(name, [])
        given[name] = (
            [row for row in rows if not _empty(row)] if isinstance(rows, list | tuple) else rows
        )
    return given


def _empty(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_empty(part) for part in value.values())
    return value is None or (isinstance(value, str) and not value.strip())


def _faults(given: Mapping[str, Any]) -> Iterator[ResponseFault]:
    for key in given:
        if key not in _KNOWN:
            yield _fault((key,), "there is no such field; leave it out")
    for key in _REQUIRED:
        if key not in given:
            yield _fault((key,), "it is missing; fill it in")
        elif said := _CHECKS[key](given[key]):
            yield ResponseFault((key,), said)
    yield from _text_faults(("remarks",), given.get("remarks", ""))
    for name in MOST:
        yield from _list_faults(name, given[name])
    yield from _reason_faults(given)


def _reason_faults(given: Mapping[str, Any]) -> Iterator[ResponseFault]:
    """Tell where a decision asks for words that are not there."""
    if given.get("remarks") or given["worries"]:
        return
    if given.get("decision") == "not_accept":
        said = "it is missing; say what you do not accept, here or as a worry"
        yield _fault(("remarks",), said)
    elif given.get("decision") == "accept_with_remarks":
        yield _fault(("remarks",), "it is missing; write the remark, or choose accept")


def _list_faults(name: str, rows: Any) -> Iterator[ResponseFault]:
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        yield _fault((name,), "found {found}; write a list", found=found(rows))
        return
    if len(rows) > MOST[name]:
        said = "found {n} of them; at most {most} can be taken"
        yield _fault((name,), said, n=len(rows), most=MOST[name])
    for at, row in enumerate(rows):
        if name == "ideas":
            yield from _text_faults((name, at), row)
        else:
            yield from _row_faults(name, at, row)


def _row_faults(name: str, at: int, row: Any) -> Iterator[ResponseFault]:
    if not isinstance(row, Mapping):
        yield _fault((name, at), "found {found}; fill in its fields", found=found(row))
        return
    for key in row:
        if key not in _ROWS[name]:
            yield _fault((name, at, str(key)), "there is no such field; leave it out")
    for key in _ROWS[name]:
        place: Place = (name, at, key)
        value = row.get(key)
        if _empty(value):
            if key not in _OPTIONAL:
                yield _fault(place, "it is missing; fill it in")
        elif key in _CHECKS:
            said = _CHECKS[key](value)
            if said:
                yield ResponseFault(place, said)
        else:
            yield from _text_faults(place, value)


def _text_faults(place: Place, value: Any) -> Iterator[ResponseFault]:
    if not isinstance(value, str):
        yield _fault(place, "found {found}; write text", found=found(value))
        return
    if len(value) > LONGEST_TEXT:
        said = "it has {n} characters; at most {most} can be taken: shorten it"
        yield _fault(place, said, n=len(value), most=LONGEST_TEXT)
    if _FORMULA.match(value):
        said = "found {found}, which a spreadsheet may take for a formula; begin with a word"
        yield _fault(place, said, found=found(value))
    if _CONTROL.search(value):
        yield _fault(place, "it holds characters that cannot be seen; type the text anew")


def _fault(place: Place, text: str, **values: object) -> ResponseFault:
    return ResponseFault(place, Statement(text, values))


def _letter(value: Any) -> Statement | None:
    if isinstance(value, str) and _HASH.fullmatch(value):
        return None
    said = "found {found}, which is no letter's; leave this field as it was"
    return Statement(said, {"found": found(value)})


def _version(value: Any) -> Statement | None:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _LAST_VERSION:
        return None
    said = "found {found}; leave this field as it was"
    return Statement(said, {"found": found(value)})


def _rep_id(value: Any) -> Statement | None:
    wild = not isinstance(value, str) or len(value) > 200 or _CONTROL.search(value)
    said = "found {found}; leave this field as it was"
    return Statement(said, {"found": found(value)}) if wild else None


def _day(value: Any) -> Statement | None:
    if day_of(value) is not None:
        return None
    return Statement("found {found}; write a day, such as 2026-12-31", {"found": found(value)})


def _confidence(value: Any) -> Statement | None:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5:
        return None
    return Statement("found {found}; write a whole number, 1 to 5", {"found": found(value)})


def _among(value: Any, known: Sequence[str]) -> Statement | None:
    if isinstance(value, str) and value in known:
        return None
    said = "found {found}; choose one of: {known}"
    return Statement(said, {"found": found(value), "known": ", ".join(known)})


def _metric(value: Any) -> Statement | None:
    import spm_lib.metrics  # noqa: F401 - declares the ids

    try:
        known = metric_id(str(value))
    except MetricError as error:
        said = "there is no metric {found} ({near}); choose one of the list"
        return Statement(said, {"found": found(value), "near": error.found or ""})
    if _of_people(known):
        return None
    said = "{found} is not told per person; choose one of the list"
    return Statement(said, {"found": found(value)})


def _goal(row: Mapping[str, Any]) -> Goal:
    due = cast(date, day_of(row["due"]))
    helped = _plain(row.get("help_wanted"))
    return Goal(str(row["metric"]), _plain(row["measure"]), due, helped)


def _plain(text: str | None) -> str:
    r"""Return text without blanks around it, its line ends all ``\n``."""
    return "\n".join(line.rstrip() for line in (text or "").strip().splitlines())


_CHECKS = {
    "letter": _letter,
    "version": _version,
    "rep_id": _rep_id,
    "read_on": _day,
    "decision": lambda value: _among(value, DECISIONS),
    "confidence": _confidence,
    "category": lambda value: _among(value, CATEGORIES),
    "metric": _metric,
    "due": _day,
}
