"""The funnel says where deals are lost only where that is known, and how many nobody knows of."""

from __future__ import annotations

import csv
from datetime import date
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from spm_lib.metrics import measure
from spm_lib.model import Company, company_from_frames, metric_id
from spm_lib.reports import FunnelPage
from spm_lib.reports.blocks import Chart, Section, Summary, Table, Text
from spm_lib.reports.pages.stage_flow import COUNTS, flow_id
from spm_lib.reports.pages.stage_funnel import StageFunnel, stage_funnels
from tests.metrics.companies import OPEN, SETTINGS, Facts, Row, company, random_facts
from tests.metrics.oracles import funnel as walked

from .conftest import STAGES

pytestmark = pytest.mark.slow

WINDOW = (date(2026, 1, 1), date(2026, 4, 1))


def parts(section: Section, kind: type) -> list:
    return [block for block in section.blocks if isinstance(block, kind)]


def said(summary: Summary) -> list[str]:
    return [s.text for s in (*summary.happened, *summary.why, *summary.todo)]


def lost_by_hand(workspace: Path, start: date, end: date) -> tuple[int, int]:
    """Count lost deals and all deals created in a window, from the file itself."""
    with (workspace.parent / "opportunities.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    made = [r for r in rows if start <= date.fromisoformat(r["created_at"]) < end]
    return len([r for r in made if r["stage"] == "Lost"]), len(made)


def test_without_a_history_nothing_is_said_of_where_deals_are_lost(bare_client: Path) -> None:
    """Deals have a stage, but the lost ones only say "Lost": each is booked at the first stage."""
    page = FunnelPage(str(bare_client), language="en")
    lost, made = lost_by_hand(bare_client, page.window.start, page.window.end)
    section, summary = page.funnel(), page.summary()
    assert isinstance(section.blocks[0], Text), "it is said before anything is shown"
    assert section.blocks[0].tone == "caution"
    first = section.blocks[0].sentences[0].text
    assert f"{lost} of the {made} deals created in this time were lost" in first
    assert first in said(summary)
    for text in (*said(summary), *(chart.title for chart in parts(section, Chart))):
        assert "narrowest point is" not in text
        assert "Go through the deals lost at" not in text
    (table,) = parts(section, Table)
    titles = [column.title for column in table.columns]
    assert "Conversion" not in titles
    assert "95% interval" not in titles
    place = titles.index("Of them, stage not known")
    assert [row[place].shown for row in table.rows] == [str(lost), "0", "0"]
    (chart,) = parts(section, Chart)
    assert "%" not in chart.svg.partition("<svg")[2], "no share of a stage is drawn"


def test_in_hebrew_too(bare_client: Path) -> None:
    page = FunnelPage(str(bare_client), language="he")
    assert page.text("At which stage deals are lost is not known") in [
        chart.title for chart in parts(page.funnel(), Chart)
    ]
    assert not [text for text in said(page.summary()) if "הצרה ביותר היא" in text]


def test_with_a_history_the_narrowest_point_is_told(small_client: Path) -> None:
    page = FunnelPage(str(small_client), language="en")
    (funnel,) = page.funnels()
    assert funnel.told
    assert funnel.unknown is None
    rates = {f.by["stage"]: float(f.value or 0) for f in funnel.figures}
    assert funnel.narrowest is not None
    assert funnel.narrowest.by["stage"] == min(rates, key=lambda stage: rates[stage])
    assert [t for t in said(page.summary()) if t.startswith("The narrowest point is")]
    table = parts(page.funnel(), Table)[0]
    assert "Conversion" in [column.title for column in table.columns]
    assert "Of them, stage not known" not in [column.title for column in table.columns]


def deal(number: int, *stages: str) -> Row:
    """Return a deal that walks through stages, one each day."""
    events = [
        {
            "day": date(2026, 1, 5 + i),
            "stage": stage,
            "rep": "r1",
            "amount": 100,
            "expected": None,
            "seq": i,
        }
        for i, stage in enumerate(stages)
    ]
    return {
        "id": f"p{number}",
        "account": "a1",
        "segment": "small",
        "lost_reason": None,
        "result": None,
        "created": events[0]["day"],
        "events": events,
    }


def funnel_of(co: Company) -> StageFunnel:
    (found,) = stage_funnels(measure(co, "stage_conversion.cohort", window=WINDOW))
    return found


def known_and_unknown(known: int, unknown: int, *, won: int = 40) -> Company:
    """Return a company: lost at Proposal, lost nobody knows where, and won."""
    roads = [(*OPEN[:3], "Lost")] * known + [("Lost",)] * unknown + [(*OPEN, "Won")] * won
    return company(Facts(deals=[deal(i, *road) for i, road in enumerate(roads)]))


@pytest.mark.parametrize(("unknown", "told"), [(0, True), (4, True), (5, False), (60, False)])
def test_a_tenth_of_the_lost_deals_may_be_unknown(unknown: int, told: bool) -> None:
    funnel = funnel_of(known_and_unknown(40, unknown))
    assert funnel.told is told
    assert funnel.lost == 40 + unknown
    assert (int(funnel.unknown.value or 0) if funnel.unknown else 0) == unknown
    assert (funnel.narrowest.by["stage"] if funnel.narrowest else None) == (
        "Proposal" if told else None
    )


def test_no_narrowest_point_hangs_on_deals_of_unknown_stage() -> None:
    """A few unknown losses make Lead the narrowest; without them it is Proposal."""
    roads = (
        [("Lead", "Lost")] * 24
        + [("Lost",)] * 4
        + [(*OPEN[:3], "Lost")] * 18
        + [(*OPEN, "Won")] * 47
    )
    funnel = funnel_of(company(Facts(deals=[deal(i, *road) for i, road in enumerate(roads)])))
    rates = [float(f.value or 0) for f in funnel.figures]
    assert funnel.told
    assert rates[0] < rates[2], "with the unknown ones Lead is lowest"
    assert 24 / 89 < 18 / 65, "without them Proposal is"
    assert funnel.narrowest is None


def test_stages_that_few_reached_are_passed_over() -> None:
    roads = [(*OPEN, "Lost")] * 5 + [("Lead", "Lost")] * 20 + [(*OPEN, "Won")] * 15
    funnel = funnel_of(company(Facts(deals=[deal(i, *road) for i, road in enumerate(roads)])))
    assert float(funnel.figures[3].value or 0) == 0.75
    assert funnel.narrowest is not None
    assert funnel.narrowest.by["stage"] == "Lead"
    assert funnel_of(company(Facts(deals=[deal(0, "Lead", "Lost")]))).narrowest is None


def test_no_deals_give_one_funnel_of_zeros() -> None:
    frame = pl.DataFrame(
        {"opportunity_id": ["a"], "stage": ["Won"], "created_at": [date(2020, 1, 1)]}
    )
    co = company_from_frames({"opportunities": frame}, SETTINGS, as_of=date(2026, 3, 31))
    funnel = funnel_of(co)
    assert funnel.stages == list(OPEN)
    assert funnel.lost == 0
    assert funnel.narrowest is None


PIPELINES = """[pipelines.sales]
open = ["Lead", "<b>Proposal</b>", "Talks & terms"]
won = ["Won"]
lost = ["Lost"]
[pipelines.renewals]
open = ["Talks & terms", "Lead"]
won = ["Renewed"]
lost = ["Lapsed"]
"""


@pytest.fixture(scope="module")
def two_pipelines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every third deal renews: through two stages of the same names, the other way round."""
    from .conftest import FILE, TABLES, make_tables

    folder = tmp_path_factory.mktemp("two")
    tables = make_tables()
    renewing = {d["opportunity_id"] for d in tables["opportunities"][::3]}
    turned = {
        "Lead": "Talks & terms",
        "<b>Proposal</b>": "Lead",
        "Talks & terms": "Lead",
        "Won": "Renewed",
        "Lost": "Lapsed",
    }
    text = FILE[: FILE.index("[stages]")] + PIPELINES
    for name in ("opportunities", "stage_events", "targets"):
        rows = tables[name]
        columns = [*TABLES[name], *(["pipeline"] if name != "targets" else [])]
        for row in rows if name != "targets" else []:
            renews = row["opportunity_id"] in renewing
            row["pipeline"] = "renewals" if renews else "sales"
            row["stage"] = turned[row["stage"]] if renews else row["stage"]
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / f"{name}.csv")
        pairs = ", ".join(f'{c} = "{c}"' for c in columns)
        text += f'[tables.{name}]\npath = "{name}.csv"\ncolumns = {{ {pairs} }}\n'
    (folder / "spm.toml").write_text(text, encoding="utf-8")
    return folder / "spm.toml"


@pytest.mark.parametrize("tongue", ["en", "he"])
def test_every_pipeline_has_its_own_funnel(two_pipelines: Path, tongue: str) -> None:
    page = FunnelPage(str(two_pipelines), language=tongue)
    for section in (page.funnel(), page.time_in_stage(), page.pipeline()):
        parts_of = [block for block in section.blocks if isinstance(block, Section)]
        assert [part.title for part in parts_of] == ["sales", "renewals"]
        for part, names in zip(parts_of, (STAGES, ["Talks & terms", "Lead"]), strict=True):
            (chart,), table = parts(part, Chart), parts(part, Table)[0]
            assert [row[0].text for row in table.rows] == names
            assert any(stage in chart.title for stage in names)
    deals = pl.read_csv(two_pipelines.parent / "opportunities.csv", try_parse_dates=True)
    start, end = page.window.start, page.window.end
    made = deals.filter(pl.col("created_at").is_between(start, end, closed="left"))
    for name, part in zip(("sales", "renewals"), page.funnel().blocks, strict=True):
        table = parts(part, Table)[0]  # pyright: ignore
        rows = [[int(cell.shown or 0) for cell in row[1:5]] for row in table.rows]
        assert rows[0][0] == made.filter(pl.col("pipeline") == name).height
        for entered, advanced, lost, still_open in rows:
            assert entered == advanced + lost + still_open
        for (_, advanced, *_), (entered, *_) in pairwise(rows):
            assert advanced == entered, "what advanced entered the next stage of its pipeline"


def test_the_summary_names_the_narrowest_point_of_each_pipeline(two_pipelines: Path) -> None:
    page = FunnelPage(str(two_pipelines), language="en")
    told = [t for t in said(page.summary()) if t.startswith("The narrowest point of")]
    assert len(told) == 2
    for funnel, text in zip(page.funnels(), told, strict=True):
        assert funnel.narrowest is not None
        assert text.startswith(
            f"The narrowest point of {funnel.pipeline} is {funnel.narrowest.by['stage']}"
        )


@pytest.mark.parametrize(
    "kind", [pytest.param("ForecastPage", marks=pytest.mark.proof), "RepsPage"]
)
def test_the_other_pages_open_two_pipelines_too(two_pipelines: Path, kind: str) -> None:
    from .test_pages import PAGES, html

    page = next(k for k in PAGES if k.__name__ == kind)
    assert "<h1" in html(page, two_pipelines, "he")


@pytest.mark.parametrize("how", ["cohort", "period"])
def test_every_count_of_the_flow_is_that_of_a_walk_along_the_deals(how: str) -> None:
    """Skips, returns and losses, of deals made by chance, through the registry's own ids."""
    facts = random_facts(17, deals=90)
    co, truth = company(facts), walked(facts, how=how, window=WINDOW)
    for column in COUNTS:
        metric = flow_id(f"stage_conversion.{how}", column)
        compute = metric_id(metric).compute
        assert compute is not None
        found = {f.by["stage"]: int(f.value or 0) for f in compute(co, None, WINDOW)}
        assert found == {stage: counts[column] for stage, counts in truth.items()}, metric
    totals = {name: sum(counts[name] for counts in truth.values()) for name in COUNTS}
    assert min(totals["skipped"], totals["re_entered"], totals["lost"]) > 0, "all of it happens"
    for counts in truth.values():
        assert counts["entered"] == counts["advanced"] + counts["lost"] + counts["still_open"]


def test_a_conversion_carries_the_counts_it_is_made_of() -> None:
    facts = random_facts(17, deals=90)
    truth = walked(facts, how="period", window=WINDOW)
    for figure in measure(company(facts), "stage_conversion.period", window=WINDOW).figures():
        assert figure.counts == truth[figure.by["stage"]]
        assert figure.to_dict(2)["counts"] == truth[figure.by["stage"]]
    assert "counts" not in measure(company(facts), "won.count").figures()[0].to_dict(2)


def test_the_page_tells_returns_and_what_arrived(small_client: Path, bare_client: Path) -> None:
    page = FunnelPage(str(small_client), language="en")
    created, arrived = parts(page.funnel(), Table)
    for table in (created, arrived):
        titles = [column.title for column in table.columns]
        assert titles[-2:] == ["Skipped", "Re-entered"]
    with (small_client.parent / "stage_events.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    first: dict[tuple[str, str], date] = {}
    for row in rows:
        key = (row["opportunity_id"], row["stage"])
        first.setdefault(key, date.fromisoformat(row["entered_at"]))
    start, end = page.window.start, page.window.end
    for row in arrived.rows:
        stage = row[0].text
        inside = [d for (_, s), d in first.items() if s == stage and start <= d < end]
        assert int(row[1].shown) == len(inside), "no deal skips a stage here"
    (bare,) = parts(FunnelPage(str(bare_client), language="en").funnel(), Table)
    assert not {"Skipped", "Re-entered"} & {column.title for column in bare.columns}
