"""A person's plan letter: target, pay, rules, odds and promises, to be read and answered."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from spm_lib.core.errors import SpmError
from spm_lib.model import Figure, metric_id
from spm_lib.reports.blocks import Block, Column, Section, Sentence, Summary, Table
from spm_lib.reports.cells import Cell, Day, Number, words
from spm_lib.reports.pages.letter_base import LetterBase
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.statement_base import TAGS
from spm_lib.reports.writing import kind_of
from spm_lib.team.letters.letter import TITLES


class LetterPage(LetterBase):
    """The plan letter of one person; each method is one part of it."""

    title: ClassVar[str] = "Plan letter"

    def summary(self) -> Summary:
        """Return target, pay at target and odds, what changed, and what to do."""
        if isinstance(self.outcome, SpmError):
            return Summary(edition=self.edition, happened=(self.impossible(self.outcome),))
        made = Summary(
            edition=self.edition,
            happened=tuple(self._promised()),
            why=tuple(self._version_told()),
            todo=(self.say("Read this letter, ask, and answer it with the response form."),),
        )
        return self.kept(made)

    def _promised(self) -> list[Sentence]:
        letter = self.letter
        if letter.target is None:
            return [self.say("There is no target for {period}.", period=self.period)]
        target = self._exact(self.of_target("target.value", letter.target))
        said = [self.say("Your target for {period} is {target}.", period=self.period,
                         target=target)]  # fmt: skip
        if letter.on_target is not None:
            said.append(
                self.say(
                    "At target you earn {total}: base pay {base} and variable pay {variable}.",
                    total=self._exact(self.amount("letter.on_target", letter.on_target)),
                    base=self._exact(self.amount("letter.base_pay", letter.base_pay)),
                    variable=self._exact(self.amount("letter.variable", letter.variable)),
                )
            )
        elif letter.variable is not None:
            variable = self._exact(self.amount("letter.variable", letter.variable))
            said.append(self.say("At target your variable pay is {variable}.", variable=variable))
        return said

    def _exact(self, figure: Figure) -> Number:
        return Number(figure=figure)

    def _version_told(self) -> list[Sentence]:
        issued = self.told.issued
        if issued.version == 1:
            return []
        said = "This is version {version}; it takes the place of every earlier one, also if signed."
        return [self.say(said, version=issued.version)]

    def purpose(self) -> Section | None:
        """Return why there is this plan; a letter that was not issued says so."""
        if not self.there:
            return None
        said = self.say("This is a draft: it has not been issued, and is not to be signed.")
        return self.part(
            "purpose", self.paragraph(said, tone="caution") if self.told.draft else None
        )

    def covered(self) -> Section | None:
        """Return whom the letter is for, and of which days."""
        if not self.there:
            return None
        letter = self.letter
        rows = [
            ("Person", words(letter.name)),
            ("Role", words(letter.role)),
            ("Team", words(letter.team)),
            ("Manager", words(letter.manager)),
            ("Period", words(self.period)),
            ("Pay plan", words(letter.pay_plan or None)),
            ("Target plan", words(letter.scenario or None)),
        ]
        return self.section(TITLES["covered"], self.pairs(rows, kind="text"))

    def mix(self) -> Section | None:
        """Return base pay, target variable pay, on-target earnings, and how they are mixed."""
        if not self.there:
            return None
        letter, total = self.letter, self.letter.on_target
        share: Cell = None
        if total and letter.variable is not None:
            value = f"{Decimal(letter.variable) / total:.4f}"
            share = number(self.figure_of("letter.variable_share", value, "ratio"))
        rows: list[tuple[str, Cell]] = [
            ("Base pay", self._known("letter.base_pay", letter.base_pay)),
            ("Target variable pay", self._known("letter.variable", letter.variable)),
            ("On-target earnings", self._known("letter.on_target", total)),
            ("Variable share of pay", share),
        ]
        return self.part("mix", self.pairs(rows))

    def _known(self, metric: str, minor: int | None) -> Cell:
        return None if minor is None else number(self.amount(metric, minor))

    def measures(self) -> Section | None:
        """Return the components of pay: what is measured, and how much it weighs."""
        if not self.there:
            return None
        rows = [
            (
                words(one.name),
                words(self.text(TAGS[one.tag])),
                words(one.measure.tell(self.language)),
                None if one.weight is None else words(self.language.percent(one.weight, 0)),
            )
            for one in self.letter.measures
        ]
        columns = [Column(title="Component"), Column(title="Tag"), Column(title="Measured by"),
                   Column(title="Weight")]  # fmt: skip
        return self.part("measures", self.table(columns, rows))

    def target(self) -> Section | None:
        """Return the target by month, and what came before."""
        if not self.there:
            return None
        rows, sofar = [], 0
        for one in self.letter.targets:
            sofar += one.value
            by = {"period": one.start.isoformat()}
            rows.append(
                (
                    Day(day=one.start, grain="month"),
                    number(self.of_target("target.value", one.value, **by)),
                    number(self.of_target("letter.to_date", sofar, **by)),
                )
            )
        columns = [Column(title="Month"), Column(title="Target", kind="money"),
                   Column(title="Target to date", kind="money")]  # fmt: skip
        return self.part("target", self.paragraph(*self._before()), self.table(columns, rows))

    def _before(self) -> list[Sentence]:
        """Tell the past year's target and result, where both are known."""
        letter = self.letter
        if letter.target is None or letter.last_result is None:
            return []
        result = self._exact(self.of_target("won.amount", letter.last_result, of="past year"))
        if letter.last_target is None:
            return [self.say("In the past twelve months you brought {result}.", result=result)]
        target = self._exact(self.of_target("target.value", letter.last_target, of="past year"))
        said = "In the past twelve months your target was {target}; you brought {result}."
        return [self.say(said, target=target, result=result)]

    def odds(self) -> Section | None:
        """Return the odds of reaching the target, and the likely range."""
        likely = self.letter.likely if self.there else None
        said = None
        if likely is not None:
            low, high = (self.of_target("target.expected", v) for v in (likely.low, likely.high))
            said = self.paragraph(
                self.say(
                    "Played with your own past rates, the odds of reaching the target are {odds}; "
                    "in 8 of 10 cases you bring {low} to {high}. Odds are no promise, and no "
                    "measure of you.",
                    odds=self.figure_of("target.odds", likely.odds, "ratio"),
                    low=low,
                    high=high,
                )
            )
        return self.part("odds", said)

    def kpis(self) -> Section | None:
        """Return the person's own indicators of the past twelve months."""
        if not self.there:
            return None
        rows = [
            (
                words(self._indicator(figure)),
                Number(figure=figure, kind=kind_of(figure.unit)),
                Number(figure=figure, part="interval", kind=kind_of(figure.unit)),
                Number(figure=figure, part="n"),
            )
            for figure in self.letter.kpis
        ]
        columns = [Column(title="Indicator"), Column(title="You, past 12 months", kind="number"),
                   Column(title="95% interval", kind="number"),
                   Column(title="n", kind="count")]  # fmt: skip
        return self.part("kpis", self.table(columns, rows))

    def _indicator(self, figure: Figure) -> str:
        name = self.text(metric_id(figure.metric).name)
        return self.text("{name} (days)", name=name) if figure.unit == "days" else name

    def rates(self) -> Section | None:
        """Return rates, accelerators and caps in words."""
        return self.part("rates", joined=False)

    def worked(self) -> Section | None:
        """Return what is earned at 50, 80, 100 and 120 % of the target."""
        if not self.there:
            return None
        return self.part("worked", self._worked_table(), self._left_out())

    def _worked_table(self) -> Table | None:
        letter, rows = self.letter, []
        for one in letter.worked:
            by = {"attainment": str(one.attainment)}
            total = None if letter.base_pay is None else letter.base_pay + one.pay
            rows.append(
                (
                    words(self.language.percent(one.attainment, 0)),
                    number(self.amount("letter.worked.sales", one.sales, **by)),
                    number(self.amount("letter.worked.pay", one.pay, **by)),
                    None if total is None
                    else number(self.amount("letter.worked.total", total, **by)),
                )
            )  # fmt: skip
        columns = [
            Column(title="Attainment"),
            Column(title="Sales", kind="money"),
            Column(title="Variable pay", kind="money"),
            Column(title="With base pay", kind="money"),
        ]
        return self.table(columns, rows)

    def _left_out(self) -> Block | None:
        if not self.letter.left_out or not self.letter.worked:
            return None
        names = self.language.list([self.language.isolate(n) for n in self.letter.left_out])
        return self.paragraph(
            self.say("Not counted, for they rest on more than this target: {names}.", names=names),
            tone="caution",
        )

    def crediting(self) -> Section | None:
        """Return who gets credit for which deals."""
        return self.part("crediting")

    def payment(self) -> Section | None:
        """Return when pay is earned and when it is paid."""
        return self.part("payment")

    def returns(self) -> Section | None:
        """Return what is taken back."""
        return self.part("returns")

    def leave(self) -> Section | None:
        """Return what happens on leave, on transfer and on leaving."""
        return self.part("leave")

    def changes(self) -> Section | None:
        """Return what changed since the version before, and what a change does."""
        if not self.there:
            return None
        said = [Sentence(text=line.tell(self.language)) for line in self.told.issued.changes]
        head = self.say("Changed since version {version}:", version=self.told.issued.version - 1)
        return self.part("changes", self.paragraph(*([head, *said] if said else [])))

    def questions(self) -> Section | None:
        """Return whom to ask, and until when to dispute."""
        return self.part("questions")

    def signature(self) -> Section | None:
        """Return the lines to sign, and what is signed."""
        if not self.there:
            return None
        said = self.say(
            "What is signed: {mark}. A letter with the same content hash says the same, in English "
            "and in Hebrew, on the web page and on paper.",
            mark=self.mark,
        )
        columns = tuple(
            Column(title=self.text(title)) for title in ("Who", "Name", "Signature", "Date")
        )
        rows = tuple(
            (words(self.text(who)), words(name), None, None)
            for who, name in (("Person", self.letter.name), ("Manager", self.letter.manager))
        )
        form = Table(edition=self.edition, title="", columns=columns, rows=rows, ruled=True)
        return self.section("Signature", self.paragraph(said), form)
