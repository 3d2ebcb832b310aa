"""Pay of many people: this library beside a plain loop over rows, the same cents from both.

`python -m benchmarks.pay_speed [TRANSACTIONS] [ROUNDS]`: 500 people, 50 rules, by default a million
transactions of a year with 3 credits each, three rounds. Each run is a process of its own, the
contenders take turns at being first, and what is shown is the median.
"""

from __future__ import annotations

import statistics
import sys
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import polars as pl

from benchmarks.side_by_side import peak_mib, run_once
from spm_lib.incentives import PayData, calculate, pay_data, plan_from_text

REPS, TEAMS, PRODUCTS = 500, 10, 10
YEAR = date(2026, 1, 1)
KINDS = ("flat", "to-date", "goal", "each", "attained")
PLAN = """
version = 1
[plan]
id = "bench"
name = "Bench"
currency = "ILS"
valid_from = 2026-01-01
valid_to = 2027-01-01
period = "month"
[decisions]
boundary = "lower"
table = "marginal"
grouping = "period"
reset = "year"
order = ["date", "transaction_id"]
below_target = "from_zero"
accelerator = "point"
cap = { at = "none", excess = "lost" }
negative = "paid"
rounding = { at = "line", mode = "half_up" }
base = { less = [], returns = "net" }
[[target_pay]]
amount = 5000
per = "month"
[[credits]]
id = "owner"
to = "owner"
[[credits]]
id = "expert"
kind = "overlay"
to = "rep"
rep = "X"
share = 0.5
[[credits]]
id = "team"
kind = "rollup"
to = "manager"
"""
RULES = """
[[measures]]
id = "m{i}"
base = "amount"
where = {{ product = "P{i}" }}
[[components]]
id = "flat-{i}"
name = "Flat"
tag = "commission"
measure = "m{i}"
pays = {{ kind = "rate", rate = 0.01 }}
[[components]]
id = "to-date-{i}"
name = "To date"
tag = "commission"
measure = "m{i}"
grouping = "to_date"
true_up = "deduct"
pays = {{ kind = "table", of = "base", bands = [{bands}] }}
[[components]]
id = "goal-{i}"
name = "Goal"
tag = "premium"
measure = "m{i}"
weight = 0.1
roles = ["rep"]
pays = {{ kind = "goal", threshold = 0.5, accelerators = [{{ over = 1, factor = 2 }}] }}
[[components]]
id = "each-{i}"
name = "Each deal"
tag = "commission"
measure = "m{i}"
grouping = "transaction"
pays = {{ kind = "table", of = "base", bands = [{bands}] }}
[[components]]
id = "attained-{i}"
name = "Attained"
tag = "premium"
measure = "m{i}"
roles = ["rep"]
pays = {{ kind = "table", of = "attainment", how = "whole", bands = [{attained}] }}
"""
BOUNDS, RATES = (1000_00, 3000_00), ("0.01", "0.02", "0.03")
BANDS = "{ up_to = 1000, rate = 0.01 }, { up_to = 3000, rate = 0.02 }, { rate = 0.03 }"
ATTAINED = "{ up_to = 1, rate = 0.01 }, { rate = 0.03 }"
QUOTA = 50_000_00


def plan_text() -> str:
    """Return a plan of 50 rules over ten products."""
    parts = [RULES.format(i=i, bands=BANDS, attained=ATTAINED) for i in range(PRODUCTS)]
    return PLAN + "".join(parts)


def book(transactions: int) -> PayData:
    """Return a year of transactions of 500 people in ten teams, with an expert beside them."""
    chance = np.random.default_rng(1)
    reps = [f"R{i:03d}" for i in range(REPS)]
    days = pl.Series([YEAR + timedelta(days=i) for i in range(365)])
    rows = pl.DataFrame(
        {
            "transaction_id": [f"T{i:07d}" for i in range(transactions)],
            "rep_id": pl.Series(reps).gather(chance.integers(0, REPS, transactions)),
            "date": days.gather(chance.integers(0, 365, transactions)),
            "amount": chance.integers(10_00, 5_000_00, transactions),
            "product": pl.Series([f"P{i}" for i in range(PRODUCTS)]).gather(
                chance.integers(0, PRODUCTS, transactions)
            ),
        }
    )
    everybody = {**dict.fromkeys([*reps, "X"], "rep")}
    everybody |= {f"M{i}": "manager" for i in range(TEAMS)}
    quotas = [
        (rep, f"m{i}", YEAR, date(2027, 1, 1), QUOTA * 365)
        for rep in [*reps, "X"]
        for i in range(PRODUCTS)
    ]
    columns = ["rep_id", "quota", "period_start", "period_end", "value"]
    return pay_data(
        transactions=rows,
        people=pl.DataFrame(
            {
                "rep_id": list(everybody),
                "name": list(everybody),
                "role": list(everybody.values()),
            }
        ),
        hierarchy=pl.DataFrame(
            {"rep_id": reps, "manager_id": [f"M{i % TEAMS}" for i in range(REPS)]}
        ),
        quotas=pl.DataFrame(quotas, schema=columns, orient="row"),
    )


