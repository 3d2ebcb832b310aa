"""The skills of people: on which they differ at all, who stands where, and whether it lasts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.metrics.touches import MANY
from spm_lib.reports.blocks import Column, Section
from spm_lib.reports.cells import words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.many_people import both_ends, crowded, ends_told
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.pictures import Picture, charts_of
from spm_lib.reports.pages.reps_chance import chance_picture
from spm_lib.reps import RepComparison, Skill
from spm_lib.reps.skills.figures import VALUES

if TYPE_CHECKING:
    from spm_lib.reports.pages.reps_page import RepsPage

NAMES = {
    "win_rate": "Win rate at an equal mix of deals",
    "volume": "Deals won per month",
    "deal_size": "Deal size at an equal mix of deals",
    "speed": "Pace at which deals move forward",
}
FINDINGS = {
    "none": "people cannot be told apart",
    "weak": "weak evidence of a difference, too little for a ranking",
    "clear": "people differ by more than luck",
}
TERMS = {
    "volume": "Number of deals",
    "speed": "Pace of closing",
    "win_rate": "Win rate that lasts",
    "deal_size": "Deal size",
    "luck": "Luck in winning",
}
RATES = {"raw": "Each person's own rate", "common": "One rate for all", "shrunk": "Pooled rate"}
MOST_CHARTS = 6


def skill_name(page: RepsPage, name: str) -> str:
    """Return the name of a skill in the language of the page."""
    kind, _, what = name.partition(":")
    if kind == "stage":
        return page.text("Forward from {stage}", stage=what)
    if kind == "activity":
        text = "Activities per month: {kind}"
        return Statement(text, {"kind": MANY.get(what, what)}).tell(page.language)
    if name == "speed" and not page.company.has("stints"):
        return page.text("Pace at which deals are won")
    return page.text(NAMES[name])


def skills_of(page: RepsPage) -> Section:
    """Return on which skills people differ, and a line per person for each on which they do."""
    assert isinstance(page.outcome, RepComparison)
    found = page.outcome.skills.skills
    rows = [
        (
            words(skill_name(page, skill.id)),
            words(page.text(FINDINGS[skill.evidence])),
            number(page.told("rep.skill.p", skill=skill.id)),
            number(page.told("rep.skill.dispersion", skill=skill.id), kind="number"),
        )
        for skill in found
    ]
    columns = [
        Column(title="Skill"),
        Column(title="Finding"),
        Column(title="Chance that luck alone does this", kind="ratio", decimals=1),
        Column(title="Spread against luck", kind="number", decimals=1, help="1: as wide as luck"),
    ]
    alike = [skill_name(page, skill.id) for skill in found if skill.evidence == "none"]
    said = []
    if alike:
        listed = page.language.list(alike)
        said.append(page.say("These people cannot be told apart on: {skills}.", skills=listed))
    charts = charts_of(page, _pictures(page, found))
    said += ends_told(page, len(page.outcome.skills.reps)) if charts else []
    return page.section(
        "On which skills people differ", page.table(columns, rows), page.paragraph(*said), *charts
    )


def _pictures(page: RepsPage, skills: Sequence[Skill]) -> Iterator[Picture]:
    """Yield a line per person of the skills that rank them, and the funnel of each stage."""
    for skill in [s for s in skills if s.ranked][:MOST_CHARTS]:
        yield _lines(page, skill)
    for skill in skills:
        if skill.id.startswith("stage:"):
            yield _funnel(page, skill)


def _lines(page: RepsPage, skill: Skill) -> Picture:
    """Return a line per person: the best guess against the mean of all, with its interval."""
    from spm_lib.charts import caterpillar_chart

    share = skill.unit == "ratio"
    scale = 1.0 if share else float(skill.pooled.shrunk.mean())
    drawn_of = both_ends(skill.table.sort("shrunk", descending=True))
    frame = drawn_of.select(
        label=pl.Series([page.name_of(rep) for rep in drawn_of["rep_id"]], dtype=pl.String),
        n="n",
        raw=pl.col("raw") / scale,
        value=pl.col("shrunk") / scale,
        low=pl.col("low") / scale,
        high=pl.col("high") / scale,
        **({} if crowded(len(skill.reps)) else {"group": pl.col("group")}),
    )
    mean = float(skill.pooled.shrunk.mean()) / scale
    name = skill_name(page, skill.id)
    above, below = (skill.table.filter(pl.col("standing") == s).height for s in ("above", "below"))
    title = page.text(
        "{skill}: {above} above the mean with near certainty, {below} below",
        skill=name,
        above=page.write.count(above),
        below=page.write.count(below),
    )
    axis = name if share else page.text("{skill}, against the mean of all", skill=name)
    drawn = caterpillar_chart(frame, language=page.language, title=title, axis=axis, mean=mean)
    metric = VALUES[skill.unit]
    figures = [page.told(metric, rep_id=rep, skill=skill.id) for rep in drawn_of["rep_id"]]
    return Picture(
        drawn,
        title,
        data=frame.with_columns(mean=pl.lit(mean)),
        figures=tuple(figure for figure in figures if figure),
        plot=plots.person_rates(page, axis=axis),
    )


def _funnel(page: RepsPage, skill: Skill) -> Picture:
    """Return what went forward of a stage over the visits behind it, with the limits of chance."""
    seen = skill.table.filter(pl.col("n") > 0)
    labels = pl.Series([page.name_of(rep) for rep in seen["rep_id"]], dtype=pl.String)
    frame = seen.select(label=labels, n="n", value="raw")
    mean = float((frame["value"] * frame["n"]).sum()) / float(frame["n"].sum())
    figures = [page.told("rep.skill.rate", rep_id=rep, skill=skill.id) for rep in seen["rep_id"]]
    return chance_picture(
        page,
        frame,
        mean=mean,
        figures=[figure for figure in figures if figure],
        skill=skill_name(page, skill.id),
    )


def lasting_of(page: RepsPage) -> Section:
    """Return what makes the differences in money, and whether people's figures return."""
    from spm_lib.reports.pages.reps_page import ASPECTS

    made = [
        (words(page.text(name)), number(page.told("rep.gap.share", term=term)))
        for term, name in TERMS.items()
        if page.told("rep.gap.share", term=term)
    ]
    returns = [
        (
            words(page.text(ASPECTS[aspect])),
            number(page.told("rep.reliability.correlation", aspect=aspect), kind="number"),
        )
        for aspect in ("win_rate", "volume", "deal_size")
        if page.told("rep.reliability.correlation", aspect=aspect)
    ]
    losses = [
        (
            words(page.text(name)),
            number(page.told("rep.reliability.log_loss", rate=rate), kind="number"),
        )
        for rate, name in RATES.items()
        if page.told("rep.reliability.log_loss", rate=rate)
    ]
    share = Column(title="Share of the differences in won money", kind="ratio", decimals=0)
    like = Column(title="Rank correlation of the halves", kind="number", decimals=2)
    loss = Column(title="Log loss of the later half", kind="number", decimals=4)
    text = page.say(
        "Figures that do not return from one half of the window to the other say nothing of a "
        "person. The rate with the lowest log loss tells the later half best."
    )
    return page.section(
        "What makes the differences, and what lasts",
        page.table([Column(title="Part"), share], made, title=page.text("What makes them")),
        page.table([Column(title="Aspect"), like], returns, title=page.text("What returns")),
        page.table(
            [Column(title="Win rate told by"), loss],
            losses,
            title=page.text("Which rate tells the later half best"),
        ),
        page.paragraph(text),
    )
