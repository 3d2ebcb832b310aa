"""Excel, Parquet, databases, SQL over raw frames, wide columns: the same rows by every road."""

from __future__ import annotations

import contextlib
import io
import sqlite3
import ssl
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
import xlsxwriter
from sqlalchemy import make_url

from spm_lib.core.errors import SourceError
from spm_lib.sources import RawFrame, read_raws, run_query
from spm_lib.sources.address import driver_address
from spm_lib.sources.read import read_bytes
from spm_lib.workspace import RawSettings, settings_from_text
from tests.postgres import connected

HEAD = 'version = 1\n[workspace]\nid = "a"\nname = "A"\ncurrency = "ILS"\n'
ROWS = [("1", "דנה", "10.50", "2026-01-31"), ("2", "Bo", None, "2026-02-01")]
NAMES = ("id", "name", "amount", "day")


def workbook(cells: dict[tuple[int, int], object], *, sheet: str = "Deals") -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy"})
    page = book.add_worksheet(sheet)
    book.add_worksheet("Other").write(0, 0, "x")
    for (row, column), value in cells.items():
        page.write(row, column, value)
    book.close()
    return out.getvalue()


def read(content: bytes, **keys: object) -> pl.DataFrame:
    return read_bytes(content, file="f", settings=RawSettings(path="f", **keys)).frame  # type: ignore[arg-type]


def test_the_same_rows_from_csv_excel_and_parquet() -> None:
    frame = pl.DataFrame(ROWS, schema=dict.fromkeys(NAMES, pl.String), orient="row")
    parquet = io.BytesIO()
    frame.write_parquet(parquet)
    cells = {(0, c): name for c, name in enumerate(NAMES)}
    cells |= {(r, c): v for r, row in enumerate(ROWS, 1) for c, v in enumerate(row) if v}
    roads = [frame.write_csv().encode(), workbook(dict(cells)), parquet.getvalue()]
    for content in roads:
        assert read(content).select(NAMES).rows() == ROWS


def test_excel_is_typed_only_where_no_cell_is_lost() -> None:
    cells: dict[tuple[int, int], object] = {
        (2, 1): "id", (2, 2): "amount", (2, 3): "when", (2, 4): "mixed",
        (3, 1): 1, (3, 2): 10.5, (3, 3): datetime(2026, 1, 2), (3, 4): 5,  # noqa: DTZ001
        (5, 1): 2, (5, 2): 7, (5, 3): datetime(2026, 1, 3, 4, 5), (5, 4): "n/a",  # noqa: DTZ001
    }  # fmt: skip
    frame = read(workbook(cells))
    assert frame["_row"].to_list() == [4, 6]  # as Excel numbers them; the blank row is none
    assert frame["amount"].to_list() == [10.5, 7.0]
    assert frame["when"].to_list() == [datetime(2026, 1, 2), datetime(2026, 1, 3, 4, 5)]  # noqa: DTZ001
    assert frame["mixed"].to_list() == ["5", "n/a"]


def test_excel_sheets_by_name_and_number_and_none_such() -> None:
    book = workbook({(0, 0): "id", (1, 0): 1})
    assert read(book, sheet="Deals").columns == read(book, sheet=1).columns
    with pytest.raises(SourceError, match="Deals, Other"):
        read(book, sheet="Dealz")
    with pytest.raises(SourceError, match="cannot be opened as an Excel"):
        read(b"PK\x03\x04rubbish")
    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        read(b"PAR1rubbishPAR1")


def by_query(folder: Path, url: str, query: str) -> RawFrame:
    text = HEAD + f'[connections.crm]\nurl = "{url}"\n[raw.deals]\nconnection = "crm"\n'
    text += f'query = "{query}"\n[tables.orders]\nfrom = "deals"\n'
    return read_raws(settings_from_text(text, path=folder / "spm.toml"))["deals"]


CREATE = "create table deals (id integer, name text, amount numeric(12, 2), day date)"
INSERT = "insert into deals values (1, 'דנה', 10.50, '2026-01-31'), (2, 'Bo', null, '2026-02-01')"
WRITES = ["delete from deals", "drop table deals", "insert into deals (id) values (3)"]


