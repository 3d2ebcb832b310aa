"""The deck: slides on the client's template or in the house's look, right-to-left where need be."""

from __future__ import annotations

import copy
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from spm_lib.core.errors import MissingExtraError, ReportError
from spm_lib.reports.office.still_zip import still_zip
from spm_lib.reports.office.text import legal, marked, own_text
from spm_lib.reports.writing import Writer

if TYPE_CHECKING:
    from spm_lib.workspace import Brand

INK, MUTED, TINT = "1F2933", "52606D", "F5F7FA"
INCH, POINT = 914_400, 12_700
LEADING = 1.22  # a line's height, of the font's size
_LONG, _LONGER = 70, 140  # letters of a title that fill one line, two lines
_FOOT = 0.34  # inches


@dataclass(frozen=True)
class Area:
    """A rectangle of a slide, in English metric units."""

    left: int
    top: int
    width: int
    height: int

    def below(self, inches: float) -> Area:
        """Return what is left under a strip of some inches."""
        taken = int(inches * INCH)
        return Area(self.left, self.top + taken, self.width, self.height - taken)

    def above(self, inches: float) -> Area:
        """Return what is left over a strip of some inches."""
        return Area(self.left, self.top, self.width, self.height - int(inches * INCH))

    @property
    def points(self) -> tuple[float, float]:
        """Width and height in points."""
        return self.width / POINT, self.height / POINT


class Deck:
    """A presentation that is being written, in one language and brand."""

    def __init__(self, write: Writer, brand: Brand, *, title: str, client: str, day: date) -> None:
        self.write, self.brand = write, brand
        self.title, self.client, self.day = title, client, day
        self.presentation = _opened(brand)
        if brand.template is None:
            from spm_lib.reports.office.pptx_look import dress

            dress(self.presentation, brand, rtl=self.right_to_left)
        self._cover_layout, self._layout = _layouts(self.presentation)

    @property
    def right_to_left(self) -> bool:
        """Whether the deck is read from right to left."""
        return self.write.language.direction == "rtl"

    @property
    def width(self) -> int:
        """The width of a slide."""
        return int(self.presentation.slide_width)

    @property
    def height(self) -> int:
        """The height of a slide."""
        return int(self.presentation.slide_height)

    def cover(self, lines: Sequence[str]) -> Any:
        """Add the title slide."""
        slide = self.presentation.slides.add_slide(self._cover_layout)
        places = [p for p in slide.placeholders if p.has_text_frame]
        self._titled(slide, self.title)
        others = [p for p in places if p.placeholder_format.idx != 0]
        if others and lines:
            self.words(others[0].text_frame, lines, size=None)
            others = others[1:]
        _drop(others)
        self._footer(slide)
        return slide

    def slide(self, title: str, *, metrics: Sequence[str] = ()) -> tuple[Any, Area]:
        """Add a slide with a title and its metrics' ids in the notes; return its free area."""
        slide = self.presentation.slides.add_slide(self._layout)
        area = self._titled(slide, title)
        _drop([p for p in slide.placeholders if p.placeholder_format.idx != 0])
        if metrics:
            told = self.write.language.text("Metrics: {ids}", ids=", ".join(metrics))
            self.words(slide.notes_slide.notes_text_frame, [told], size=None)
        self._footer(slide)
        return slide, area

    def box(self, slide: Any, area: Area) -> Any:
        """Add an empty text box and return its text frame."""
        made = slide.shapes.add_textbox(area.left, area.top, area.width, area.height)
        made.text_frame.word_wrap = True
        return made.text_frame

    def words(
        self,
        frame: Any,
        lines: Sequence[str],
        *,
        size: float | None,
        bold: bool | None = None,
        colour: str | None = None,
    ) -> None:
        """Write paragraphs into a text frame."""
        for number, told in enumerate(lines):
            paragraph = frame.paragraphs[0] if not number else frame.add_paragraph()
            self.paragraph(paragraph, told, size=size, bold=bold, colour=colour)

    def paragraph(
        self,
        paragraph: Any,
        told: str,
        *,
        size: float | None = None,
        bold: bool | None = None,
        colour: str | None = None,
        side: str | None = None,
        own: bool = False,
    ) -> None:
        """Write one paragraph; text of the client's own keeps its letters as they are."""
        from pptx.dml.color import RGBColor
        from pptx.util import Pt

        if size is not None:  # what a font asks for differs, and the room was counted by this
            paragraph.line_spacing = Pt(size * LEADING)
        if not told:  # an empty line is as high as its end is, where no empty run stands before it
            if size is not None:
                paragraph._p.get_or_add_endParaRPr().set("sz", str(int(size * 100)))
            self.direct(paragraph._p, side=side)
            return
        run = paragraph.add_run()
        run.text = own_text(told) if own else marked(told)
        properties = run._r.get_or_add_rPr()
        properties.set("lang", "he-IL" if self.right_to_left else "en-US")
        if size is not None:
            run.font.size = Pt(size)
        if bold is not None:
            run.font.bold = bold
        if colour is not None:
            run.font.color.rgb = RGBColor.from_string(colour)
        self.direct(paragraph._p, side=side)

    def direct(self, paragraph: Any, *, side: str | None = None) -> None:
        """Give a paragraph the direction of the report, and the side it stands at."""
        if not self.right_to_left and side is None:
            return
        properties = paragraph.get_or_add_pPr()
        if self.right_to_left:
            properties.set("rtl", "1")
        properties.set("algn", side or "r")

    def bytes(self) -> bytes:
        """Return the file; its bytes are fixed by what is in it."""
        core = self.presentation.core_properties
        moment = datetime(self.day.year, self.day.month, self.day.day)  # noqa: DTZ001
        core.created = core.modified = core.last_printed = moment
        core.title, core.author = legal(self.title), legal(self.client)
        core.last_modified_by, core.revision = legal(self.client), 1
        made = io.BytesIO()
        self.presentation.save(made)
        return still_zip(made.getvalue())

    def _titled(self, slide: Any, title: str) -> Area:
        """Write the title and return the area under it."""
        place = slide.shapes.title
        side = int(0.5 * INCH)
        foot = int((_FOOT + 0.1) * INCH)
        if place is None:
            top = int(0.35 * INCH)
            frame = self.box(slide, Area(side, top, self.width - 2 * side, INCH))
            self.words(frame, [title], size=24, bold=True)
            low = top + INCH
            return Area(side, low, self.width - 2 * side, self.height - low - foot)
        size = None if len(title) <= _LONG else 22 if len(title) <= _LONGER else 18
        self.words(place.text_frame, [title], size=size)
        low = min(int(place.top + place.height), int(self.height * 0.3)) + int(0.1 * INCH)
        left = min(int(place.left), side * 2)
        return Area(left, low, self.width - 2 * left, self.height - low - foot)

    def _footer(self, slide: Any) -> None:
        """Write client, report, confidentiality and the slide's number along the lower edge."""
        side, high = int(0.5 * INCH), int(_FOOT * INCH)
        area = Area(side, self.height - high - int(0.06 * INCH), self.width - 2 * side, high)
        parts = (self.client, self.title, self.brand.footer, self.brand.confidentiality)
        frame = self.box(slide, area)
        paragraph = frame.paragraphs[0]
        told = " · ".join(part for part in parts if part)
        self.paragraph(paragraph, f"{told} · ", size=9, colour=MUTED)
        field = _number(copy.deepcopy(paragraph.runs[0]._r.rPr))
        paragraph._p.insert(paragraph._p.index(paragraph.runs[0]._r) + 1, field)


