"""The three questions in SQL, for DuckDB and for Spark: on the raw events, and on the stints.

Both have ``visits`` (opportunity_id, stage, rank, day, left_day, amount, next_stage; of open stages
only) and ``deals`` (opportunity_id, outcome, created_day, furthest): the events make them anew with
a window function, the stints have them in their columns.
"""

from __future__ import annotations

from benchmarks.ahead.asked import FUNNEL, MAP, SNAPSHOTS, month_ends
from benchmarks.questions import END, START
from benchmarks.span import STAGES

RANKS = ", ".join(f"({rank}, '{stage}')" for rank, stage in enumerate(STAGES))
ENDS = ", ".join(f"('{month}', {day})" for month, day in month_ends().items())
IS_OPEN = f"stage IN ({', '.join(repr(stage) for stage in STAGES)})"

VISITS_OF_EVENTS = f"""
    moved AS (
        SELECT opportunity_id, stage, day, amount,
               lead(stage) OVER history AS next_stage, lead(day) OVER history AS left_day
        FROM events
        WINDOW history AS (PARTITION BY opportunity_id ORDER BY day, seq)),
    visits AS (SELECT * FROM moved WHERE {IS_OPEN})"""
DEALS_OF_EVENTS = """
    deals AS (
        SELECT opportunity_id, min(day) AS created_day, max(ranks.rank) AS furthest,
               CASE WHEN count(CASE WHEN events.stage = 'Won' THEN 1 END) > 0 THEN 'won'
                    WHEN count(CASE WHEN events.stage = 'Lost' THEN 1 END) > 0 THEN 'lost'
                    ELSE 'open' END AS outcome
        FROM events LEFT JOIN ranks ON events.stage = ranks.stage
        GROUP BY opportunity_id)"""
VISITS_OF_STINTS = """
    visits AS (
        SELECT opportunity_id, stage, stage_rank AS rank, entered_day AS day, left_day, amount,
               next_stage
        FROM stints WHERE outcome = 'open')"""
DEALS_OF_STINTS = f"""
    deals AS (
        SELECT outcome, created_day, max(stage_rank) AS furthest
        FROM (SELECT opportunity_id, outcome, created_day FROM opportunities
              WHERE set_aside IS NULL AND created_day >= {START} AND created_day < {END}) AS cohort
        JOIN (SELECT opportunity_id, stage_rank FROM stints WHERE outcome = 'open') AS reached
        USING (opportunity_id)
        GROUP BY opportunity_id, outcome, created_day)"""

_RANKS = f"ranks AS (SELECT * FROM (VALUES {RANKS}) AS r(rank, stage))"
_FUNNEL = f"""
    counted AS (
        SELECT outcome, furthest, count(*) AS number FROM deals
        WHERE created_day >= {START} AND created_day < {END}
        GROUP BY outcome, furthest),
    flow AS (
        SELECT rank, stage, sum(number) AS entered,
               sum(CASE WHEN outcome = 'lost' AND furthest = rank THEN number ELSE 0 END) AS lost,
               sum(CASE WHEN outcome = 'open' AND furthest = rank THEN number ELSE 0 END)
                   AS still_open
        FROM counted CROSS JOIN ranks
        WHERE outcome = 'won' OR furthest >= rank
        GROUP BY rank, stage),
    waited AS (
        SELECT stage, median(left_day - day) AS middle FROM visits
        WHERE left_day >= {START} AND left_day < {END}
        GROUP BY stage)
    SELECT flow.stage, entered, entered - lost - still_open AS advanced, lost, still_open, middle
    FROM flow JOIN waited ON flow.stage = waited.stage ORDER BY rank"""
_SNAPSHOTS = f"""
    ends AS (SELECT * FROM (VALUES {ENDS}) AS e(label, last)),
    changes AS (
        SELECT stage, day, 1 AS number, amount FROM visits
        UNION ALL
        SELECT stage, left_day, -1, -amount FROM visits WHERE left_day IS NOT NULL),
    by_day AS (
        SELECT stage, day, sum(number) AS number, sum(amount) AS amount
        FROM changes GROUP BY stage, day)
    SELECT label, stage, sum(number) AS number, sum(amount) AS amount
    FROM by_day JOIN ends ON day <= last
    GROUP BY label, stage ORDER BY label, stage"""
_MAP = """
    SELECT stage, next_stage, count(*) AS moves, median(left_day - day) AS middle
    FROM visits WHERE next_stage IS NOT NULL
    GROUP BY stage, next_stage ORDER BY stage, next_stage"""


def _queries(visits: str, deals: str) -> dict[str, str]:
    return {
        FUNNEL: f"WITH {_RANKS}, {visits}, {deals}, {_FUNNEL}",
        SNAPSHOTS: f"WITH {visits}, {_SNAPSHOTS}",
        MAP: f"WITH {visits} {_MAP}",
    }


ON_EVENTS = _queries(VISITS_OF_EVENTS, DEALS_OF_EVENTS)
ON_STINTS = _queries(VISITS_OF_STINTS, DEALS_OF_STINTS)
