"""The parts of a letter told in sentences: crediting, payment, returns, leave, disputes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from spm_lib.incentives import Plan
from spm_lib.incentives.disputes.dispute import RESPONSE_DAYS
from spm_lib.incentives.plan.plan import Component, CreditSection, Draw, ReleaseSection
from spm_lib.team.letters.letter import Clause
from spm_lib.team.letters.letter_terms import LetterTerms
from spm_lib.team.letters.pay_in_words import PayInWords, conditions
from spm_lib.team.letters.wording import Known, Line, Name, Plain, Several, Texts, line

_PERIODS = {
    "month": "month",
    "quarter": "quarter",
    "half_year": "half-year",
    "year": "year",
}
_CREDITS = {
    "owner": "The owner of a deal on the day it is won gets {share} of the credit.",
    "splits": "A deal that is split credits each of its people with the stated share.",
    "column": "The person named in {column} of a deal gets {share} of the credit.",
    "rep": "You get {share} of the credit.",
    "manager": "The manager on the day of the sale gets {share} of the credit.",
    "house": "A deal that has no seller credits nobody.",
}
_RELEASES = {
    "booking": "It is released when the deal is won.",
    "invoice": "It is released when the deal is invoiced.",
    "collection": "It is released as the customer pays.",
    "go_live": "It is released when the customer goes live.",
}
_NEGATIVE = {
    "paid": "A period in which more is taken back than earned is paid as negative.",
    "carried": "A period in which more is taken back than earned is carried forward to the next.",
    "floored": "A period in which more is taken back than earned pays 0, and is not carried on.",
}


def crediting(plan: Plan, rep_id: str) -> Clause:
    """Return who gets credit for which deals; rules for other people by name are left out."""
    lines: list[Line] = []
    for rule in plan.credits:
        if rule.rep in (None, rep_id):
            lines += _credit(rule)
    base = plan.decisions.base
    if base.less:
        less = Several(parts=tuple(Name(text=column) for column in base.less))
        lines.append(line("What counts is the amount less {less}.", less=less))
    return Clause(part="crediting", lines=tuple(lines))


def _credit(rule: CreditSection) -> Iterator[Line]:
    values: dict[str, Decimal | str] = (
        {"share": rule.share} if "{share}" in _CREDITS[rule.to] else {}
    )
    if rule.to == "column":
        values["column"] = rule.column or ""
    told = line(_CREDITS[rule.to], **values)
    if rule.where:
        only = conditions(rule.where)
        yield line("{rule} Only deals with {conditions}.", rule=told, conditions=only)
    else:
        yield told
    if rule.quota_share is not None and rule.quota_share != rule.share:
        yield line("Of it {share} counts towards the target.", share=rule.quota_share)
    if rule.kind != "direct":
        yield line("This credit is on top of that of others, and takes nothing from them.")


def payment(plan: Plan, components: tuple[Component, ...], rep_id: str, role: str | None) -> Clause:
    """Return when pay is earned and paid, how draws work, and what a negative period does."""
    period = Known(text=_PERIODS[plan.plan.period])
    lines = [line("Pay is worked out and paid for each {period}.", period=period)]
    to_date = [c for c in components if (c.grouping or plan.decisions.grouping) == "to_date"]
    if to_date:
        reset = Known(text=_PERIODS[to_date[0].reset or plan.decisions.reset])
        lines.append(line("Attainment is added up from the start of the {reset}.", reset=reset))
    for component in components:
        if component.release is not None:
            lines += _release(component, component.release)
    if not any(component.release for component in components):
        lines.append(line("It is earned, and paid, by the day on which the deal is won."))
    words = PayInWords(plan)
    for draw in plan.draws:
        if (not draw.reps or rep_id in draw.reps) and (not draw.roles or role in draw.roles):
            lines += _draw(draw, words)
    lines.append(line(_NEGATIVE[plan.decisions.negative]))
    return Clause(part="payment", lines=tuple(lines))


def _release(component: Component, release: ReleaseSection) -> Iterator[Line]:
    yield line("{component}: {release}", component=component.name,
               release=line(_RELEASES[release.on]))  # fmt: skip
    if release.parts:
        every = Known(text=_PERIODS[release.every])
        yield line("It is paid in {n:1 part|{n} parts}, each a {every} after the one before.",
                   n=Plain(value=Decimal(len(release.parts))), every=every)  # fmt: skip
    if release.safety_days:
        yield line("Payment waits {n:1 more day|{n} more days}.",
                   n=Plain(value=Decimal(release.safety_days)))  # fmt: skip
    if release.holdback:
        days = Plain(value=Decimal(release.holdback_days or 0))
        yield line("{share} of it is held back, and paid after {n:1 day|{n} days}.",
                   share=release.holdback, n=days)  # fmt: skip


def _draw(draw: Draw, words: PayInWords) -> Iterator[Line]:
    amount = words.money(draw.amount)
    if draw.form == "guarantee":
        yield line("Guarantee: pay of a period is topped up to {amount}.", amount=amount)
    else:
        yield line("Draw: {amount} is paid in advance in each period.", amount=amount)
    if draw.pays_to:
        yield line("It ends on {day}.", day=draw.pays_to)
    if draw.recoverable:
        yield line("It is repaid with {share} of later pay.", share=draw.recovery_share)
    else:
        yield line("It is not repaid.")


def returns(plan: Plan) -> Clause:
    """Return what happens to pay when a deal is returned or cancelled."""
    netted = plan.decisions.base.returns == "net"
    lines = [
        line("Returns are taken off the sales of the period in which they come.")
        if netted
        else line("Returns are left out of what counts.")
    ]
    clawback = plan.clawback
    if clawback is None:
        said = line("The pay plan states no clawback beyond that.")
        return Clause(part="returns", lines=(*lines, said))
    text = (
        "Of a deal that is cancelled all that it paid is taken back."
        if clawback.how == "full"
        else "Of a deal that is cancelled the part of the time not served is taken back."
    )
    lines.append(line(text))
    if clawback.window_days:
        days = Plain(value=Decimal(clawback.window_days))
        lines.append(line("This holds for {n:1 day|{n} days} after its date.", n=days))
    if clawback.paid_only:
        lines.append(line("Only what was paid is taken back."))
    if clawback.attainment:
        lines.append(line("Attainment is reduced as well."))
    return Clause(part="returns", lines=tuple(lines))


def leave(plan: Plan | None, terms: LetterTerms) -> Clause:
    """Return what happens on leave, transfer and leaving; says where it is not stated."""
    lines: list[Line] = []
    if plan and plan.quotas:
        lines.append(
            line("A target counts for the days on which you are in the plan.")
            if plan.quotas.proration == "days"
            else line(
                "A target counts for the months, and parts of them, that you are in the plan."
            )
        )
        if plan.quotas.ramp:
            ramp = Several(parts=tuple(_share(share) for share in plan.quotas.ramp))
            said = (
                "Months since hiring count with this share of the target: {ramp}; then all of it."
            )
            lines.append(line(said, ramp=ramp))
    lines += [_own(texts) for texts in (terms.leave, terms.leaving) if texts]
    missing = [] if terms.leave and terms.leaving else [line(_NOT_STATED["leave"])]
    return Clause(part="leave", lines=tuple(lines), missing=tuple(missing))


def _share(share: Decimal) -> Line:
    return line("{share}", share=share)


def questions(terms: LetterTerms, manager: str | None) -> Clause:
    """Return whom to ask, until when to dispute, and when an answer is due."""
    who = terms.questions_to or manager
    lines = [line("Ask {who}.", who=who)] if who else [line("Ask your manager.")]
    missing = []
    if terms.dispute_days:
        days = Plain(value=Decimal(terms.dispute_days))
        said = "A dispute about pay is raised within {n:1 day|{n} days} of the statement."
        lines.append(line(said, n=days))
    else:
        missing.append(line(_NOT_STATED["questions"]))
    answer = Plain(value=Decimal(RESPONSE_DAYS))
    lines.append(line("It is answered within {n:1 day|{n} days}.", n=answer))
    return Clause(part="questions", lines=tuple(lines), missing=tuple(missing))


def purpose(terms: LetterTerms) -> Clause:
    """Return why there is this plan."""
    said = _own(terms.purpose) if terms.purpose else line(
        "This letter tells your target and how it pays. Read it, ask, and answer it with the "
        "response form: accept, accept with remarks, or do not accept."
    )  # fmt: skip
    return Clause(part="purpose", lines=(said,))


def changing(terms: LetterTerms) -> Clause:
    """Return what happens when the plan changes after the signature."""
    said = line(
        "A change makes a new version of this letter: it says what changed, and asks again."
    )
    return Clause(part="changes", lines=(*([_own(terms.changes)] if terms.changes else []), said))


def _own(texts: dict) -> Line:
    return line("{said}", said=Texts(texts=texts))


_NOT_STATED = {
    "leave": "What happens on leave, on transfer or on leaving is not stated in full: ask before "
    "you sign.",
    "questions": "Until when a dispute may be raised is not stated: ask before you sign.",
}
