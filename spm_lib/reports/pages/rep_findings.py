"""Two strengths first, then one or two things to improve: each a number and a deal to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from spm_lib.model import Figure
from spm_lib.reports.blocks import Section, Sentence
from spm_lib.reports.cells import Number
from spm_lib.reports.pages.closed_examples import ClosedDeal, ClosedExamples
from spm_lib.reports.pages.declared import change
from spm_lib.reports.pages.open_deals import OpenDeal
from spm_lib.reports.pages.people_page import FEW, PeoplePage
from spm_lib.reps.skills.standings import Standing

LIKELY, SURE = 0.95, 0.99
FEW_OPEN = 3
SHARE = 0.2  # of the open deals: from this part on a flag is a habit
COMPARED = {
    "win_rate": "A win rate of {own} over {n:1 closed deal|{n} closed deals}; with the others "
    "{peers} on average.",
    "deal_size": "Won deals are {own} on average, over {n:1 deal|{n} deals}; with the others "
    "{peers}.",
    "volume": "{own:1 deal|{own} deals} won in this time; the others win {peers} on average in as "
    "long a time.",
    "speed": "Deals move on at {own} the pace of the others' average, over {n:1 step|{n} steps}.",
    "stage": "Of {n:1 deal that left|{n} deals that left} {stage}, {own} went forward; with the "
    "others {peers} on average.",
}
FLAGGED = {
    "no_step": "{count} of {open:1 open deal|{open} open deals} have no next step ({amount}).",
    "overdue": "{count} of {open:1 open deal|{open} open deals} are past their expected close "
    "({amount}).",
    "ageing": "{count} of {open:1 open deal|{open} open deals} have been in their stage longer "
    "than is usual ({amount}).",
    "pushed": "{count} of {open:1 open deal|{open} open deals} were pushed past the end of a month "
    "({amount}).",
}
ASKED = {
    "no_step": "Largest of them: {deal}, {value}. Agree the next step and its date.",
    "overdue": "Largest of them: {deal}, {value}. Ask the customer for a date, or close it.",
    "ageing": "Largest of them: {deal}, {value}. What has to happen for it to move on?",
    "pushed": "Largest of them: {deal}, {value}. What does the date hang on?",
}


@dataclass(frozen=True)
class Finding:
    """A number in words, how sure or how much it is, and deals that show it.

    ``shown`` is the deal that the sentence itself names.
    """

    kind: str
    sentence: Sentence
    weight: float
    deals: tuple[ClosedDeal | OpenDeal, ...] = ()
    shown: ClosedDeal | None = None

    @property
    def deal(self) -> ClosedDeal | OpenDeal | None:
        """The deal to look at."""
        return self.deals[0] if self.deals else None


class RepFindings(PeoplePage):
    """What a person does well, and what to work on."""

    @cached_property
    def examples(self) -> ClosedExamples:
        """The deals closed in the window."""
        return ClosedExamples(self.company, self.window)

    def strengths_of(self, rep: str) -> list[Finding]:
        """Return at most two strengths of a person, the best evidenced first."""
        found: dict[str, Finding] = {}
        for finding in (
            *sorted(self._skills(rep, above=True), key=lambda f: (-f.weight, f.kind)),
            *self._reached(rep),
            *self._grown(rep),
            *self._kept(rep),
            *self._largest(rep),
        ):
            found.setdefault(finding.kind.partition(":")[0], finding)
        return list(found.values())[:2]

    def to_improve_of(self, rep: str) -> list[Finding]:
        """Return at most two things to improve: a skill below the others', and open deals."""
        skills = sorted(self._skills(rep, above=False), key=lambda f: (f.weight, f.kind))
        habits = sorted(self._habits(rep), key=lambda f: (-f.weight, f.kind))
        chosen = [*skills[:1], *habits[:1]]
        return chosen if len(chosen) == 2 else [*skills, *habits][:2]

    def findings_section(self, rep: str) -> Section:
        """Return the part of the page: strengths first."""
        strong = [self._with_deal(f) for f in _shown_once(self.strengths_of(rep))]
        weak = [self._with_deal(f) for f in _shown_once(self.to_improve_of(rep))]
        nothing = self.say("Too little has happened in this time to tell.")
        even = self.say("No number stands out for the worse.")
        return self.section(
            "Strengths, and what to work on",
            self.section("Strengths", self.paragraph(*(strong or [nothing]))),
            self.section("To work on", self.paragraph(*(weak or [even]))),
        )

    def _with_deal(self, finding: Finding) -> Sentence:
        """Return the sentence of a finding with the deal that shows it."""
        told = self._shown_by(finding)
        if told is None:
            return finding.sentence
        text = f"{finding.sentence.text} {told.text}"
        return Sentence(text=text, figures=(*finding.sentence.figures, *told.figures))

    def _shown_by(self, finding: Finding) -> Sentence | None:
        deal = finding.deal
        if deal is None:
            return None
        if isinstance(deal, OpenDeal):
            kind = finding.kind if finding.kind in ASKED else "ageing"
            return self.say(
                ASKED[kind],
                deal=self.deal_label(deal),
                value=self.open_deals.figure(deal, "amount") or "–",
            )
        values = {
            "deal": self.deal_label(deal),
            "value": self.examples.figure(deal) or "–",
            "day": deal.closed_on,
        }
        if deal.outcome == "won":
            return self.say("An example: {deal}, won on {day}, {value}.", **values)
        return self.say("An example to go through: {deal}, lost on {day}, {value}.", **values)

    def _skills(self, rep: str, *, above: bool) -> Iterator[Finding]:
        """Yield the skills that are likely above (or below) the mean, with the numbers of both."""
        for one in self.peers(rep).standings:
            chance = one.p_above
            if chance is None or one.n < FEW:
                continue
            if (chance >= LIKELY) if above else (chance <= 1 - LIKELY):
                sentence = self._compared(rep, one, above=above)
                if sentence is not None:
                    stage = one.skill.partition(":")[2]
                    deals = self._examples(rep, stage, above=above)
                    yield Finding(one.skill, self._sure(sentence, chance), chance, deals)

    def _sure(self, sentence: Sentence, chance: float) -> Sentence:
        """Say of a difference how sure it is."""
        sure = max(chance, 1 - chance) >= SURE
        word = "More than luck explains." if sure else "Likely more than luck."
        return sentence.model_copy(update={"text": f"{sentence.text} {self.text(word)}"})

    def _compared(self, rep: str, one: Standing, *, above: bool) -> Sentence | None:
        """Tell the person's number and the one that it was compared with."""
        kind, _, stage = one.skill.partition(":")
        if kind not in COMPARED or not _apart(one, above=above):
            return None
        metric = _OWN.get(kind)
        own = self.numbers.figure(metric, rep) if metric else self.standing_figure(rep, one, "own")
        if own is None:
            return None
        shown = Number(figure=own, kind="times") if kind == "speed" else _short(own)
        others = None if kind == "speed" else self.standing_figure(rep, one, "skill")
        return self.say(
            COMPARED[kind],
            own=shown,
            n=Number(figure=own, part="n"),
            stage=stage,
            peers=_short(others),
        )

    def _examples(self, rep: str, stage: str, *, above: bool) -> tuple[ClosedDeal, ...]:
        outcome = "won" if above else "lost"
        return tuple(self.examples.of(rep, outcome, stage="" if above else stage)[:3])

    def _reached(self, rep: str) -> Iterator[Finding]:
        figure, window = self.numbers.to_date(rep), self.numbers.so_far
        if figure is not None and window and float(figure.value or 0) >= 1:
            sentence = self.say("{reached} of the targets of the year to date.", reached=figure)
            yield Finding("reached", sentence, 1, self._examples(rep, "", above=True))

    def _grown(self, rep: str) -> Iterator[Finding]:
        if not self.known("opportunities"):
            return
        own = self.numbers.figure("won.amount", rep)
        moved = self.changes.get(rep)
        if own is None or moved is None or moved.value is None or float(moved.value) <= 0:
            return
        sentence = self.say(
            "{amount} won, {change} on the time before.", amount=own, change=Number(figure=moved)
        )
        yield Finding("grown", sentence, 1, self._examples(rep, "", above=True))

    @cached_property
    def changes(self) -> dict[str, Figure]:
        """How the won amount of each person changed against the window before."""
        found = change(self.company, "won.amount", window=self.window, by="rep_id")
        return {figure.by["rep_id"]: figure for figure in found}

    def _kept(self, rep: str) -> Iterator[Finding]:
        for flag, text in _KEPT.items():
            count = self.flag_figure(rep, flag)
            if count is not None and count.value == "0" and (count.n or 0) >= FEW_OPEN:
                yield Finding(flag, self.say(text, open=Number(figure=count, part="n")), 1)

    def _largest(self, rep: str) -> Iterator[Finding]:
        won = self.examples.of(rep, "won") if self.known("opportunities") else []
        if won and (figure := self.examples.figure(won[0])) is not None:
            sentence = self.say(
                "The largest deal won in this time: {deal}, {value}, on {day}.",
                deal=self.deal_label(won[0]),
                value=figure,
                day=won[0].closed_on,
            )
            yield Finding("largest", sentence, 0, shown=won[0])

    def _habits(self, rep: str) -> Iterator[Finding]:
        """Yield what many open deals have in common, with the money in them."""
        if not self.known("opportunities"):
            return
        for flag in FLAGGED:
            count, amount = (self.flag_figure(rep, flag, of=of) for of in ("count", "amount"))
            if count is None or amount is None or not int(count.value or 0):
                continue
            if int(count.value or 0) < SHARE * (count.n or 1):
                continue
            sentence = self.say(
                FLAGGED[flag],
                count=count,
                open=Number(figure=count, part="n"),
                amount=amount,
            )
            deals = self.open_deals.flagged(rep, flag)[:3]
            yield Finding(flag, sentence, float(amount.value or 0), deals)


_OWN = {
    "win_rate": "win_rate.closed.count",
    "deal_size": "deal.mean_amount",
    "volume": "won.count",
}
_KEPT = {
    "no_step": "Each of {open:1 open deal|{open} open deals} has a next step.",
    "overdue": "None of {open:1 open deal|{open} open deals} is past its expected close.",
}


def _apart(one: Standing, *, above: bool) -> bool:
    """Say whether the number as seen lies on the side that the estimate says."""
    if one.own is None or one.others is None:
        return False
    return one.own > one.others if above else one.own < one.others


def _short(figure: Figure | None) -> Number | None:
    if figure is None:
        return None
    return Number(figure=figure, compact=figure.unit.startswith("money"))


def _shown_once(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield findings so that no two are shown by the same deal."""
    taken = {f.shown.opportunity_id for f in findings if f.shown is not None}
    for finding in findings:
        left = tuple(deal for deal in finding.deals if deal.opportunity_id not in taken)
        taken.update(deal.opportunity_id for deal in left[:1])
        yield replace(finding, deals=left[:1])
