"""A naive loop for each metric: plain Python over plain facts, slow and plain on purpose.

``ORACLES[id](facts, rows, window)`` gives ``(value, n)`` of the rows of one group,
``ROWS[id](facts)`` the rows it reads, ``EVENT[id](row)`` the day of a row's event.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

from tests.metrics.companies import CALENDAR, OPEN, Facts, Row, deal_states, visits_of

Window = tuple[date, date] | None
Answer = tuple[float | int | None, int]


def inside(day: date | None, window: Window) -> bool:
    if window is None:
        return True
    return day is not None and window[0] <= day < window[1]


def closed_in(rows: list[Row], outcomes: tuple[str, ...], window: Window) -> list[Row]:
    return [r for r in rows if r["outcome"] in outcomes and inside(r["closed"], window)]


def minor(rows: list[Row]) -> int:
    return sum(100 * r["amount"] for r in rows if r["amount"] is not None)


def priced(rows: list[Row]) -> list[Row]:
    return [r for r in rows if r["amount"] is not None]


def half_up(value: Fraction | None) -> int | None:
    whole = (abs(value or 0) * 2 + 1) // 2
    return None if value is None else int(whole) if value >= 0 else -int(whole)


def count(*outcomes: str) -> Callable[[Facts, list[Row], Window], Answer]:
    def oracle(_facts: Facts, rows: list[Row], window: Window) -> Answer:
        n = len(closed_in(rows, outcomes, window))
        return n, n

    return oracle


def amount(*outcomes: str) -> Callable[[Facts, list[Row], Window], Answer]:
    def oracle(_facts: Facts, rows: list[Row], window: Window) -> Answer:
        deals = priced(closed_in(rows, outcomes, window))
        return minor(deals), len(deals)

    return oracle


def open_count(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    n = len([r for r in rows if r["outcome"] == "open" and inside(r["expected"], window)])
    return n, n


def open_amount(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    deals = [r for r in rows if r["outcome"] == "open" and inside(r["expected"], window)]
    return minor(priced(deals)), len(priced(deals))


def created_count(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    n = len([r for r in rows if inside(r["created"], window)])
    return n, n


def win_rate_by_count(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    won = len(closed_in(rows, ("won",), window))
    closed = won + len(closed_in(rows, ("lost",), window))
    return (won / closed if closed else None), closed


def win_rate_by_value(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    closed = priced(closed_in(rows, ("won", "lost"), window))
    closed = [r for r in closed if r["amount"] >= 0]
    total = minor(closed)
    won = minor([r for r in closed if r["outcome"] == "won"])
    return (won / total if total else None), len(closed)


def break_even(facts: Facts, rows: list[Row], window: Window) -> Answer:
    rate, closed = win_rate_by_value(facts, rows, window)
    return (1 / rate if rate else None), closed


def win_rate_created(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    cohort = [r for r in rows if inside(r["created"], window)]
    won = [r for r in cohort if r["outcome"] == "won"]
    return (len(won) / len(cohort) if cohort else None), len(cohort)


def mean_amount(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    deals = priced(closed_in(rows, ("won",), window))
    return half_up(Fraction(minor(deals), len(deals)) if deals else None), len(deals)


def account_mean(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    deals = [r for r in priced(closed_in(rows, ("won",), window)) if r["account"] is not None]
    names = {r["account"] for r in deals}
    return half_up(Fraction(minor(deals), len(names)) if names else None), len(names)


def won_cycles(rows: list[Row], window: Window) -> list[Row]:
    return [
        r
        for r in closed_in(rows, ("won",), window)
        if r["created"] is not None and r["closed"] is not None and r["closed"] >= r["created"]
    ]


def cycle(statistic: Callable[[list[int]], float]) -> Callable[[Facts, list[Row], Window], Answer]:
    def oracle(_facts: Facts, rows: list[Row], window: Window) -> Answer:
        days = [(r["closed"] - r["created"]).days for r in won_cycles(rows, window)]
        return (statistic(days) if days else None), len(days)

    return oracle


def working(start: date, end: date) -> int:
    days = [start + timedelta(k) for k in range((end - start).days)]
    return sum(CALENDAR.is_working_day(day) for day in days)


def working_cycle(statistic: Callable[[list[int]], float]) -> Callable[..., Answer]:
    def oracle(_facts: Facts, rows: list[Row], window: Window) -> Answer:
        days = [working(r["created"], r["closed"]) for r in won_cycles(rows, window)]
        return (statistic(days) if days else None), len(days)

    return oracle


def quartile(share: Fraction) -> Callable[[list[int]], float]:
    """Linear between order statistics, as spreadsheets do (Hyndman and Fan's type 7)."""

    def of(days: list[int]) -> float:
        ordered = sorted(days)
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))

    return of


