"""What the data at hand cannot answer, and what it would have to tell: a part of several pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from spm_lib.core.statement import Phrase
from spm_lib.model import Company
from spm_lib.process.mistakes.needs import missing
from spm_lib.reports.blocks import Column, Section
from spm_lib.reports.cells import words
from spm_lib.reports.pages.page import Page

UNANSWERED = "What this data cannot answer"
Told = Callable[[Company], bool]
Need = str | tuple[Phrase, Told]  # a need of a rule of mistakes, or a phrase and whether it is told
Question = tuple[Phrase, tuple[Need, ...]]


def unanswered(page: Page, questions: Sequence[Question]) -> Section:
    """Return the questions of a page that its data does not answer, with what is lacking.

    Parameters
    ----------
    page
        Whose data and language.
    questions
        Each with what the data must tell, as names of needs of tactical mistakes, or a phrase and
        how to see whether it is told.
    """
    rows = []
    for question, needs in questions:
        gone = [page.text(phrase.text) for phrase in _lacking(page.company, needs)]
        if gone:
            data = page.text("the data does not tell {data}", data=page.language.list(gone))
            rows.append((words(page.text(question.text)), words(data)))
    columns = [Column(title="Question"), Column(title="Why")]
    whole = page.say("The data holds what every question of this page needs.")
    text = None if rows else page.paragraph(whole)
    return page.section(UNANSWERED, text, page.table(columns, rows))


def _lacking(company: Company, needs: Sequence[Need]) -> list[Phrase]:
    named = tuple(need for need in needs if isinstance(need, str))
    found = list(missing(company, named))
    return [*found, *(n[0] for n in needs if not isinstance(n, str) and not n[1](company))]


def _discount_known(company: Company) -> bool:
    known = company.book.known.get("opportunities", frozenset())
    return company.has("opportunities", "discount") and "discount" in known


def _filled(table: str, column: str) -> Told:
    def told(company: Company) -> bool:
        if not company.has(table, column):
            return False
        values = company.table(table)[column]
        return values.null_count() < values.len()

    return told


def _bought(column: str) -> Told:
    return lambda company: any(_filled(t, column)(company) for t in ("orders", "opportunities"))


LEADS: Need = (Phrase("leads"), lambda company: company.has("leads"))
ANSWERS: Need = (Phrase("first answers to leads"), _filled("leads", "first_response_at"))
COSTS: Need = (Phrase("costs of selling"), lambda company: company.has("costs"))
MADE: Need = (Phrase("what sold goods cost, by order line"), _filled("orders", "cost"))
CUSTOMERS: Need = (Phrase("the customer of orders or deals"), _bought("account_id"))
PRODUCTS: Need = (Phrase("the product of orders or deals"), _bought("product_id"))
WON: Need = (Phrase("amounts of won deals"), _filled("opportunities", "amount"))
DISCOUNT: Need = (
    Phrase("a discount that known_at_creation names"),
    _discount_known,
)

PLAYBOOK: tuple[Question, ...] = (
    (Phrase("How deals walk through the stages, and where they are lost"), ("stages",)),
    (Phrase("Which touches at a stage go with winning"), ("stages", "activities")),
    (Phrase("Whether calls, meetings or demos go with winning"), ("activities", "kinds")),
    (Phrase("Whether a planned close pushed back goes with losing"), ("planned history",)),
    (Phrase("At which stage discounts come"), ("stages", "amount history")),
    (Phrase("Whether a discount given from the start goes with winning"), (DISCOUNT,)),
    (Phrase("How leads become deals, and which ones will"), (LEADS,)),
    (Phrase("How soon leads are answered"), (ANSWERS,)),
)
SEGMENTS: tuple[Question, ...] = (
    (Phrase("How long deals of a segment take"), ("creation",)),
    (Phrase("What deals of a segment are worth"), (WON,)),
    (Phrase("Whether a segment is worth the effort"), ("activities",)),
    (Phrase("Which customers come back"), (CUSTOMERS,)),
    (Phrase("Which products customers lack"), (CUSTOMERS, PRODUCTS)),
    (Phrase("What selling costs and returns"), (COSTS,)),
    (Phrase("What selling returns in gross profit"), (COSTS, MADE)),
    (Phrase("What a training or a SPIF went with"), (COSTS,)),
)
