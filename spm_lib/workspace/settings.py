"""The typed settings of a workspace file: all that a client's ``spm.toml`` can say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from spm_lib.core.calendar import FIRST_YEAR, LAST_YEAR, WorkCalendar
from spm_lib.workspace.access import AccessSettings

EngineName = Literal["polars", "duckdb", "spark", "warehouse"]
DateOrder = Literal["iso", "day-first", "month-first"]
ValueType = Literal["text", "date", "time", "money", "number", "integer", "boolean"]
Name = Annotated[StrictStr, Field(min_length=1)]
Constant = StrictStr | StrictBool | StrictInt | float | date


def _thinkable(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(day)
    return day


def _of_text(name: str) -> str:
    """Refuse what is no encoding of text; such as rot13, which Python knows as one of bytes."""
    try:
        b"a".decode(name)
    except UnicodeError:  # an encoding, in which this is no text
        return name
    except LookupError:
        raise ValueError(name) from None
    return name


def _between_fields(sign: str) -> str:
    if sign in '"\r\n\0':
        raise ValueError(sign)
    return sign


Day = Annotated[date, AfterValidator(_thinkable)]
Encoding = Annotated[Name, AfterValidator(_of_text)]
Delimiter = Annotated[StrictStr, Field(min_length=1, max_length=1), AfterValidator(_between_fields)]


class _Section(BaseModel):
    """A section of the file: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class CalendarSettings(_Section):
    """Public holidays of a country, and the first and last day of its working week."""

    country: StrictStr = "IL"
    week: StrictStr = "sun-thu"


class WorkspaceSection(_Section):
    """Who the client is: names, currency, zone, language, fiscal year, calendar, as-of, export."""

    id: Annotated[StrictStr, Field(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=64)]
    name: Name
    currency: Annotated[StrictStr, Field(pattern=r"^[A-Z]{3}$")]
    timezone: Name = "Asia/Jerusalem"
    language: Literal["en", "he"] = "en"
    fiscal_year_start: Annotated[StrictInt, Field(ge=1, le=12)] = 1
    calendar: CalendarSettings = CalendarSettings()
    as_of: Day | None = None
    exported_on: Day | None = None
    engine: EngineName = "polars"


class Stages(_Section):
    """The stages of one pipeline, in order; ``unsure`` holds values nobody has decided on yet."""

    open: tuple[Name, ...] = ()
    won: tuple[Name, ...] = ()
    lost: tuple[Name, ...] = ()
    unsure: tuple[Name, ...] = ()


class Unpivot(_Section):
    """Columns laid side by side (months, say) turned into rows.

    ``columns`` are the wide columns; their name goes to the column ``into`` (through ``names``,
    where the name is to be rewritten) and their value to the column ``value``.
    """

    columns: Annotated[tuple[Name, ...], Field(min_length=1)]
    into: Name
    value: Name
    names: Mapping[str, StrictStr] = {}


class ReadingSettings(_Section):
    """How text is read: dates, money, zone, and texts that stand for nothing."""

    dates: DateOrder = "iso"
    decimal: Literal[".", ","] = "."
    thousands: Annotated[StrictStr, Field(max_length=1)] | None = None
    scale: Annotated[StrictInt, Field(ge=1, le=1_000_000)] = 1
    timezone: Name | None = None
    missing: tuple[StrictStr, ...] = ("", "-")


class RawSettings(ReadingSettings):
    """A raw frame: where it is, and how it is read."""

    path: Name | None = None
    connection: Name | None = None
    query: Name | None = None
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    header: StrictBool = True
    names: tuple[Name, ...] = ()
    skip: Annotated[StrictInt, Field(ge=0)] = 0
    sheet: StrictStr | StrictInt | None = None
    unpivot: Unpivot | None = None
    types: Mapping[str, ValueType] = {}

    @property
    def reading(self) -> ReadingSettings:
        """The part that says how text is read."""
        return ReadingSettings(**{key: getattr(self, key) for key in READING_KEYS})


class ConnectionSettings(_Section):
    """A database. ``url`` keeps its ``${NAME}`` places; they are filled only to connect."""

    url: Name = Field(repr=False)


class TeamSettings(_Section):
    """Where the team's register is kept; without ``url`` in ``team.db`` beside the file.

    ``url`` keeps its ``${NAME}`` places; they are filled only to connect.
    """

    url: Name | None = Field(default=None, repr=False)


class TableSettings(_Section):
    """Where a canonical table comes from, and what its columns are called there."""

    from_: Name | None = Field(default=None, alias="from")
    query: Name | None = None
    columns: Mapping[str, Name] = {}
    keep: tuple[Name, ...] = ()
    known_at_creation: tuple[Name, ...] = ()
    values: Mapping[str, Mapping[str, StrictStr]] = {}
    zero_is_missing: tuple[Name, ...] = ()
    fixed: Mapping[str, Constant] = {}
    reading: ReadingSettings = ReadingSettings()


class Settings(_Section):
    """Everything a workspace file says, checked; ``[stages]`` is the pipeline "default".

    ``tables[name].reading`` is how the text of that table is read: of its raw frame, of what all
    raw frames of its query agree on, or as the table itself says.
    """

    path: Path
    version: Literal[1] = 1
    workspace: WorkspaceSection
    pipelines: Mapping[str, Stages] = {}
    raw: Mapping[str, RawSettings] = {}
    connections: Mapping[str, ConnectionSettings] = {}
    tables: Mapping[str, TableSettings] = {}
    access: AccessSettings | None = None
    team: TeamSettings = TeamSettings()

    @cached_property
    def calendar(self) -> WorkCalendar:
        """The client's calendar."""
        section = self.workspace
        return WorkCalendar(
            country=section.calendar.country,
            week=section.calendar.week,
            fiscal_year_start=section.fiscal_year_start,
            timezone=section.timezone,
        )

    @property
    def folder(self) -> Path:
        """The folder of the workspace file; paths in the file are relative to it."""
        return self.path.parent


READING_KEYS = tuple(ReadingSettings.model_fields)
RAW_KEYS = tuple(RawSettings.model_fields)