def _half_up(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _marginal(x: int) -> Decimal:
    total, low = Decimal(0), 0
    for bound, rate in zip((*BOUNDS, None), map(Decimal, RATES), strict=True):
        if x > low:
            total += ((x if bound is None else min(x, bound)) - low) * rate
        low = bound or 0
    return total


def row_loop(data: PayData) -> int:
    """Pay the same plan row by row, credit by credit, in Decimal; return all pay in cents."""
    managers = dict(data.hierarchy.select("rep_id", "manager_id").iter_rows())
    roles = dict(data.people.select("rep_id", "role").iter_rows())
    sums: dict[tuple[str, str, int], int] = defaultdict(int)
    each: dict[tuple[str, str, int], Decimal] = defaultdict(Decimal)
    columns = ("rep_id", "date", "amount", "product")
    for rep, day, amount, product in data.transactions.select(columns).iter_rows():
        given = [(rep, amount), ("X", _half_up(Decimal(amount) / 2))]
        unpaid = (managers[rep], amount)  # measures leave roll-ups out unless they name them
        for who, credit in (*given, unpaid):
            if who != unpaid[0]:
                key = (who, product, day.month)
                sums[key] += credit
                each[key] += _marginal(credit)
    total = 0
    for who, role in roles.items():
        for i in range(PRODUCTS):
            total += _person(who, role, f"P{i}", sums, each)
    return total


def _person(
    who: str,
    role: str,
    product: str,
    sums: dict[tuple[str, str, int], int],
    each: dict[tuple[str, str, int], Decimal],
) -> int:
    total, reached = 0, 0
    for month in range(1, 13):
        key = (who, product, month)
        base = sums.get(key, 0)
        total += _half_up(base * Decimal("0.01")) + _half_up(each.get(key, Decimal(0)))
        total += _half_up(_marginal(reached + base)) - _half_up(_marginal(reached))
        reached += base
        if role == "rep":
            days = (date(2026 + month // 12, month % 12 + 1, 1) - date(2026, month, 1)).days
            quota = Decimal(QUOTA * days)
            total += _half_up(500_00 * _goal(Decimal(base) / quota))
            rate = (Decimal("0.01"), Decimal("0.03"))[bisect_right([quota], base)]
            total += _half_up(base * rate)
    return total


def _goal(attained: Decimal) -> Decimal:
    if attained < Decimal("0.5"):
        return Decimal(0)
    if attained < 1:
        return (attained - Decimal("0.5")) * 2
    return 1 + (attained - 1) * 2


def ours(data: PayData) -> int:
    """Pay by this library; return all pay in cents."""
    return int(calculate(plan_from_text(plan_text()), data).payments["amount"].sum())


CONTENDERS: dict[str, Callable[[PayData], int]] = {"spm_lib": ours, "row loop": row_loop}


@dataclass(frozen=True)
class Paid:
    """One contender's run: seconds of wall and CPU, peak MiB, and the cents it paid."""

    name: str
    transactions: int
    wall: float
    cpu: float
    peak: float
    cents: int


def paid(name: str, transactions: int) -> Paid:
    """Run a contender in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.pay_speed", "run", name, str(transactions)]
    run = run_once(command)
    told = run.printed
    return Paid(name, transactions, told["seconds"], told["cpu"], run.peak, told["cents"])


def _run(name: str, transactions: int) -> None:
    import json

    data = book(transactions)
    wall, cpu = time.perf_counter(), time.process_time()
    cents = CONTENDERS[name](data)
    seconds, used = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu": used, "peak": peak_mib(), "cents": cents}))


WALL, PEAK = 60, 2048  # what a year of a large company may take: seconds, MiB


def main(transactions: int = 1_000_000, rounds: int = 3) -> None:
    """Print the medians of both contenders, their ratio, and whether the gate is passed."""
    names = list(CONTENDERS)
    runs: dict[str, list[Paid]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in names[turn % 2 :] + names[: turn % 2]:
            runs[name].append(paid(name, transactions))
    print(f"{transactions:,} transactions, 3 credits each, {len(KINDS) * PRODUCTS} rules")
    print("| | wall s | CPU s | peak MiB | cents paid |\n|---|---|---|---|---|")
    for name, done in runs.items():
        wall, cpu, peak = (median(done, field) for field in ("wall", "cpu", "peak"))
        print(f"| {name} | {wall:.1f} | {cpu:.1f} | {peak:.0f} | {done[0].cents:,} |")
    first, second = (median(runs[name], "cpu") for name in names)
    print(f"CPU of the {names[1]} / CPU of {names[0]}: {second / first:.1f}")
    ours_ = runs[names[0]]
    passed = median(ours_, "wall") < WALL and median(ours_, "peak") < PEAK
    print(f"under {WALL} s and {PEAK} MiB: {'yes' if passed else 'no'}")
    assert len({run.cents for done in runs.values() for run in done}) == 1, "not the same cents"


def median(done: list[Paid], field: str) -> float:
    """Return the median of a field of runs."""
    return statistics.median(getattr(run, field) for run in done)


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        _run(sys.argv[2], int(sys.argv[3]))
    else:
        main(*map(int, sys.argv[1:]))
