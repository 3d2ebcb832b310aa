"""The page on which a person reads the own letter's key numbers and answers it."""

from __future__ import annotations

import html
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from spm_lib.core.errors import SpmError
from spm_lib.core.language import Language
from spm_lib.core.language import language as language_of
from spm_lib.dashboards.kit import Kit
from spm_lib.dashboards.reason import page_or_reason, reason
from spm_lib.dashboards.team.own_letter import OwnLetter, own_letter
from spm_lib.dashboards.team.response_fields import ResponseFields
from spm_lib.dashboards.told import admitted
from spm_lib.team import ResponseError, response_of


def response_page(**asked: Any) -> widgets.Widget:
    """Return the form, or the reason why there is none, to be shown by the notebook.

    Takes the parameters of ``ResponsePage``.
    """
    return page_or_reason(lambda: ResponsePage(**asked).box)


class ResponsePage:
    """The form of one person; ``box`` is the widget that shows all of it.

    Parameters
    ----------
    language
        "en" or "he"; empty: the workspace's own.
    workspace
        Workspace file; None: the one the server was started with, else the sample company.
    own
        The letter and where its answer goes; None: those of who looks.
    """

    def __init__(
        self,
        *,
        language: str = "",
        workspace: str | Path | None = None,
        own: OwnLetter | None = None,
    ) -> None:
        found = admitted(workspace=workspace)
        code = language or found.company.settings.workspace.language
        self.language: Language = language_of(code)
        self.own = own or own_letter(found)
        self.kit = Kit()
        self.fields = ResponseFields(self.kit, self.language, self.own.answered)
        send = self.language.text("Send the response")
        self.button = self.kit.make(widgets.Button, description=send)
        self.button.on_click(lambda _: self.send())
        self.said = self.kit.html(self._answered())
        parts = [self.kit.html(self._head()), self.fields.box, self.button, self.said]
        self.box = self.kit.make(widgets.VBox, parts).add_class("spm-page")
        if self.language.direction == "rtl":
            self.box.add_class("spm-rtl")

    def send(self) -> None:
        """Keep what was filled in, or tell what to change."""
        issued = self.own.issued
        head = {"letter": issued.hash, "version": issued.version, "rep_id": issued.letter.rep_id}
        try:
            self.own.keep(response_of({**head, **self.fields.content()}))
        except ResponseError as error:
            self.said.value = self._faults(error)
        except (SpmError, OSError) as error:
            self.said.value = reason(error if isinstance(error, SpmError) else SpmError(str(error)))
        else:
            self.said.value = self._status(
                "Your response is kept. You may change it and send anew."
            )

    def _faults(self, error: ResponseError) -> str:
        rows = "".join(f"<li>{html.escape(f.tell(self.language))}</li>" for f in error.faults)
        head = self.language.text("Nothing was kept. Change this, and send anew:")
        return f'<div class="spm-said" role="alert"><p>{html.escape(head)}</p><ul>{rows}</ul></div>'

    def _answered(self) -> str:
        if self.own.answered is None:
            return ""
        return self._status("You have answered already. You may change it and send anew.")

    def _status(self, msgid: str) -> str:
        return f'<p role="status">{html.escape(self.language.text(msgid))}</p>'

    def _head(self) -> str:
        letter = self.own.issued.letter
        title = self.language.text("Response to the plan letter")
        name = html.escape(letter.name)
        tiles = "".join(
            f'<div class="spm-tile"><div class="name">{html.escape(label)}</div>'
            f'<div class="value">{html.escape(value)}</div></div>'
            for label, value in self._numbers()
        )
        mark = self.language.text("Version {version} · content hash {hash}",
                                  version=self.own.issued.version,
                                  hash=self.own.issued.hash[:16])  # fmt: skip
        changes = "".join(
            f"<li>{html.escape(line.tell(self.language))}</li>" for line in self.own.issued.changes
        )
        return (
            f'<h1>{title}: <bdi dir="auto">{name}</bdi></h1>'
            f"<p>{html.escape(self._period())} · {html.escape(mark)}</p>"
            f'<div class="spm-tiles">{tiles}</div>{f"<ul>{changes}</ul>" if changes else ""}'
        )

    def _period(self) -> str:
        letter = self.own.issued.letter
        last = letter.end - timedelta(days=1)
        return self.language.text("{first} to {last}", first=self.language.month(letter.start),
                                  last=self.language.month(last))  # fmt: skip

    def _numbers(self) -> list[tuple[str, str]]:
        """Return the key numbers of the letter; what it does not know is left out."""
        letter, write = self.own.issued.letter, self.language
        pay = letter.pay_currency or letter.currency
        target = write.number(letter.target)
        if not letter.metric.endswith("count"):
            target = write.money(letter.target, letter.currency)
        told = [("Target", letter.target, target)]
        for label, minor in (
            ("Target variable pay", letter.variable),
            ("On-target earnings", letter.on_target),
        ):
            told.append((label, minor, write.money(minor, pay)))
        if letter.likely:
            told.append(("Odds of the target", 1, write.percent(Decimal(letter.likely.odds), 0)))
        return [(write.text(label), text) for label, known, text in told if known is not None]
