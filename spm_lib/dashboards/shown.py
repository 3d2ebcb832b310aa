"""The dashboards that are served, by the names of their notebooks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dashboard:
    """One dashboard: the stem of its notebook, and message ids of its title and what it is for."""

    name: str
    title: str
    about: str


WHAT_IF = Dashboard(
    "what_if", "What if", "Five levers, the odds of the coming year's target, and the way there."
)
FUNNEL = Dashboard(
    "funnel", "Sales funnel", "What was won and lost, where deals stay, and where they are lost."
)
TEAM = Dashboard(
    "team", "Team", "Who reached how much, who needs what this week, and a row for each person."
)
TARGETS = Dashboard(
    "targets",
    "Target studio",
    "Next period's targets: levers, edits, odds of everybody, and scenarios to keep.",
)
PAY_PLAN = Dashboard(
    "pay_plan",
    "Pay plan",
    "A pay plan's numbers on sliders: the pay curve, cost, and who gains or loses.",
)
MY_PAY = Dashboard(
    "my_pay", "My pay", "What a deal pays you, and what is missing to the next band."
)
RESPONSE = Dashboard(
    "response", "Response to the plan letter", "Your own plan letter's numbers, and your answer."
)
DASHBOARDS = {one.name: one for one in (FUNNEL, MY_PAY, PAY_PLAN, RESPONSE, TEAM, TARGETS, WHAT_IF)}