def product_limit(
    spans: list[tuple[int, bool]], *, share: Fraction = Fraction(1, 2)
) -> float | None:
    """First day by which a share has ended on the Kaplan-Meier curve, with fractions."""
    left = Fraction(1)
    for day in sorted({d for d, _ in spans}):
        at_risk = len([1 for d, _ in spans if d >= day])
        ended = len([1 for d, seen in spans if d == day and seen])
        left *= 1 - Fraction(ended, at_risk)
        if left <= 1 - share:
            return float(day)
    return None


def decision(share: Fraction) -> Callable[[Facts, list[Row], Window], Answer]:
    def oracle(facts: Facts, rows: list[Row], window: Window) -> Answer:
        spans = []
        for r in rows:
            if r["created"] is None or not inside(r["created"], window):
                continue
            if r["outcome"] == "open":
                spans.append(((facts.as_of - r["created"]).days, False))
            elif r["closed"] is not None and r["closed"] >= r["created"]:
                spans.append(((r["closed"] - r["created"]).days, True))
        return product_limit(spans, share=share), len(spans)

    return oracle


def was_worked(row: Row, window: tuple[date, date]) -> bool:
    """Say whether dates tell that it was there before the end and not closed before the start."""
    if row["outcome"] != "open" and (row["closed"] is None or row["closed"] < window[0]):
        return False
    return (row["created"] or row["closed"] or window[1]) < window[1]


