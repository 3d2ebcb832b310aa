"""What a part of a page needs from the data, and what it says where that is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from spm_lib.reports.blocks import Section
from spm_lib.reports.pages.page import Page

P = TypeVar("P", bound=Page)
Part = Callable[[P], Section]


def needs(title: str, *tables: str) -> Callable[[Part[P]], Part[P]]:
    """Return a decorator of a page's part: where a table is missing, the part says so instead."""

    def wrap(part: Part[P]) -> Part[P]:
        @wraps(part)
        def told(page: P) -> Section:
            return part(page) if page.known(*tables) else page.lacking(title, *tables)

        return told

    return wrap


def needs_creation(title: str) -> Callable[[Part[P]], Part[P]]:
    """Return a decorator of a part that goes by the day on which deals were created."""

    def wrap(part: Part[P]) -> Part[P]:
        @wraps(part)
        def told(page: P) -> Section:
            if creation_known(page):
                return part(page)
            text = page.say(
                "The data does not say when deals were created, and this part goes by it."
            )
            return page.section(title, page.paragraph(text, tone="missing"))

        return told

    return wrap


def creation_known(page: Page) -> bool:
    """Say whether any deal has a day on which it was created; so too where there is no deal."""
    created = page.company.table("opportunities")["created_on"]
    return not created.len() or created.null_count() < created.len()
