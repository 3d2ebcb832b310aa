"""The five tables written by hand in DuckDB SQL, over Parquet."""

from __future__ import annotations

from pathlib import Path

import duckdb

MONTH = "strftime(DATE '1970-01-01' + CAST({day} AS INTEGER), '%Y-%m')"

QUERIES = {
    "win_rate": """
        SELECT rep_id,
               count(*) FILTER (WHERE outcome = 'won') AS won,
               count(*) AS closed,
               count(*) FILTER (WHERE outcome = 'won') / count(*) AS value
        FROM '{folder}/opportunities.parquet'
        WHERE outcome <> 'open' AND closed_day >= {start} AND closed_day < {end}
        GROUP BY rep_id ORDER BY rep_id""",
    "won_amount": f"""
        SELECT {MONTH.format(day="closed_day")} AS month, sum(amount) AS value
        FROM '{{folder}}/opportunities.parquet'
        WHERE outcome = 'won' AND closed_day >= {{start}} AND closed_day < {{end}}
        GROUP BY ALL ORDER BY month""",
    "cycle": """
        SELECT rep_id, median(closed_day - created_day) AS value, count(*) AS n
        FROM '{folder}/opportunities.parquet'
        WHERE outcome = 'won' AND closed_day >= {start} AND closed_day < {end}
        GROUP BY rep_id ORDER BY rep_id""",
    "time_in_stage": """
        SELECT stage, median(left_day - entered_day) AS value, count(*) AS n
        FROM '{folder}/stints.parquet'
        WHERE left_day IS NOT NULL AND left_day >= {start} AND left_day < {end}
        GROUP BY stage ORDER BY stage""",
    "activities": f"""
        SELECT rep_id, {MONTH.format(day="happened_day")} AS month, kind, count(*) AS value
        FROM '{{folder}}/activities.parquet'
        WHERE happened_day >= {{start}} AND happened_day < {{end}}
        GROUP BY ALL ORDER BY rep_id, month, kind""",
}

COUNTED = {"win_rate": 2, "won_amount": 1, "cycle": 2, "time_in_stage": 2, "activities": 3}


def tables(folder: Path, start: int, end: int) -> dict[str, int]:
    """Return what the rows of each table of the window [start, end) of epoch days add up to."""
    connection = duckdb.connect()
    return {
        name: sum(
            row[COUNTED[name]]
            for row in connection.execute(
                query.format(folder=folder, start=start, end=end)
            ).fetchall()
        )
        for name, query in QUERIES.items()
    }
