"""The questions answered by hand in DuckDB SQL, over Parquet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks import questions as q
from benchmarks.scale import LAST_DAY, STAGES

FILES = ("opportunities", "stints", "activities")
CLOSED_IN = f"closed_day >= {q.START} AND closed_day < {q.END}"
CREATED_IN = f"created_day >= {q.START} AND created_day < {q.END}"
MONTH = "date_trunc('month', DATE '1970-01-01' + CAST({} AS INTEGER))"
RANKS = ", ".join(f"({rank}, '{stage}')" for rank, stage in enumerate(STAGES))

QUERIES = {
    q.WIN_RATE_COUNT: f"""
        SELECT rep_id, count(*) FILTER (outcome = 'won') / count(*) AS value, count(*) AS n
        FROM opportunities
        WHERE outcome <> 'open' AND {CLOSED_IN}
        GROUP BY rep_id ORDER BY rep_id""",
    q.WIN_RATE_VALUE: f"""
        SELECT rep_id, sum(amount) FILTER (outcome = 'won') / sum(amount) AS value, count(*) AS n
        FROM opportunities
        WHERE outcome <> 'open' AND {CLOSED_IN}
        GROUP BY rep_id ORDER BY rep_id""",
    q.WIN_RATE_CREATED: f"""
        WITH mature AS (
            SELECT quantile_cont(closed_day - created_day, 0.9) AS needed
            FROM opportunities WHERE outcome = 'won')
        SELECT {MONTH.format("created_day")} AS month,
               count(*) FILTER (outcome = 'won') / count(*) AS value,
               count(*) AS n,
               DATE '1970-01-01' + {LAST_DAY + 1} - CAST(month + INTERVAL 1 MONTH AS DATE)
                   >= any_value(needed) AS mature
        FROM opportunities, mature
        WHERE {CREATED_IN}
        GROUP BY month ORDER BY month""",
    q.CONVERSION: f"""
        WITH furthest AS (
            SELECT outcome, max(stage_rank) AS furthest
            FROM (SELECT opportunity_id, outcome FROM opportunities WHERE {CREATED_IN})
            JOIN (SELECT opportunity_id, stage_rank FROM stints) USING (opportunity_id)
            GROUP BY opportunity_id, outcome),
        counted AS (
            SELECT outcome, furthest, count(*) AS deals FROM furthest GROUP BY outcome, furthest),
        flow AS (
            SELECT rank, stage, sum(deals) AS entered,
                   coalesce(sum(deals) FILTER (outcome = 'lost' AND furthest = rank), 0) AS lost,
                   coalesce(sum(deals) FILTER (outcome = 'open' AND furthest = rank), 0)
                       AS still_open
            FROM counted, (VALUES {RANKS}) AS stages(rank, stage)
            WHERE outcome = 'won' OR furthest >= rank
            GROUP BY rank, stage)
        SELECT stage, entered, entered - lost - still_open AS advanced, lost, still_open
        FROM flow ORDER BY rank""",
    q.TIME_IN_STAGE: f"""
        SELECT stage, median(left_day - entered_day) AS value, count(*) AS n
        FROM stints
        WHERE left_day >= {q.START} AND left_day < {q.END}
        GROUP BY stage ORDER BY stage""",
    q.CYCLE: f"""
        WITH won AS (
            SELECT rep_id,
                   quantile_cont(closed_day - created_day, [0.25, 0.5, 0.75]) AS days,
                   count(*) AS n
            FROM opportunities
            WHERE outcome = 'won' AND {CLOSED_IN}
            GROUP BY rep_id)
        SELECT rep_id, days[2] AS value, days[1] AS q1, days[3] AS q3, n
        FROM won ORDER BY rep_id""",
    q.VELOCITY: f"""
        WITH worked AS (
            SELECT rep_id, amount, closed_day - created_day AS days,
                   coalesce({CLOSED_IN}, false) AS inside,
                   inside AND outcome = 'won' AS won
            FROM opportunities
            WHERE created_day < {q.END} AND (outcome = 'open' OR closed_day >= {q.START}))
        SELECT rep_id,
               count(*) * (count(*) FILTER (won) / count(*) FILTER (inside))
                   * avg(amount) FILTER (won) / avg(days) FILTER (won) AS value,
               count(*) AS n
        FROM worked GROUP BY rep_id ORDER BY rep_id""",
    q.AVERAGE_DEAL: f"""
        SELECT rep_id, avg(amount) AS value, count(*) AS n
        FROM opportunities
        WHERE outcome = 'won' AND {CLOSED_IN}
        GROUP BY rep_id ORDER BY rep_id""",
    q.PER_CUSTOMER: f"""
        WITH customers AS (
            SELECT segment, account_id, sum(amount) AS amount
            FROM opportunities
            WHERE outcome = 'won' AND {CLOSED_IN}
            GROUP BY segment, account_id)
        SELECT segment, avg(amount) AS value, count(*) AS n
        FROM customers GROUP BY segment ORDER BY segment""",
    q.PIPELINE: f"""
        SELECT stage, count(*) AS count, sum(amount) AS amount
        FROM stints
        WHERE entered_day <= {q.PAST_DAY} AND (left_day IS NULL OR left_day > {q.PAST_DAY})
        GROUP BY stage ORDER BY stage""",
    q.ACTIVITY_RATIOS: f"""
        WITH done AS (
            SELECT rep_id, {MONTH.format("happened_day")} AS month,
                   count(*) FILTER (kind = 'call') AS calls,
                   count(*) FILTER (kind = 'meeting') AS meetings,
                   count(*) FILTER (kind = 'proposal') AS proposals
            FROM activities
            WHERE happened_day >= {q.START} AND happened_day < {q.END}
            GROUP BY ALL),
        wins AS (
            SELECT rep_id, {MONTH.format("closed_day")} AS month, count(*) AS won
            FROM opportunities
            WHERE outcome = 'won' AND {CLOSED_IN}
            GROUP BY ALL)
        SELECT rep_id, month, coalesce(calls, 0) AS calls, coalesce(meetings, 0) AS meetings,
               coalesce(proposals, 0) AS proposals, coalesce(won, 0) AS won,
               meetings / nullif(calls, 0) AS meetings_per_call,
               proposals / nullif(meetings, 0) AS proposals_per_meeting,
               coalesce(won, 0) / nullif(proposals, 0) AS won_per_proposal
        FROM done FULL JOIN wins USING (rep_id, month)
        ORDER BY rep_id, month""",
    q.LOST_REASONS: f"""
        SELECT lost_reason, count(*) AS deals, count(*) / sum(count(*)) OVER () AS value
        FROM opportunities
        WHERE outcome = 'lost' AND {CLOSED_IN}
        GROUP BY lost_reason ORDER BY lost_reason""",
    q.WON_AMOUNT: f"""
        SELECT {MONTH.format("closed_day")} AS month, sum(amount) AS value
        FROM opportunities
        WHERE outcome = 'won' AND {CLOSED_IN}
        GROUP BY month ORDER BY month""",
}

Answer = tuple[list[str], list[tuple]]


def open_files(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name in FILES:
        connection.execute(f"CREATE VIEW {name} AS FROM '{folder}/{name}.parquet'")
    return connection


def columns(answer: Answer) -> q.Columns:
    names, rows = answer
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _asked(query: str) -> Callable[[duckdb.DuckDBPyConnection], Answer]:
    def ask(connection: duckdb.DuckDBPyConnection) -> Answer:
        result = connection.execute(query)
        return [column[0] for column in result.description], result.fetchall()

    return ask


ANSWERS = {question: _asked(query) for question, query in QUERIES.items()}
