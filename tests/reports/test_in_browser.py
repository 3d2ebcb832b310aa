"""Pages in a real Chromium: accessible, inside the window, whole on paper; and a hostile client."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from spm_lib.core.language import language as spoken
from spm_lib.reports.blocks import Column, Sentence, Summary, Table
from spm_lib.reports.cells import Edition, words
from spm_lib.reports.document import build_document
from spm_lib.reports.html.render import render_document
from spm_lib.reports.runs.index_page import render_index
from spm_lib.reports.runs.run_record import Item
from spm_lib.reports.scopes import COMPANY
from spm_lib.store.secrets import find_secrets
from spm_lib.workspace import Brand, contrast

from .browsing import Visit, opened_browser
from .hostile import ATTACKS, write_hostile
from .shelf_pages import NAMES, PEOPLE, shelf_document

pytestmark = pytest.mark.slow
TONGUES = ("en", "he")
PAGES = ("funnel-en", *(f"{name}-he" for name in (*NAMES, *PEOPLE)))
EACH_RUN = ("funnel-en", "reps-he", "rep-he")  # the rest: a proof
CHARTS = {
    "index": 0,
    "rep": 0,
    "manager": 0,
    "coaching": 0,
    "mistakes": 0,
    "playbook": 1,
    "segments": 2,
    "targets": 0,
    "statement": 0,
}  # the fewest; elsewhere 2
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OUTSIDE = """() => [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('svg') || e.tagName === 'svg')
  .filter(e => { const r = e.getBoundingClientRect(); return r.width && (
      r.right > document.documentElement.clientWidth + 1 || r.left < -1 ||
      (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible')); })
  .map(e => `${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`)"""
# Each ink of a chart, and the filled shape that its text lies in; white where it lies in none.
INKS = """() => [...new Set([...document.querySelectorAll('svg text')].map(e => {
  const ink = getComputedStyle(e).fill, at = e.getBoundingClientRect();
  const inside = [...e.closest('svg').querySelectorAll('path[fill], rect[fill]')].filter(p => {
    const box = p.getBoundingClientRect(), fill = getComputedStyle(p);
    return fill.fill !== 'none' && +fill.fillOpacity === 1 && +fill.opacity === 1
      && !(p.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING)
      && box.left <= at.left && box.right >= at.right && box.top <= at.top
      && box.bottom >= at.bottom; });
  const ground = inside.length ? getComputedStyle(inside.at(-1)).fill : 'rgb(255, 255, 255)';
  return ink + '|' + ground; }))].map(pair => pair.split('|'))"""
TAGS = """() => [...document.querySelectorAll('*')].map(e =>
  [e.tagName.toLowerCase(), [...e.attributes].map(a => a.name)])"""
PLAIN = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section"),
    *("article", "div", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td"),
    *("h1", "h2", "h3", "h4", "p", "ul", "li", "dl", "dt", "dd", "span", "bdi", "code", "pre"),
    *("a", "svg", "g", "path", "rect", "circle", "line", "text", "tspan", "defs", "clippath"),
}
BRAND = Brand(
    colour="#0B5D3B",
    footer=ATTACKS[13] + ATTACKS[10],
    confidentiality="Confidential " + ATTACKS[1],
)
DONE: dict[str, Any] = {"status": "done", "files": ("report.html", "report.pdf", "figures.json")}
ITEMS = (
    Item("funnel", "en", COMPANY, "funnel/all/en", title="Funnel", headline=("One",), **DONE),
    Item("reps", "he", COMPANY, "reps/all/he", status="failed", error="It broke: נועה"),
    Item("mine", "en", COMPANY, "mine/all/en", status="running"),
    Item("reps", "en", "rep:R1", "reps/R1/en", who="נועה", title="Comparison", **DONE),
    Item("reps", "he", "rep:R2", "reps/R2/he", who="Ann", status="failed", error="It broke"),
    Item("reps", "he", "team:N", "reps/N/he", who="North", status="running"),
)


def index(client: str, brand: Brand = BRAND, items: Any = ITEMS) -> str:
    edition = Edition(language="en")
    day = date(2026, 9, 30)
    return render_index(
        items, client=client, as_of=day, exported_on=day, edition=edition, brand=brand
    )


@pytest.fixture(scope="module")
def browser():
    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, sample_workspace: Path) -> Callable[[str], Path]:
    """Where a report of the sample lies, written when it is first asked for; and an index."""
    folder = tmp_path_factory.mktemp("pages")

    @cache
    def made(name: str) -> Path:
        path = folder / f"{name}.html"
        if name == "index":
            text = index("Galil · גליל")
        else:
            text = render_document(shelf_document(*_named(name, sample_workspace)))
        path.write_text(text, encoding="utf-8")
        return path

    return made


def _named(page: str, workspace: Path) -> tuple[str, Path, str]:
    name, tongue = page.split("-")
    return name, workspace, tongue


@pytest.fixture(
    scope="module",
    params=["funnel-he reps-he", pytest.param("forecast-en", marks=pytest.mark.proof)],
)
def hostile(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A hostile client's reports under a hostile brand, and its index."""
    folder = tmp_path_factory.mktemp("hostile")
    workspace = write_hostile(folder)
    place = f"{ATTACKS[9]}/{ATTACKS[2]}"
    told = {"title": ATTACKS[0], "subtitle": ATTACKS[13], "headline": (ATTACKS[1], ATTACKS[11])}
    items = [
        Item(ATTACKS[9], "en", COMPANY, place, **told, **DONE),
        Item("x", "he", COMPANY, "x/all/he", status="failed", error=ATTACKS[13] + ATTACKS[12]),
        Item("x", "en", f"rep:{ATTACKS[1]}", place, who=ATTACKS[1], title=ATTACKS[0], **DONE),
        Item("x", "he", "rep:2", "x", who=ATTACKS[15], status="failed", error=ATTACKS[0]),
    ]
    paths = {"index": folder / "index.html"}
    paths["index"].write_text(index(ATTACKS[1], items=items), encoding="utf-8")
    for name, tongue in (page.split("-") for page in request.param.split()):
        page = render_document(shelf_document(name, workspace, tongue), brand=BRAND)
        paths[name] = folder / f"{name}.html"
        paths[name].write_text(page, encoding="utf-8")
    return paths


@pytest.fixture(
    scope="module",
    params=[
        "index",
        *(pytest.param(p, marks=() if p in EACH_RUN else pytest.mark.proof) for p in PAGES),
    ],
)
def opened(request: pytest.FixtureRequest, browser, page) -> Iterator[tuple[str, Visit]]:
    """Each page in turn, opened once for all that is asked of it."""
    visit = Visit(browser, page(request.param))
    yield request.param, visit
    visit.close()


def seen_at(visit: Visit, width: int) -> Any:
    """Return the page of a visit in a window so wide."""
    visit.page.set_viewport_size({"width": width, "height": 900})
    return visit.page


def violations(page: Any, only: dict[str, Any]) -> list[Any]:
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": only, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response
    assert found["testEngine"]["name"] == "axe-core"
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]]


def test_pages_break_no_rule_of_accessibility(opened) -> None:
    _, visit = opened
    rules = {"type": "tag", "values": RULES}
    assert violations(seen_at(visit, 1280), rules) == []
    narrow = {"type": "rule", "values": ["scrollable-region-focusable", "meta-viewport"]}
    assert violations(seen_at(visit, 400), narrow) == []


def test_axe_would_find_what_is_wrong(browser, tmp_path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    path = tmp_path / "bad.html"
    path.write_text("<html><body><h4>x</h4><img src='data:,'><p style='color:#aaa'>pale</p>")
    visit = Visit(browser, path)
    found = {v["id"] for v in Axe().run(visit.page).response["violations"]}
    assert {"image-alt", "color-contrast", "html-has-lang"} <= found
    visit.close()


def test_headings_alt_texts_and_colours_of_charts(opened) -> None:
    name, visit = opened
    page = visit.page
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    charts = page.evaluate(
        "[...document.querySelectorAll('figure.chart > [role=img]')].map(e => "
        "[e.getAttribute('aria-label'), e.querySelector('text')?.textContent, "
        "e.querySelectorAll('[role],[aria-label]').length])"
    )
    assert len(charts) >= CHARTS.get(name.partition("-")[0], 2)
    for alt, _, inner in charts:
        assert re.search(r"\S+ \S+ \S+", alt), "a sentence, not a word"
        assert inner == 0, "one sentence speaks for the drawing"
    for fill, ground in page.evaluate(INKS):
        ink, on = (
            "#" + "".join(f"{int(n):02X}" for n in re.findall(r"\d+", colour)[:3])
            for colour in (fill, ground)
        )
        assert contrast(ink, on) >= 4.5, (fill, ground)


@pytest.mark.parametrize("width", [1280, 768])
def test_nothing_runs_out_of_the_window(opened, width: int) -> None:
    _, visit = opened
    assert seen_at(visit, width).evaluate(OUTSIDE) == []


def test_nothing_is_clipped_on_paper(opened) -> None:
    import pypdfium2

    _, visit = opened
    shown = visit.page.evaluate("document.body.innerText")
    printed = pypdfium2.PdfDocument(visit.page.pdf(prefer_css_page_size=True))
    texts = []
    for page in printed:
        width, height = page.get_size()
        assert (round(width), round(height)) == (595, 842), "A4"
        text = page.get_textpage()
        texts.append(text.get_text_range())
        for left, low, right, high in map(text.get_rect, range(text.count_rects())):
            assert left > 20
            assert right < width - 20
            assert low > 20
            assert high < height - 20
    printed.close()
    numbers = set(re.findall(r"\d[\d,.]*\d", shown))
    missing = numbers - set(re.findall(r"\d[\d,.]*\d", " ".join(texts)))
    assert len(missing) <= len(numbers) / 50, missing  # joined by line breaks


def test_real_reports_hold_nothing_that_looks_like_a_secret(page) -> None:
    for name in ("index", *EACH_RUN):
        assert find_secrets(page(name).read_bytes(), known=["correct-horse"]) == []


@pytest.mark.parametrize("name", [pytest.param("forecast", marks=pytest.mark.proof), "reps"])
def test_real_documents_hold_nothing_that_looks_like_a_secret(name, sample_workspace) -> None:
    document = shelf_document(name, sample_workspace, "he")
    payloads = "".join(block.model_dump_json() for block in document.blocks)
    assert len(payloads) > 50_000
    assert find_secrets(payloads) == []


@pytest.mark.parametrize("policy", [True, False])
def test_a_hostile_client_cannot_act_in_a_page(browser, hostile, policy: bool) -> None:
    """With the page's own policy, and without it: escaping alone must do."""
    for name, path in hostile.items():
        visit = Visit(browser, path, bypass_csp=not policy)
        visit.page.wait_for_timeout(100)
        assert visit.requests == [path.resolve().as_uri()], name
        assert visit.said == [], name
        assert visit.page.evaluate("window.hit") is None
        for tag, attributes in visit.page.evaluate(TAGS):
            assert tag in PLAIN, (name, tag)
            assert not [a for a in attributes if a.startswith(("on", "src", "xlink"))], name
        links = visit.page.evaluate("[...document.links].map(a => a.protocol)")
        assert set(links) <= {"file:"}
        assert (len(links) > 0) == (name == "index")
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        text = visit.page.evaluate("document.body.textContent")
        assert ATTACKS[13].replace("\u202e", "") in text, "it is shown as text"
        assert not re.search("[\x00\x1b\u202a-\u202e]", text)
        visit.close()


def test_hostile_links_of_an_index_stay_in_its_folder(browser, hostile) -> None:
    visit = Visit(browser, hostile["index"])
    for address in visit.page.evaluate("[...document.links].map(a => a.getAttribute('href'))"):
        assert not re.match(r"(?i)\s*(javascript|data|https?):", address)
    visit.close()


PLACES = """words => [...document.querySelectorAll('li, tbody tr')].map(row => {
  const places = [];
  const walk = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    for (const word of words) {
      const at = node.data.indexOf(word);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 3);
      const box = range.getBoundingClientRect();
      places.push([word, box.left, box.top]);
    }
  return places;
})"""
REACHING = [ATTACKS[10], ATTACKS[11], ATTACKS[16], "\u202e", "\u2067", "\u2069\u202e", "א\n\u202e"]


@pytest.mark.parametrize("tongue", TONGUES)
def test_names_cannot_reorder_their_neighbours(browser, tmp_path, tongue: str) -> None:
    edition = Edition.model_validate({"language": tongue})
    say = spoken(tongue).text
    before, after = ("AAA", "ZZZ") if tongue == "en" else ("אאא", "תתת")
    lines = [Sentence(text=say(f"{before} {{rep}} {after}", rep=name)) for name in REACHING]
    plain = Sentence(text=f"{before} {REACHING[0]} {after}")  # not isolated: tame all the same
    rows = tuple((words(before), words(name), words(after)) for name in REACHING)
    columns = tuple(Column(title=title) for title in ("a", "b", "c"))
    blocks = [
        Summary(edition=edition, happened=(*lines, plain)),
        Table(edition=edition, title="t", columns=columns, rows=rows),
    ]
    path = tmp_path / "page.html"
    path.write_text(render_document(build_document(blocks, title="x")), encoding="utf-8")
    visit = Visit(browser, path)
    found = visit.page.evaluate(PLACES, [before, after])
    visit.close()
    assert len(found) == 2 * len(REACHING) + 1
    for places in found:
        (first, here, _), (last, there, _) = places
        assert (first, last) == (before, after)
        assert here < there if tongue == "en" else here > there, places


def test_a_brand_is_seen_and_charts_keep_their_colours(browser, tmp_path, sample_workspace) -> None:
    from PIL import Image

    from spm_lib.core.fonts import FONTS

    logo = tmp_path / "logo.svg"
    drawn = "<script>window.hit=1</script><rect width='90' height='30' fill='#0B5D3B'/>"
    logo.write_text(f"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='30'>{drawn}</svg>")
    brand = Brand(
        colour="#0B5D3B",
        logo=logo,
        font="x';}</style><script>window.hit=5</script>",
        regular=FONTS / "Heebo-Regular.ttf",
        bold=FONTS / "Heebo-Bold.ttf",
        footer="Advisors Ltd",
        confidentiality="Confidential",
    )
    document = shelf_document("funnel", sample_workspace, "en")
    path = tmp_path / "branded.html"
    path.write_text(render_document(document, brand=brand), encoding="utf-8")
    visit = Visit(browser, path, bypass_csp=True)
    colour = "e => getComputedStyle(e).color"
    for place in ("h1", "h2", ".client"):
        assert visit.page.eval_on_selector(place, colour) == "rgb(11, 93, 59)", place
    rule = "e => getComputedStyle(e).borderBottomColor"
    assert visit.page.eval_on_selector(".cover", rule) == "rgb(11, 93, 59)"
    assert visit.page.evaluate("document.fonts.check('700 12px Brand')")
    assert "Brand" in visit.page.eval_on_selector("p", "e => getComputedStyle(e).fontFamily")
    assert visit.page.eval_on_selector("img.logo", "e => [e.naturalWidth, e.alt]") == [
        90,
        "Logo of \u2068גליל מערכות · Galil Systems\u2069",
    ]
    shot = Image.open(io.BytesIO(visit.page.locator("img.logo").screenshot())).convert("RGB")
    assert shot.getpixel((10, 10)) == (11, 93, 59)
    assert visit.page.inner_text("footer").startswith("Confidential")
    assert visit.page.inner_text("footer").endswith("Advisors Ltd")
    assert visit.page.evaluate("window.hit") is None
    assert all(request.startswith(("file:", "data:")) for request in visit.requests)
    won = (
        "[...document.querySelectorAll('svg path')].filter(p => p.getAttribute('fill')=='#0072B2')"
    )
    assert visit.page.evaluate(f"{won}.length") > 5
    visit.close()