@pytest.fixture
def lite(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute(CREATE)
        connection.execute(INSERT)
    connection.close()
    return tmp_path


def test_sqlite_is_read_and_never_written(lite: Path) -> None:
    raw = by_query(lite, "sqlite:///crm.db", "select * from deals order by id")
    assert raw.frame["name"].to_list() == ["דנה", "Bo"]
    assert raw.frame["_row"].to_list() == [1, 2]
    for write in WRITES:
        with pytest.raises(SourceError, match="refuses"):
            by_query(lite, "sqlite:///crm.db", write)
    assert by_query(lite, "sqlite:///crm.db", "select * from deals").rows_in == 2
    assert not (lite / "nothing.db").exists()
    with pytest.raises(SourceError, match="refuses"):
        by_query(lite, "sqlite:///nothing.db", "select 1")
    assert not (lite / "nothing.db").exists()


def test_duckdb_is_read_and_never_written(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.execute(CREATE)
        connection.execute(INSERT)
    raw = by_query(tmp_path, "duckdb:///crm.duckdb", "select * from deals order by id")
    assert raw.frame["amount"].to_list() == [Decimal("10.50"), None]
    assert raw.frame["day"].to_list() == [date(2026, 1, 31), date(2026, 2, 1)]
    for write in [*WRITES, "copy deals to 'out.csv'"]:
        with pytest.raises(SourceError, match="refuses"):
            by_query(tmp_path, "duckdb:///crm.duckdb", write)


def test_a_secret_never_shows_and_a_missing_one_is_named(
    lite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CRM_URL", raising=False)
    with pytest.raises(SourceError, match="not set: CRM_URL"):
        by_query(lite, "${CRM_URL}", "select 1")
    monkeypatch.setenv("CRM_URL", "postgresql://bob:hunter2@localhost:1/hunter2")
    with pytest.raises(SourceError) as caught:
        by_query(lite, "${CRM_URL}", "select 1")
    told = str(caught.value) + repr(caught.value.__cause__) + str(caught.value.__suppress_context__)
    assert "hunter2" not in told
    assert caught.value.__suppress_context__


@pytest.fixture(scope="module")
def postgres(new_postgres: Callable[[], str]) -> str:
    """The address of a real PostgreSQL with the table of deals."""
    address = new_postgres()
    with contextlib.closing(connected(address)) as connection:
        for statement in (CREATE, INSERT, "alter table deals add at timestamptz"):
            connection.cursor().execute(statement)
        at = "update deals set at = '2026-01-31 23:30:00+02' where id = 1"
        connection.cursor().execute(at)
        connection.commit()
    return address


@pytest.mark.slow
def test_postgresql_is_read_and_never_written(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_URL", postgres)
    query = "select *, at::date as local, name || ':x' as tagged from deals order by id"
    raw = by_query(tmp_path, "${CRM_URL}", query)
    assert raw.frame["name"].to_list() == ["דנה", "Bo"]
    assert raw.frame["amount"].to_list() == [Decimal("10.50"), None]
    assert raw.frame["day"].to_list() == [date(2026, 1, 31), date(2026, 2, 1)]
    assert raw.frame["at"].to_list() == [datetime(2026, 1, 31, 21, 30, tzinfo=UTC), None]
    assert raw.frame["tagged"].to_list() == ["דנה:x", "Bo:x"]
    for write in [*WRITES, "commit; delete from deals"]:
        with pytest.raises(SourceError, match="read-only transaction"):
            by_query(tmp_path, "${CRM_URL}", write)
    assert by_query(tmp_path, "${CRM_URL}", "select * from deals").rows_in == 2


@pytest.mark.parametrize(
    ("address", "tls"),
    [
        ("postgresql:///crm?host=/run/pg", False),
        ("postgresql:///crm?host=/run/pg&sslmode=require", False),
        ("postgresql://db.example/crm?sslmode=disable", False),
        ("postgresql://db.example/crm", None),
        ("postgresql://db.example/crm?sslmode=verify-full", ssl.CERT_REQUIRED),
    ],
)
def test_tls_is_asked_for_as_the_address_says(address: str, tls: object) -> None:
    """Not of a socket of this machine; of a server always, unless the address forbids it."""
    _, arguments = driver_address(make_url(address))
    context = arguments.get("ssl_context")
    assert getattr(context, "verify_mode", context) is tls


FRAMES = {
    "quota": pl.DataFrame({"rep": ["7", "8"], "day": ["2010-12-29 00:00:00.000"] * 2}),
    "people": pl.DataFrame({"id": ["7"], "name": ["דנה"], "_file": ["p.csv"], "_row": [2]}),
}


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("select name from quota join people on rep = id", [("דנה",)]),
        ("select rep, name from quota left join people on rep = id", [("7", "דנה"), ("8", None)]),
        ("select case when rep = '7' then 'a' else 'b' end as c from quota", [("a",), ("b",)]),
        ("select rep from quota union all select id as rep from people", [("7",), ("7",), ("8",)]),
        ("select cast(day as timestamp) + interval '2376 days' as d from quota where rep = '7'",
         [(datetime(2017, 7, 1),)]),  # noqa: DTZ001
        ("select cast(substr(day, 1, 10) as date) + interval '2376 days' as d from quota limit 1",
         [(date(2017, 7, 1),)]),
        ("with r as (select rep from quota) select count(*) as n from r", [(2,)]),
        ("select _row as id from people", [(2,)]),
        ("select coalesce(name, rep) as who from quota left join people on rep = id",
         [("8",), ("דנה",)]),
    ],
)  # fmt: skip
def test_sql_over_raw_frames(query: str, rows: list[tuple[object, ...]]) -> None:
    assert sorted(run_query(query, FRAMES).rows(), key=str) == rows


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("select nam from people", "nam"),
        ("select * from peple", "people (id, name"),
        ("selec 1", "cannot be run"),
        ("select cast(name as date) as d from people", "cannot be run"),
    ],
)
def test_a_query_that_cannot_run_says_what_there_is(query: str, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        run_query(query, FRAMES, place="[tables.x]")
    assert says in str(caught.value)
    assert "[tables.x]" in str(caught.value)


def test_wide_months_become_rows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("who,M01,M02\na,1,-\nb,3\nc,5,6\n", encoding="utf-8")
    text = HEAD + '[raw.t]\npath = "t.csv"\n'
    text += (
        'unpivot = { columns = ["M01", "M02"], into = "m", value = "v", names = { M01 = "01" } }\n'
    )
    settings = settings_from_text(
        text + '[tables.targets]\nfrom = "t"\n', path=tmp_path / "spm.toml"
    )
    raw = read_raws(settings)["t"]
    assert raw.frame.select("who", "m", "v", "_row").rows() == [
        ("a", "01", "1", 2), ("a", "M02", "-", 2), ("c", "01", "5", 4), ("c", "M02", "6", 4),
    ]  # fmt: skip
    assert raw.quarantine["row"].to_list() == [3]
    assert raw.rows_in == raw.frame.height + raw.quarantine.height


def test_files_of_one_glob_may_differ_and_a_note_says_so(tmp_path: Path) -> None:
    (tmp_path / "d1.csv").write_text("id,name\n1,a\n", encoding="utf-8")
    (tmp_path / "d2.csv").write_text("name,id,new\nb,2,x\n", encoding="utf-8")
    settings = settings_from_text(
        HEAD + '[tables.orders]\npath = "d*.csv"\n', path=tmp_path / "spm.toml"
    )
    raw = read_raws(settings)["orders"]
    assert raw.frame.rows() == [("1", "a", None, "d1.csv", 2), ("2", "b", "x", "d2.csv", 2)]
    assert raw.notes == ("d2.csv adds new, against d1.csv",)
    (tmp_path / "d3.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(SourceError, match="share no column"):
        read_raws(settings)


def test_a_query_gives_its_rows_in_the_same_order_whatever_order_the_files_are_in() -> None:
    deals = pl.DataFrame({"id": [f"D{n}" for n in range(400)], "rep": [n % 7 for n in range(400)]})
    reps = pl.DataFrame({"rep": [*range(6), None], "name": [*"abcdef", None]})
    query = "select d.id, r.name from deals as d left join reps as r on d.rep = r.rep"
    found = [
        run_query(query, {"deals": deals.sample(400, shuffle=True, seed=seed), "reps": reps})
        for seed in range(6)
    ]
    assert all(one.equals(found[0]) for one in found)
    assert found[0].rows()[:3] == [("D0", "a"), ("D1", "b"), ("D10", "d")]


@pytest.mark.parametrize(
    "query",
    [
        "select id from deals order by id desc",
        "(select id from deals order by id desc)",
        "\n ( select id from deals order by id desc ) limit 3",
        "select id as `rep's` from deals where id > 0 ORDER\nBY id desc",
        "with d as (select id from deals) select id from d order by id desc",
    ],
)
def test_a_query_that_orders_its_rows_keeps_its_order(query) -> None:
    deals = {"deals": pl.DataFrame({"id": [2, 3, 1]})}
    assert run_query(query, deals).to_series().to_list() == [3, 2, 1]


def test_a_query_that_orders_a_part_only_is_sorted() -> None:
    deals = {"deals": pl.DataFrame({"id": [2, 3, 1]})}
    named = "select id as `order by` from deals"
    assert run_query(named, deals).to_series().to_list() == [1, 2, 3]
    within = "select id from (select id from deals order by id desc) as d -- order by id desc"
    assert run_query(within, deals)["id"].to_list() == [1, 2, 3]
