"""The metric ids of working back from odds, of their track record, and of KPIs."""

from __future__ import annotations

from spm_lib.model import declaring
from spm_lib.targets.kpis.attained import ATTAINED, attained_figures
from spm_lib.targets.kpis.figures import ASSOCIATION, kpi_figures

_PEOPLE = ("rep_id",)
_BACK = "null where no activity that is allowed reaches the target at these odds"
_declare = declaring(
    "targets", date_field="closed_on", table="opportunities", null_rule=_BACK, dimensions=_PEOPLE
)


def declare_odds_ids() -> None:
    """Put the ids of working back, of the track record and of KPIs into the registry."""
    _declare_back()
    _declare_record()
    _declare_kpis()


def _declare_back() -> None:
    _declare(
        "target.activity_needed",
        "Activity per week that a target needs",
        "least activity, kinds in today's proportion, at which the odds are those asked for",
        unit="count",
        date_field="happened_on",
        table="activities",
        source="Bisection with common random numbers (Glasserman & Yao 1992)",
        reading="Rounded up to a tenth; more than 1.5 times today's has never been seen.",
    )
    _declare(
        "target.new_deals_needed",
        "New deals per week that a target needs",
        "new deals per week today x least multiple of today's activity",
        unit="count",
        date_field="created_on",
    )
    _declare(
        "target.pipeline_needed",
        "Pipeline to be created that a target needs",
        "new deals needed in the period x amount of a deal when it is created",
        unit="money",
        date_field="created_on",
    )


def _declare_record() -> None:
    _declare(
        "odds.came",
        "Past targets that were met, by the odds they had",
        "targets set at these odds at the start of past periods and met / targets set",
        numerator="targets met",
        denominator="targets set at these odds",
        null_rule="null where no past period can be played",
        dimensions=(),
        source="Reliability curve (Murphy & Winkler 1977, Applied Statistics 26:41)",
        reading="Odds of 60% are worth something if 60% came.",
    )


def _declare_kpis() -> None:
    _declare(
        ASSOCIATION,
        "Won amount that goes with a usual difference of a metric",
        "slope on the metric within people and months x its standard deviation there",
        unit="money",
        null_rule="null with fewer than five people, or where the metric does not vary",
        dimensions=(),
        source="Mundlak (1978), Econometrica 46:69; clustered: Liang & Zeger (1986)",
        reading="Associated with, no more: it does not say that one makes the other.",
        compute=kpi_figures,
    )
    _declare(
        "kpi.target.count",
        "Target of a KPI that is a count",
        "total x person's pooled count / all people's, in whole numbers",
        unit="count",
        null_rule="null without a target of the KPI",
        source="Largest remainder (Hamilton)",
    )
    _declare(
        "kpi.target.ratio",
        "Target of a KPI that is a ratio",
        "person's pooled rate x (1 + improvement), at most 1",
        null_rule="null without a target of the KPI",
        source="Skellam (1948), JRSS B 10:257",
        reading="Not shared out; the team's is what its people's targets imply.",
    )
    _declare(
        "kpi.past",
        "A KPI in the past year",
        "the KPI's own metric in the last twelve whole months",
        null_rule="null where there was no case",
        reading="Beside a KPI's target, which is drawn from it.",
    )
    _declare(
        ATTAINED,
        "KPI attainment",
        "Reached / target of the KPI",
        numerator="The KPI's own metric in the window",
        denominator="Count: sum of the targets whose period lies in the window; ratio: target",
        null_rule="Null where no target was set, a target of 0, or a ratio without a case.",
        table="targets",
        date_field="period_start",
        reading=(
            "Counts and ratios of the table of targets, by kpi. Of a ratio each person's alone. "
            "Without a window: the periods that are over."
        ),
        compute=attained_figures,
    )
