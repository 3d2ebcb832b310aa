"""Rows that may be mistakes: what a reader would want to know before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spm_lib.delivery.addresses import same_address
from spm_lib.delivery.recipients import Recipient
from spm_lib.delivery.run_items import RunItem
from spm_lib.delivery.scope_text import WHOLE


def sees_too_much(recipients: Sequence[Recipient], *, allowed: Sequence[str]) -> dict[str, str]:
    """Return the addresses that get a narrower scope and the whole company too, with the reason.

    One of the rows may be a slip, and the whole company cannot be taken back from a rep. Addresses
    in ``allowed`` are meant to.

    Examples
    --------
    >>> from spm_lib.delivery.recipients import Grant
    >>> noa = Recipient("noa@example.com", "en", (Grant("rep:r7"), Grant("company")))
    >>> list(sees_too_much([noa], allowed=[])), sees_too_much([noa], allowed=["Noa@example.com"])
    (['noa@example.com'], {})
    """
    meant = {same_address(address) for address in allowed}
    found = {}
    for address, scopes in _scopes(recipients).items():
        narrow = [scope for scope in scopes if scope != WHOLE]
        if WHOLE in scopes and narrow and address not in meant:
            found[address] = (
                f"it is named for {', '.join(narrow)} and for the whole company: one of the rows "
                "may be a slip. Where both are meant, list the address as see_all under [deliver]"
            )
    return found


def warnings_of(recipients: Sequence[Recipient], items: Sequence[RunItem]) -> Iterator[str]:
    """Give one sentence per oddity that does not stop a delivery."""
    for address, scopes in _scopes(recipients).items():
        people = [scope for scope in scopes if scope.startswith("rep:")]
        if len(people) > 1:
            yield f"{address} is named for {len(people)} people: {', '.join(people)}."
    for scope, addresses in _addresses(recipients).items():
        if scope.startswith("rep:") and len(addresses) > 1:
            yield f"{scope} goes to {len(addresses)} addresses: {', '.join(addresses)}."
    orphans = [
        item
        for item in items
        if not any(
            recipient.language == item.language and grant.covers(item.scope, item.report)
            for recipient in recipients
            for grant in recipient.grants
        )
    ]
    for item in orphans:
        yield f"Nobody receives {item}."
    whole = [a for a, scopes in _scopes(recipients).items() if scopes == [WHOLE]]
    if whole and any(item.scope.startswith("rep:") for item in orphans):
        yield (
            "A rep's report goes to nobody while these get the whole company; check that none of "
            f"them is that rep: {', '.join(whole)}."
        )


def _scopes(recipients: Sequence[Recipient]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for recipient in recipients:
        known = found.setdefault(same_address(recipient.address), {})
        known.update(dict.fromkeys(recipient.scopes))
    return {address: list(scopes) for address, scopes in found.items()}


def _addresses(recipients: Sequence[Recipient]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for recipient in recipients:
        for scope in recipient.scopes:
            found.setdefault(scope, {})[same_address(recipient.address)] = None
    return {scope: list(addresses) for scope, addresses in found.items()}
