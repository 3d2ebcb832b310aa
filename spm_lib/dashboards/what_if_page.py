"""The what-if dashboard: five levers, the odds of the target, the way through the year."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from spm_lib.core.errors import SpmError
from spm_lib.core.language import Language
from spm_lib.core.language import language as language_of
from spm_lib.dashboards.asked import read_day, read_saved
from spm_lib.dashboards.deals_behind import deals_behind
from spm_lib.dashboards.kept_view import kept_for
from spm_lib.dashboards.kit import Kit
from spm_lib.dashboards.lever_slider import LeverSlider
from spm_lib.dashboards.levers_of import lever_ranges
from spm_lib.dashboards.live_chart import LiveChart
from spm_lib.dashboards.reason import page_or_reason, reason
from spm_lib.dashboards.scenario_keeper import ScenarioKeeper
from spm_lib.dashboards.told import admitted
from spm_lib.dashboards.what_if_charts import path_rows, quantile_rows, what_if_charts
from spm_lib.targets import Answer, Levers, WhatIf, bars_over, baseline


def what_if_page(**asked: Any) -> widgets.Widget:
    """Return the dashboard, or the reason why there is none, to be shown by the notebook.

    Takes the parameters of ``WhatIfPage``.
    """
    return page_or_reason(lambda: WhatIfPage(**asked).box)


class WhatIfPage:
    """The page; ``box`` is the widget that shows all of it.

    Parameters
    ----------
    language
        "en" or "he"; empty: the workspace's own.
    as_of
        Day the rates are as of (YYYY-MM-DD); empty: the workspace's own.
    scenario
        Saved scenario to begin with; empty: today's rates.
    workspace
        Workspace file; None: the one the server was started with, else the sample company.
    """

    def __init__(
        self,
        *,
        language: str = "",
        as_of: str = "",
        scenario: str = "",
        workspace: str | Path | None = None,
    ) -> None:
        day = read_day(as_of)
        found = admitted(as_of=day, workspace=workspace)
        self.workspace, self.company = found.workspace, found.company
        self._kept = kept_for(day) if found.from_view else None
        self.language: Language = language_of(language or self.company.settings.workspace.language)
        self.base = baseline(self.company)
        self.what_if = WhatIf(self.base, kept=self._kept.draws if self._kept else None)
        self._build()
        if scenario:
            saved = read_saved(self.workspace, scenario, scope=found.scope)
            self.show_levers(saved.levers)

    @cached_property
    def today(self) -> Answer:
        """The answer at today's rates."""
        return self.what_if.answer(self.base.levers)

    @property
    def levers(self) -> Levers:
        """The levers as the sliders stand."""
        return replace(self.base.levers, **{s.lever.name: s.value for s in self.sliders})

    def show_levers(self, levers: Levers) -> None:
        """Move the sliders to a setting."""
        for slider in self.sliders:
            slider.move_to(getattr(levers, slider.lever.name))

    def _build(self) -> None:
        text, self.kit = self.language.text, Kit()
        self.sliders = [
            LeverSlider(
                lever, kit=self.kit, opens=text("Show the rows behind it"), changed=self._update
            )
            for lever in lever_ranges(self.base, self.language)
        ]
        self.tiles, self.said, self.rows = (self.kit.html() for _ in range(3))
        self.odds, self.path = self._charts()
        for slider in self.sliders:
            slider.opener.on_click(lambda _, s=slider: self._open(s))
        self.box = self._laid_out()
        self._update()

    def _charts(self) -> list[LiveChart]:
        make = self._drawn
        specs = self._kept.charts(self.language.code, make) if self._kept else make()
        return [LiveChart(spec, kit=self.kit) for spec in specs]

    def _drawn(self) -> list[dict[str, Any]]:
        return what_if_charts(self.base, self.today, self.language)

    def _laid_out(self) -> widgets.VBox:
        levers = self.kit.make(widgets.Box, [slider.box for slider in self.sliders])
        levers.add_class("spm-levers")
        charts = self.kit.make(widgets.Box, [self.odds, self.path])
        charts.add_class("spm-charts")
        kept = [] if self.company.scoped else [ScenarioKeeper(self).box]
        parts = [self._head(), levers, self.tiles, self.said, charts, self.rows, *kept]
        box = self.kit.make(widgets.VBox, [*parts, self._notes()])
        box.add_class("spm-page")
        if self.language.direction == "rtl":
            box.add_class("spm-rtl")
        return box

    def _update(self) -> None:
        """Answer the sliders: five numbers, two charts, one message each."""
        try:
            answer = self.what_if.answer(self.levers)
        except SpmError as error:
            self.said.value = reason(error)
            return
        self.said.value = ""
        bars = bars_over(self.today.attainment, answer.attainment)
        rows = answer.distribution(bars).to_dicts()
        self.odds.push(rows=rows, quantiles=quantile_rows(answer).to_dicts())
        self.path.push(rows=path_rows(answer))
        self.tiles.value = self._tiles(answer)

    def _tiles(self, answer: Answer) -> str:
        write, text, today = self.language, self.language.text, self.today
        tiles = [
            (text("Chance of reaching the target"), *_percents(write, answer.reach, today.reach)),
            *(
                (text(label), *_percents(write, answer.quantile(q), today.quantile(q)))
                for label, q in _TILES
            ),
            (
                text("Bookings in the median year"),
                *(self._money(a) for a in (answer, today)),
            ),
        ]
        return f'<div class="spm-tiles">{"".join(self._tile(*tile) for tile in tiles)}</div>'

    def _tile(self, name: str, value: str, today: str) -> str:
        was = self.language.text("at today's rates: {value}", value=today)
        return (
            f'<div class="spm-tile"><div class="name">{html.escape(name)}</div>'
            f'<div class="value"><bdi>{html.escape(value)}</bdi></div>'
            f'<div class="today">{html.escape(was)}</div></div>'
        )

    def _money(self, answer: Answer) -> str:
        return self.language.money(answer.median, self.base.currency, compact=True)

    def _open(self, slider: LeverSlider) -> None:
        heading = html.escape(slider.lever.label)
        rows = deals_behind(slider.lever.name, self.company, self.base, self.language)
        self.rows.value = f"<h3>{heading}</h3>{rows}"

    def _head(self) -> widgets.HTML:
        write, text, base = self.language, self.language.text, self.base
        name = self.company.settings.workspace.name
        fresh = text(
            "Data as of {as_of}; the newest thing in it happened on {newest}. Rates of {first} to "
            "{last}. Rows seen: {scope}.",
            as_of=write.date(self.company.as_of),
            newest=write.date(self.company.exported_on),
            first=write.month(base.window.start),
            last=write.month(_last_month(base)),
            scope=self._scope(),
        )
        title = text("What if? The coming year of {company}", company=name)
        return self.kit.html(f"<h1>{html.escape(title)}</h1><p>{html.escape(fresh)}</p>")

    def _scope(self) -> str:
        label = self.company.scope.label
        return label if self.company.scoped else self.language.text("the whole company")

    def _notes(self) -> widgets.HTML:
        text, write = self.language.text, self.language
        note = text(
            "{scenarios} years are played through with the same luck for every setting, from the "
            "rates above and their uncertainty. Deals begun before the first month are taken to be "
            "as many as were decided per month; seasons and price changes are not in it. P10, P50 "
            "and P90: attainment that one, five and nine in ten of the years stay below.",
            scenarios=write.number(len(self.today.cumulative)),
        )
        return self.kit.html(f"<p>{html.escape(note)}</p>")


_TILES = (
    ("Weak year (P10)", 0.1),
    ("Median year (P50)", 0.5),
    ("Strong year (P90)", 0.9),
)


def _percents(write: Language, *shares: float) -> tuple[str, ...]:
    return tuple(write.percent(share, 0) for share in shares)


def _last_month(base: Any) -> date:
    return base.window.end.fromordinal(base.window.end.toordinal() - 1)
