"""Hand-made documents for the tests of print: every kind of block, in both languages."""

from __future__ import annotations

import base64
import io
from datetime import date

from spm_lib.core.bidi import embed
from spm_lib.model import Figure, Receipt
from spm_lib.model.receipts import SetAside
from spm_lib.reports.blocks import (
    Block,
    Chart,
    Column,
    Cover,
    Definition,
    Definitions,
    NoticeEntry,
    Notices,
    Picture,
    Prose,
    Receipts,
    Section,
    Sentence,
    Summary,
    Table,
    TableReceipt,
    Text,
    Tile,
    Tiles,
)
from spm_lib.reports.cells import Day, Edition, Number, words
from spm_lib.reports.document import Document, build_document
from spm_lib.reports.writing import Writer

AS_OF = date(2026, 9, 30)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="560" height="{height}" '
    'viewBox="0 0 560 {height}"><rect width="560" height="{height}" fill="#eeeeee"/>'
    '<text x="6" y="24" font-family="Heebo" font-size="14">{top}</text>'
    '<text x="554" y="{end}" text-anchor="end" font-family="Heebo">{foot}</text></svg>'
)
MARKDOWN = """## A heading of prose

Plain, **strong**, *stressed*, `code $x$` and [a link](https://example.com/a).

1. first
2. second
   - inner

> quoted

```
kept   as it    is
```

| Name | Share |
|------|------:|
| Noa  |   12% |

---

![a picture](https://example.com/x.png) and [no link](javascript:alert(1)) <b>raw</b>
"""


def figure(value: str | None, unit: str = "count", **more: object) -> Figure:
    return Figure("won.count", AS_OF, unit, value, Receipt(12), **more)  # type: ignore[arg-type]


def number(value: str | None, unit: str = "count", **more: object) -> Number:
    return Number(figure=figure(value, unit), **more)  # type: ignore[arg-type]


def text(*sentences: str, tone: str = "plain") -> Text:
    told = tuple(Sentence(text=s) for s in sentences)
    return Text(sentences=told, tone=tone)  # type: ignore[arg-type]


def chart(title: str = "Finding", *, height: int = 240, top: str = "top", foot: str = "7") -> Chart:
    svg = SVG.format(height=height, top=top, foot=foot, end=height - 8)
    return Chart(title=title, alt=f"The chart shows: {title}", svg=svg, note="A note under it.")


def table(rows: int, columns: int = 3, *, title: str = "A table", wide: str = "") -> Table:
    heads = (Column(title="Name"), *(Column(title=f"C{i}", kind="count") for i in range(columns)))
    body = tuple(
        (words(f"row{r} {wide}".strip()), *(number(str(1_000 * r + c)) for c in range(columns)))
        for r in range(rows)
    )
    return Table(title=title, columns=heads, rows=body, note="A note under the table.")


def png() -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (40, 20), "#0072B2").save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def cover(language: str = "en", title: str = "", client: str = "Galil Systems") -> Cover:
    return Cover(
        edition=Edition(language=language, currency="ILS"),  # type: ignore[arg-type]
        title=title or {"en": "Sales funnel", "he": "משפך המכירות"}[language],
        subtitle={"en": "October to September", "he": "אוקטובר עד ספטמבר"}[language],
        client=client,
        client_id="galil",
        as_of=AS_OF,
        exported_on=AS_OF,
    )


def document(*blocks: Block, language: str = "en", **told: str) -> Document:
    return build_document([cover(language, **told), *blocks], title="page")