def velocity_of(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    worked = [r for r in rows if not window or was_worked(r, window)]
    closed = closed_in(worked, ("won", "lost"), window)
    won = closed_in(worked, ("won",), window)
    cycles = [(r["closed"] - r["created"]).days for r in won_cycles(worked, window)]
    if not closed or not won or not priced(won) or not sum(cycles):
        return None, len(worked)
    rate = Fraction(len(won), len(closed))
    size = Fraction(minor(priced(won)), len(priced(won)))
    return half_up(len(worked) * rate * size / Fraction(sum(cycles), len(cycles))), len(worked)


def activities(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    n = len([r for r in rows if "kind" in r and inside(r["day"], window)])
    return n, n


def of_kind(rows: list[Row], kind: str, window: Window) -> int:
    return len(
        [r for r in rows if (r.get("kind") or "").lower() == kind and inside(r["day"], window)]
    )


def kinds(above: str, below: str) -> Callable[[Facts, list[Row], Window], Answer]:
    def oracle(_facts: Facts, rows: list[Row], window: Window) -> Answer:
        bottom = of_kind(rows, below, window)
        return (of_kind(rows, above, window) / bottom if bottom else None), bottom

    return oracle


def per_won(facts: Facts, rows: list[Row], window: Window) -> Answer:
    won = len(closed_in([r for r in rows if "outcome" in r], ("won",), window))
    return (activities(facts, rows, window)[0] / won if won else None), won


def won_per_proposal(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    proposals = of_kind(rows, "proposal", window)
    won = len(closed_in([r for r in rows if "outcome" in r], ("won",), window))
    return (won / proposals if proposals else None), proposals


def orders_amount(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    lines = [r for r in priced(rows) if inside(r["day"], window)]
    return minor(lines), len(lines)


def orders_count(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    n = len({r["order"] for r in rows if inside(r["day"], window)})
    return n, n


def order_mean(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    lines = [r for r in priced(rows) if inside(r["day"], window)]
    names = {r["order"] for r in lines}
    return half_up(Fraction(minor(lines), len(names)) if names else None), len(names)


def gross_profit(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    lines = [r for r in priced(rows) if r["cost"] is not None and inside(r["day"], window)]
    return sum(100 * (r["amount"] - r["cost"]) for r in lines), len(lines)


def gross_margin(facts: Facts, rows: list[Row], window: Window) -> Answer:
    lines = [r for r in priced(rows) if r["cost"] is not None and inside(r["day"], window)]
    profit, n = gross_profit(facts, rows, window)
    return (float(Fraction(profit, minor(lines))) if minor(lines) else None), n


def visit_days(
    statistic: Callable[[list[int]], float],
    *,
    count: Callable[[date, date], int] = lambda start, end: (end - start).days,
) -> Callable[..., Answer]:
    def oracle(_facts: Facts, rows: list[Row], window: Window) -> Answer:
        ended = [r for r in rows if r["left"] is not None and inside(r["left"], window)]
        days = [count(r["entered"], r["left"]) for r in ended]
        return (statistic(days) if days else None), len(days)

    return oracle


def visit_survival(share: Fraction) -> Callable[[Facts, list[Row], Window], Answer]:
    def oracle(facts: Facts, rows: list[Row], window: Window) -> Answer:
        spans = [
            (((r["left"] or facts.as_of) - r["entered"]).days, r["left"] is not None)
            for r in rows
            if inside(r["entered"], window)
        ]
        return product_limit(spans, share=share), len(spans)

    return oracle


def standing(facts: Facts, rows: list[Row], window: Window) -> list[Row]:
    day = min(window[1] - timedelta(1), facts.as_of) if window else facts.as_of
    return [r for r in rows if r["entered"] <= day and (r["left"] is None or r["left"] > day)]


def pipeline_count(facts: Facts, rows: list[Row], window: Window) -> Answer:
    n = len(standing(facts, rows, window))
    return n, n


def pipeline_amount(facts: Facts, rows: list[Row], window: Window) -> Answer:
    there = priced(standing(facts, rows, window))
    return minor(there), len(there)


def open_visits(facts: Facts) -> list[Row]:
    states = {s["id"]: s for s in deal_states(facts)}
    rows = []
    for deal in facts.deals:
        for visit in visits_of(deal, facts.as_of):
            if visit["stage"] not in OPEN:
                continue
            whole = states[deal["id"]]
            rep = visit["rep"] if visit["rep"] is not None else whole["rep"]
            money = visit["amount"] if visit["amount"] is not None else whole["amount"]
            rows.append({**visit, "rep": rep, "amount": money})
    return rows


def both(facts: Facts) -> list[Row]:
    return [*facts.activities, *deal_states(facts)]


def closing_day(row: Row) -> date | None:
    return row["closed"] if "outcome" in row else row["day"]


PAID = ("salaries", "commission")


def spent(rows: list[Row], window: Window, kinds: tuple[str, ...] = ()) -> int:
    """Add up the costs of a window, of all kinds or of some."""
    costs = [r for r in priced(rows) if "kind" in r and "team" in r and inside(r["day"], window)]
    return minor([r for r in costs if not kinds or (r["kind"] or "").lower() in kinds])


def cost_amount(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    return spent(rows, window), len([r for r in priced(rows) if inside(r["day"], window)])


def brought_by_deals(outcomes: tuple[str, ...], *, count: bool, day: str = "closed"):
    def brought(rows: list[Row], window: Window) -> list[int]:
        deals = [r for r in rows if r.get("outcome") in outcomes and inside(r[day], window)]
        return [1 for _ in deals] if count else [100 * d["amount"] for d in priced(deals)]

    return brought


def brought_by_orders(*, profit: bool):
    def brought(rows: list[Row], window: Window) -> list[int]:
        lines = [r for r in priced(rows) if "order" in r and inside(r["day"], window)]
        if not profit:
            return [100 * r["amount"] for r in lines]
        return [100 * (r["amount"] - r["cost"]) for r in lines if r["cost"] is not None]

    return brought


def cost_over(brought, *, kinds: tuple[str, ...] = (), money: bool = False):
    def oracle(_facts: Facts, rows: list[Row], window: Window) -> Answer:
        parts, cost = brought(rows, window), spent(rows, window, kinds)
        value = Fraction(cost, sum(parts)) if cost and sum(parts) > 0 else None
        return (half_up(value) if money else value and float(value)), len(parts)

    return oracle


def over_cost(brought, *, less: int):
    def oracle(_facts: Facts, rows: list[Row], window: Window) -> Answer:
        parts, cost = brought(rows, window), spent(rows, window)
        return (float(Fraction(sum(parts), cost) - less) if cost > 0 else None), len(parts)

    return oracle


def acquisition(facts: Facts, rows: list[Row], window: Window) -> Answer:
    """A customer is new with the first deal won with him by anybody: by day, then by key."""
    firsts: dict[str, tuple[date, str]] = {}
    for deal in deal_states(facts):
        if deal["outcome"] == "won" and deal["account"] and deal["closed"]:
            told = (deal["closed"], deal["id"])
            firsts[deal["account"]] = min(told, firsts.get(deal["account"], told))
    new = [
        r
        for r in closed_in([r for r in rows if "outcome" in r], ("won",), window)
        if (r["closed"], r["id"]) in firsts.values()
    ]
    cost = spent(rows, window)
    return half_up(Fraction(cost, len(new)) if cost and new else None), len(new)


def magic(_facts: Facts, rows: list[Row], window: Window) -> Answer:
    """Without a window: the last quarter that is over at the end of March or before."""
    start, end = window or (date(2026, 1, 1), date(2026, 4, 1))
    months = end.month - start.month
    whole = start.year * 12 + start.month - 1 - months
    before = (date(whole // 12, whole % 12 + 1, 1), start)
    now, then, cost = won_money(rows, (start, end)), won_money(rows, before), spent(rows, before)
    growth = (sum(now) - sum(then)) * 12 // months
    return (growth / cost if cost > 0 else None), len(now) + len(then)


won_money = brought_by_deals(("won",), count=False)
won_deals = brought_by_deals(("won",), count=True)
new_deals = brought_by_deals(("won", "lost", "open"), count=True, day="created")
_mean = cycle(lambda days: sum(days) / len(days))
QUARTER, HALF, MOST = Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)
_first, _third = quartile(QUARTER), quartile(MOST)
BY_CLOSE = {
    "won.count": count("won"),
    "won.amount": amount("won"),
    "lost.count": count("lost"),
    "lost.amount": amount("lost"),
    "win_rate.closed.count": win_rate_by_count,
    "win_rate.closed.value": win_rate_by_value,
    "coverage.break_even": break_even,
    "deal.mean_amount": mean_amount,
    "account.won_amount_mean": account_mean,
    "cycle.won.median_days": cycle(statistics.median),
    "cycle.won.mean_days": _mean,
    "cycle.won.q1_days": cycle(_first),
    "cycle.won.q3_days": cycle(_third),
    "cycle.won.median_working_days": working_cycle(statistics.median),
    "cycle.won.q1_working_days": working_cycle(_first),
    "cycle.won.q3_working_days": working_cycle(_third),
    "velocity": velocity_of,
}
BY_CREATION = {
    "created.count": created_count,
    "win_rate.created": win_rate_created,
    "cycle.closed.km_q1_days": decision(QUARTER),
    "cycle.closed.km_median_days": decision(HALF),
    "cycle.closed.km_q3_days": decision(MOST),
}
BY_PLAN = {"open.count": open_count, "open.amount": open_amount}
BY_ACTIVITY = {
    "activity.count": activities,
    "activity.meetings_per_call": kinds("meeting", "call"),
    "activity.proposals_per_meeting": kinds("proposal", "meeting"),
}
OF_BOTH = {"activity.per_won": per_won, "activity.won_per_proposal": won_per_proposal}
BY_ORDER = {
    "orders.amount": orders_amount,
    "orders.count": orders_count,
    "order.mean_amount": order_mean,
    "orders.gross_profit": gross_profit,
    "orders.gross_margin": gross_margin,
}
BY_PERIOD = {"cost.amount": cost_amount}
COSTS_AND_DEALS = {
    "ccos": cost_over(won_money, kinds=PAID),
    "commission_cost_rate": cost_over(won_money, kinds=("commission",)),
    "sales_efficiency": over_cost(won_money, less=0),
    "sales_roi.revenue": over_cost(won_money, less=1),
    "cost.per_won": cost_over(won_deals, money=True),
    "cac": acquisition,
    "magic_number": magic,
}
COSTS_AND_NEW = {"cost.per_created": cost_over(new_deals, money=True)}
COSTS_AND_ORDERS = {
    "ccos.orders": cost_over(brought_by_orders(profit=False), kinds=PAID),
    "commission_cost_rate.orders": cost_over(
        brought_by_orders(profit=False), kinds=("commission",)
    ),
    "sales_roi.gross_profit": over_cost(brought_by_orders(profit=True), less=1),
}
BY_LEAVING = {
    "time_in_stage.median_days": visit_days(statistics.median),
    "time_in_stage.q1_days": visit_days(_first),
    "time_in_stage.q3_days": visit_days(_third),
    "time_in_stage.median_working_days": visit_days(statistics.median, count=working),
    "time_in_stage.q1_working_days": visit_days(_first, count=working),
    "time_in_stage.q3_working_days": visit_days(_third, count=working),
}
BY_ENTERING = {
    "time_in_stage.km_q1_days": visit_survival(QUARTER),
    "time_in_stage.km_median_days": visit_survival(HALF),
    "time_in_stage.km_q3_days": visit_survival(MOST),
}
ON_A_DAY = {"pipeline.count": pipeline_count, "pipeline.amount": pipeline_amount}

FAMILIES: list[tuple[dict, Callable[[Facts], list[Row]], Callable[[Row], date | None]]] = [
    (BY_CLOSE, deal_states, lambda row: row["closed"]),
    (BY_CREATION, deal_states, lambda row: row["created"]),
    (BY_PLAN, deal_states, lambda row: row["expected"]),
    (BY_ACTIVITY, lambda facts: facts.activities, lambda row: row["day"]),
    (OF_BOTH, both, closing_day),
    (BY_ORDER, lambda facts: facts.orders, lambda row: row["day"]),
    (BY_PERIOD, lambda facts: facts.costs, lambda row: row["day"]),
    (COSTS_AND_DEALS, lambda facts: [*facts.costs, *deal_states(facts)], closing_day),
    (
        COSTS_AND_NEW,
        lambda facts: [*facts.costs, *deal_states(facts)],
        lambda row: row["created"] if "outcome" in row else row["day"],
    ),
    (COSTS_AND_ORDERS, lambda facts: [*facts.costs, *facts.orders], lambda row: row["day"]),
    (BY_LEAVING, open_visits, lambda row: row["left"]),
    (BY_ENTERING, open_visits, lambda row: row["entered"]),
    (ON_A_DAY, open_visits, lambda _row: None),
]
ORACLES = {name: oracle for family, _, _ in FAMILIES for name, oracle in family.items()}
ROWS = {name: rows for family, rows, _ in FAMILIES for name in family}
EVENT = {name: event for family, _, event in FAMILIES for name in family}
ALWAYS_STAGE = set(BY_LEAVING) | set(BY_ENTERING)


def funnel(facts: Facts, *, how: str, window: Window) -> dict[str, dict[str, int]]:
    """Stage by stage, by looking at each deal's whole path: the oracle of stage conversion."""
    names = (
        "entered",
        "advanced",
        "lost",
        "still_open",
        "skipped",
        "re_entered",
        "lost_stage_unknown",
    )
    result = {stage: dict.fromkeys(names, 0) for stage in OPEN}
    for deal, state in zip(facts.deals, deal_states(facts), strict=True):
        path = visits_of(deal, facts.as_of) if facts.history else []
        for rank, stage in enumerate(OPEN):
            _walk(result[stage], stage, rank, path, state, how=how, window=window)
    return result


def _walk(
    counts: dict[str, int],
    stage: str,
    rank: int,
    path: list[Row],
    state: Row,
    *,
    how: str,
    window: Window,
) -> None:
    seen = [v["stage"] for v in path] + [state["stage"]]
    reached = [OPEN.index(s) for s in seen if s in OPEN]
    unknown = state["outcome"] == "lost" and not reached
    furthest = len(OPEN) if state["outcome"] == "won" else max(reached, default=0)
    if furthest < rank:
        return
    if not inside(_clock(path, state, rank, how=how), window):
        return
    visits = [s for s in (v["stage"] for v in path) if s == stage]
    counts["entered"] += 1
    counts["advanced"] += furthest > rank
    counts["lost"] += furthest == rank and state["outcome"] == "lost"
    counts["still_open"] += furthest == rank and state["outcome"] == "open"
    counts["skipped"] += bool(path) and not visits
    counts["re_entered"] += max(len(visits) - 1, 0)
    counts["lost_stage_unknown"] += unknown and furthest == rank


def _clock(path: list[Row], state: Row, rank: int, *, how: str) -> date | None:
    if how == "cohort":
        return state["created"]
    ranks = {**{s: i for i, s in enumerate(OPEN)}, "Won": len(OPEN), "Lost": -1}
    arrivals = [v["entered"] for v in path if ranks[v["stage"]] >= rank]
    return min(arrivals) if arrivals else (state["created"] if rank == 0 else None)
