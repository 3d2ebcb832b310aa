"""The metric ids that a plan letter prints beside those of targets."""

from __future__ import annotations

from spm_lib.model.registry import declaring

_UNSTATED = "null where the plan states none"


def declare_letter_ids() -> None:
    """Put the numbers of a plan letter into the registry; they are those of one letter."""
    declare = declaring(
        "reports", prefix="letter.", unit="money", date_field="", table="", dimensions=("rep_id",)
    )
    declare("variable", "Target variable pay", "target pay of the letter's days",
            null_rule=_UNSTATED)  # fmt: skip
    declare("base_pay", "Base pay", "base pay of the letter's days", null_rule=_UNSTATED)
    declare("on_target", "On-target earnings", "base pay + target variable pay",
            null_rule="null where either is not stated")  # fmt: skip
    declare("variable_share", "Variable share of pay", "target variable pay / on-target earnings",
            unit="ratio", null_rule="null where either is not stated")  # fmt: skip
    declare("to_date", "Target to date", "sum of the targets up to the end of the month",
            null_rule="never null")  # fmt: skip
    declare("worked.sales", "Sales at an attainment", "target x attainment",
            null_rule="never null")  # fmt: skip
    declare("worked.pay", "Variable pay at an attainment",
            "what the pay plan pays if every month brings this share of its target",
            null_rule="never null")  # fmt: skip
    declare("worked.total", "Pay at an attainment", "base pay + variable pay at the attainment",
            null_rule="null where base pay is not stated")  # fmt: skip