def everything(language: str = "en") -> Document:
    """Return a document that holds every kind of block."""
    receipt = Receipt(90, {"no_amount": SetAside(10, 123_400), "future": SetAside(3, None)})
    tiles = Tiles(
        tiles=(
            Tile(
                label="Won amount",
                number=number("24700000", "money:ILS", compact=True),
                change=number("-0.125", "change"),
                change_note="on the year before",
                note="398 deals",
            ),
            Tile(label="Win rate", number=number("0.289", "ratio")),
            Tile(label="Nothing", number=number(None)),
        )
    )
    typed = Table(
        title="Kinds of cells",
        columns=(
            Column(title="Who"),
            Column(title="Month", kind="date"),
            Column(title="Amount", kind="money"),
            Column(title="Rate", kind="ratio"),
            Column(title="95%", kind="ratio"),
            Column(title="Change", kind="change"),
        ),
        rows=(
            (
                words("נועה כהן", strong=True),
                Day(day=AS_OF, grain="month"),
                number("-1234.5", "money:ILS"),
                number("0.4", "ratio"),
                Number(
                    figure=figure("0.4", "ratio", n=9, low="0.19", high="0.64"), part="interval"
                ),
                number("-0.08", "change"),
            ),
            (words("Acme (IL) Ltd."), Day(day=AS_OF), None, None, None, number("0.31", "change")),
        ),
        note="A note.",
    )
    blocks: tuple[Block, ...] = (
        Summary(
            happened=(Sentence(text="Won 24 deals."), Sentence(text="Lost 7.")),
            why=(Sentence(text="The price was high."),),
            todo=(Sentence(text="Call 178 clients."),),
        ),
        tiles,
        text("A plain paragraph."),
        Section(
            title="Evidence",
            blocks=(
                chart("Half of the deals are lost"),
                typed,
                text("Be careful with 3 rows.", tone="caution"),
                text("No targets were given.", tone="missing"),
                text("shape: (3, 2)\n  a   b\n  1   2", tone="verbatim"),
                Section(title="Deeper", blocks=(text("Inside."),)),
            ),
        ),
        Prose(markdown=MARKDOWN),
        Picture(png=png(), alt="A blue field"),
        Section(
            title="Definitions",
            part="annex",
            blocks=(
                Definitions(
                    entries=(
                        Definition(
                            id="won.count",
                            name="Won deals",
                            formula="Number of deals won",
                            reading="More is better.",
                            null_rule="Never null.",
                        ),
                        Definition(id="lost.count", name="Lost deals", formula="Number lost"),
                    )
                ),
            ),
        ),
        Section(
            title="Receipts",
            part="annex",
            blocks=(
                Receipts(
                    receipts=(TableReceipt(table="opportunities", label="Deals", receipt=receipt),),
                    as_of=AS_OF,
                ),
            ),
        ),
        Section(
            title="What to know",
            part="annex",
            blocks=(
                Notices(
                    notices=(
                        NoticeEntry(text="Amounts of 0.", table="o", column="a", amount=99_900),
                    ),
                    as_of=AS_OF,
                ),
            ),
        ),
        Section(title="Nothing odd", part="annex", blocks=(Notices(notices=(), as_of=AS_OF),)),
    )
    return document(*blocks, language=language)


# Names, signs, percent, money, dates, e-mail and parentheses, as reports put them together.
SAID = {
    "he": (
        "{who} ({change}) {amount} {mail} {day}",
        "השינוי אצל {who} היה {change}, כלומר {amount} פחות.",
        "{firm} סגרה ב-{day} עסקה של {amount} (לעומת {change}).",
        "כתבו אל {mail} או אל {who}: {change}!",
        "טווח {range} ({points}), {name}",
    ),
    "en": (
        "{who} ({change}) {amount} {mail} {day}",
        "The change of {who} was {change}, that is {amount} less.",
        "{firm} closed a deal of {amount} on {day} (against {change}).",
        "Write to {mail} or to {who}: {change}!",
        "Range {range} ({points}), {name}",
    ),
}


def mixed(language: str) -> list[str]:
    """Return sentences of mixed directions, filled as reports fill them."""
    write = Writer(Edition(language=language, currency="ILS"))  # type: ignore[arg-type]
    rate = figure("-0.1", "ratio", n=9, low="-0.19", high="0.64")
    values = {
        "who": "נועה כהן",
        "firm": "Acme (IL) Ltd.",
        "name": "דנה O'Neil (צפון)",
        "mail": "noa@example.com",
        "day": write.language.date(AS_OF),
        "change": write.language.percent(-0.125),
        "amount": write.language.money(-123_400, "ILS"),
        "range": write.interval(rate),
        "points": write.value(figure("0.031", "points")),
    }
    put = {key: embed(value, write.language.direction) for key, value in values.items()}
    return [template.format(**put) for template in SAID[language]]
