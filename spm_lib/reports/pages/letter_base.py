"""The letter behind its page: cut to the person, each number of it a figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from spm_lib.core.errors import SpmError
from spm_lib.core.money import exponent
from spm_lib.model import Figure, Receipt, minor_text, open_company
from spm_lib.reports.blocks import Block, Column, Cover, Section, Sentence, Table, Text
from spm_lib.reports.cells import Cell, Kind, words
from spm_lib.reports.pages.letter_read import Told, letter_for, maker_for, read_outcome
from spm_lib.reports.pages.page import Page
from spm_lib.team.letters.letter import TITLES, Letter, Part
from spm_lib.team.letters.wording import Line


class LetterBase(Page):
    """What the parts of a plan letter have in common.

    Parameters
    ----------
    scenario
        Name of the target plan in ``scenarios/``; empty: the targets in the data.
    pay_plan
        Name of the pay plan in ``plans/``; empty: the only one in force.
    letter
        File of the letter, which a run gives; empty: made here.
    """

    def __init__(
        self,
        workspace: str,
        *,
        scenario: str = "",
        pay_plan: str = "",
        as_of: str = "",
        language: str = "",
        scope: str = "",
        letter: str = "",
    ) -> None:
        super().__init__(workspace, as_of=as_of, language=language, scope=scope)
        if letter:
            self.outcome = read_outcome(Path(letter).read_text(encoding="utf-8"))
            return
        whole = self.company
        if whole.scoped:
            whole = open_company(workspace, as_of=self.company.as_of)
        made = maker_for(whole, scenario=scenario, pay_plan=pay_plan)
        self.outcome = letter_for(made, self.scope)

    @property
    def told(self) -> Told:
        """The letter with its version; parts ask ``outcome`` first whether there is one."""
        assert isinstance(self.outcome, Told)
        return self.outcome

    @property
    def letter(self) -> Letter:
        """What the letter says."""
        return self.told.issued.letter

    @property
    def there(self) -> bool:
        """Whether there is a letter."""
        return isinstance(self.outcome, Told)

    @property
    def subtitle(self) -> str:
        """The pay plan and the period, in words."""
        if not self.there:
            return ""
        return self.text("{plan}: {period}", plan=self.plan_name, period=self.period)

    @property
    def plan_name(self) -> str:
        """The name of the pay plan, else of the target plan."""
        return self.letter.pay_plan or self.letter.scenario or self.text("Targets")

    @property
    def period(self) -> str:
        """The months of the letter, in words."""
        from spm_lib.core.calendar import Window

        return self.months_of(Window(self.letter.start, self.letter.end))

    @property
    def mark(self) -> str:
        """What the foot of each page says: version and content hash."""
        issued = self.told.issued
        return self.text(
            "Version {version} · content hash {hash}", version=issued.version, hash=issued.hash
        )

    def cover(self) -> Cover:
        """Return whom the letter is for; it is printed as a band, not as a page of its own."""
        told: dict[str, object] = {"brief": True}
        if self.there:
            told["window"] = (self.letter.start, self.letter.end)
            told["mark"] = self.mark
        return super().cover().model_copy(update=told)

    def figure_of(self, metric: str, value: str | None, unit: str, **by: str) -> Figure:
        """Return a number of the letter as a figure of its person and period."""
        return Figure(
            metric=metric,
            as_of=self.letter.as_of,
            unit=unit,
            value=value,
            receipt=Receipt(1, scoped=True),
            by={"rep_id": self.letter.rep_id, **by},
            window=(self.letter.start, self.letter.end),
        )

    def amount(self, metric: str, minor: int | None, **by: str) -> Figure:
        """Return money of the letter in the pay plan's currency."""
        return self._money(metric, minor, self.letter.pay_currency or self.letter.currency, by)

    def _money(
        self, metric: str, minor: int | None, currency: str, by: Mapping[str, str]
    ) -> Figure:
        value = minor_text(minor, exponent(currency))
        return self.figure_of(metric, value, f"money:{currency}", **by)

    def of_target(self, metric: str, minor: int | None, **by: str) -> Figure:
        """Return an amount of what the target is of: money, or a count."""
        if self.letter.metric.endswith("count"):
            value = None if minor is None else str(minor)
            return self.figure_of(metric, value, "count", **by)
        return self._money(metric, minor, self.letter.currency, by)

    def part(self, part: Part, *blocks: Block | None, joined: bool = True) -> Section | None:
        """Return a part of the letter: its blocks, what it says, and what it cannot say.

        Sentences stand in one paragraph, or each in its own. Without anything to say the part is
        left out.
        """
        if not self.there:
            return None
        clause = self.letter.clause(part)
        told = [
            *blocks,
            self.sentences(clause.lines, joined=joined),
            self.sentences(clause.missing, joined=joined, missing=True),
        ]
        if not any(block is not None for block in told):
            return None
        return self.section(TITLES[part], *told)

    def sentences(
        self, lines: Sequence[Line], *, joined: bool = True, missing: bool = False
    ) -> Text | None:
        """Return lines of the letter as one paragraph, or as a paragraph each."""
        said = [Sentence(text=line.tell(self.language)) for line in lines]
        if joined and said:
            said = [Sentence(text=" ".join(sentence.text for sentence in said))]
        return self.paragraph(*said, tone="missing" if missing else "plain")

    def pairs(self, rows: Iterable[tuple[str, Cell]], *, kind: Kind = "money") -> Table | None:
        """Return a table of names and values; rows without a value are left out."""
        cells = [(words(self.text(name)), cell) for name, cell in rows if cell is not None]
        return self.table([Column(title="What"), Column(title="Value", kind=kind)], cells)

    def impossible(self, error: SpmError) -> Sentence:
        """Return why there is no letter, and what to do."""
        reason = " ".join(self.text(part) for part in (error.what, error.do) if part)
        return self.say("There is no letter: {reason}", reason=reason)
