"""What a page says where it cannot do what was asked: the reason, never a traceback."""

from __future__ import annotations

import html
from collections.abc import Callable

import ipywidgets as widgets

from spm_lib.core.errors import SpmError


def reason(error: SpmError) -> str:
    """Return an error as a line of the page, read out as it appears; no text of it is markup.

    Examples
    --------
    >>> reason(SpmError("No <b>deal</b>"))
    '<p class="spm-said" role="alert" dir="auto">No &lt;b&gt;deal&lt;/b&gt;</p>'
    """
    return f'<p class="spm-said" role="alert" dir="auto">{html.escape(str(error))}</p>'


def page_or_reason(make: Callable[[], widgets.Widget]) -> widgets.Widget:
    """Return a page, or the reason why there is none."""
    try:
        return make()
    except SpmError as error:
        return widgets.HTML(reason(error)).add_class("spm-page")