def _number(properties: Any) -> Any:
    """Return a field that shows the number of its slide."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    xml = (
        f'<a:fld {nsdecls("a")} id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum">'
        "<a:t>‹#›</a:t></a:fld>"
    )
    field = parse_xml(xml)
    field.insert(0, properties)
    return field


def _opened(brand: Brand) -> Any:
    """Return the client's template without its slides, or an empty presentation."""
    try:
        from pptx import Presentation
        from pptx.exc import PackageNotFoundError
    except ImportError:
        raise MissingExtraError.of("office", "PowerPoint") from None
    if brand.template is None:
        return Presentation()
    try:
        made = Presentation(str(brand.template))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise ReportError(
            f"The template {brand.template.name} cannot be read as a presentation.",
            found=str(error),
            do="Save it in PowerPoint as .pptx, without a password",
        ) from None
    slides = made.slides._sldIdLst
    for entry in list(slides):
        made.part.drop_rel(entry.rId)
        slides.remove(entry)
    return made


def _layouts(presentation: Any) -> tuple[Any, Any]:
    """Return the layouts of the title slide and of all others: those that ask for the least."""
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    quiet = {KIND.DATE, KIND.FOOTER, KIND.SLIDE_NUMBER}
    found = []
    for layout in presentation.slide_layouts:
        kinds = [p.placeholder_format.type for p in layout.placeholders]
        found.append((layout, [kind for kind in kinds if kind not in quiet]))
    covers = [layout for layout, kinds in found if KIND.CENTER_TITLE in kinds]
    titled = sorted(
        ((layout, kinds) for layout, kinds in found if KIND.TITLE in kinds),
        key=lambda one: len(one[1]),
    )
    plain = titled[0][0] if titled else found[-1][0]
    return (covers[0] if covers else found[0][0]), plain


def _drop(places: Sequence[Any]) -> None:
    """Take out placeholders that nothing is written into."""
    for place in places:
        place._element.getparent().remove(place._element)
