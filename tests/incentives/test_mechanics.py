"""Every mechanic that commercial engines support, each written without code in a small plan file.

The pay of each is worked out by hand beside it.
"""

# ruff: noqa: E501 - plan files are written as a consultant writes them

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pytest

from spm_lib.incentives import PayRun, calculate, explain, pay_data, plan_from_text
from tests.incentives.small import (
    component,
    day,
    deals,
    decimals,
    paid,
    people,
    plan_text,
    quotas,
)

TARGET = '[[target_pay]]\namount = 1000\nper = "month"\n'
UNITS = '[[measures]]\nid = "units"\nbase = "units"\n'
MARGIN = '[[measures]]\nid = "margin"\nbase = "margin"\n'
RATE = '{ kind = "rate", rate = 0.10 }'
TEN = component(RATE)
QUOTA = quotas(("R1", "sales", "2026-01-01", "2027-01-01", "12000"))  # by months: 1,000 each
MONTHLY = '[quotas]\nproration = "months"\n'
ONE = people("R1")


@dataclass
class Mechanic:
    plan: str
    deals: pl.DataFrame
    pay: dict[str, dict[str, str]]
    decisions: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    credits: str = ""
    through: str | None = None


def two(a: str, b: str, **further: list[Any]) -> pl.DataFrame:
    """Return a deal of R1 in January and one in February."""
    return deals(("D1", "R1", "01-10", a), ("D2", "R1", "02-10", b), **further)


def bands(text: str, **keys: str) -> str:
    return component(f'{{ kind = "table", of = "base", bands = [{text}] }}', **keys)


STEP = "{ up_to = 1000, rate = 0.05 }, { rate = 0.10 }"
SPLITS = '[[credits]]\nid = "shared"\nto = "splits"\n'
HOUSE = '[[credits]]\nid = "house"\nto = "house"\nwhere = { channel = "web" }\n'
OVERLAY = '[[credits]]\nid = "expert"\nkind = "overlay"\nto = "rep"\nrep = "X"\nshare = 0.5\nwhere = { product = "A" }\n'
ROLLUP = '[[credits]]\nid = "team"\nkind = "rollup"\nto = "manager"\n'
HANDOVER = (
    '[[credits]]\nid = "opener"\nkind = "overlay"\nto = "column"\ncolumn = "opener"\nshare = 0.2\n'
)
TEAM = pl.DataFrame({"rep_id": ["R1", "R2"], "manager_id": ["M", "M"]})
OF_TEAM = '[[measures]]\nid = "team"\nbase = "amount"\ncredits = ["team"]\n'


def shared(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return decimals(list(rows), ["transaction_id", "rep_id", "share"])


def receipts(*rows: tuple[str, str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [(d, day(w), a) for d, w, a in rows],
        schema=["transaction_id", "date", "amount"],
        orient="row",
    )


def scores(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return decimals(
        [("R1", day(d), o, s) for d, o, s in rows], ["rep_id", "period_start", "objective", "score"]
    )


MECHANICS: dict[str, Mechanic] = {
    "flat rate": Mechanic(TEN, two("1000", "50"), {"R1": {"01": "100", "02": "5"}}),
    "flat rate per product": Mechanic(
        # 10 % of A (1,000) and 2 % of B (500)
        '[[measures]]\nid = "a"\nbase = "amount"\nwhere = { product = "A" }\n'
        '[[measures]]\nid = "b"\nbase = "amount"\nwhere = { product = ["B", "C"] }\n'
        + component(RATE, measure='"a"')
        + component('{ kind = "rate", rate = 0.02 }', measure='"b"', id='"second"'),
        two("1000", "500", product=["A", "B"]),
        {"R1": {"01": "100", "02": "10"}},
    ),
    "flat rate on margin": Mechanic(
        MARGIN + component(RATE, measure='"margin"'),
        two("1000", "500", margin=[30000, 20000]),
        {"R1": {"01": "30", "02": "20"}},
    ),
    "money per unit": Mechanic(
        UNITS + component('{ kind = "rate", rate = 2.5 }', measure='"units"'),
        two("1000", "500", units=[3, 10]),
        {"R1": {"01": "7.5", "02": "25"}},
    ),
    "base net of freight, returns left out": Mechanic(
        TEN,
        deals(("D1", "R1", "01-10", "1000"), ("D2", "R1", "01-11", "-300"), freight=[10000, 0]),
        {"R1": {"01": "90"}},
        decisions={"base": '{ less = ["freight"], returns = "left_out" }'},
    ),
    "table, marginal": Mechanic(
        bands(STEP), two("1500", "400"), {"R1": {"01": "100", "02": "20"}}
    ),
    "table, whole amount": Mechanic(
        bands(STEP), two("1500", "400"), {"R1": {"01": "150", "02": "20"}},
        decisions={"table": '"whole"'},
    ),
    "table, whole in one band only": Mechanic(
        # 1,500: 10 % of all; 2,500: 200 of the first 2,000, then 20 % of 500
        bands("{ up_to = 1000, rate = 0.05 }, { up_to = 2000, rate = 0.10, how = \"whole\" }, { rate = 0.20 }"),
        two("1500", "2500"),
        {"R1": {"01": "150", "02": "300"}},
    ),
    "table, interpolated": Mechanic(
        # half way between 100 at 1,000 and 400 at 2,000
        bands("{ up_to = 1000, pay = 100 }, { up_to = 2000, pay = 400 }"),
        two("1500", "5000"), {"R1": {"01": "250", "02": "400"}},
        decisions={"table": '"interpolated"'},
    ),
    "table, a fixed amount for the band": Mechanic(
        bands("{ up_to = 1000, pay = 0 }, { pay = 300 }"), two("1500", "1000"),
        {"R1": {"01": "300"}}, decisions={"table": '"step"'},
    ),
    "boundary, lower inclusive": Mechanic(
        bands(STEP), two("1000", "999"), {"R1": {"01": "100", "02": "49.95"}},
        decisions={"table": '"whole"', "boundary": '"lower"'},
    ),
    "two dimensions: sales by margin ratio": Mechanic(
        # Jan: 1,000 at 30 %: row over 500, column over 0.2 -> 8 %; Feb: 400 at 10 % -> 1 %
        MARGIN
        + component(
            '{ kind = "matrix", rows = { measure = "sales", bounds = [500] }, columns = { measure = "margin", of = "ratio", bounds = [0.2] }, cells = [[0.01, 0.02], [0.04, 0.08]] }'
        ),
        two("1000", "400", margin=[30000, 4000]),
        {"R1": {"01": "80", "02": "4"}},
    ),
    "two dimensions: sales by product": Mechanic(
        # sales of 1,500 reach the second row: 1,000 of A at 5 %, 500 of B at 6 %
        component(
            '{ kind = "matrix", rows = { measure = "sales", bounds = [1200] }, columns = { column = "product", values = ["A", "B"] }, cells = [[0.01, 0.02], [0.05, 0.06]] }'
        ),
        deals(("D1", "R1", "01-10", "1000"), ("D2", "R1", "01-11", "500"), product=["A", "B"]),
        {"R1": {"01": "80"}},
    ),
    "grouping by transaction": Mechanic(
        # each deal by itself: 1,200 pays 50 + 20, 300 pays 15; never 1,500 as one
        bands(STEP, grouping='"transaction"'),
        deals(("D1", "R1", "01-10", "1200"), ("D2", "R1", "01-11", "300")),
        {"R1": {"01": "85"}},
    ),
    "grouping by quarter": Mechanic(
        # 800 + 700 = 1,500 in the quarter, paid at its end
        bands(STEP, period='"quarter"'),
        deals(("D1", "R1", "01-10", "800"), ("D2", "R1", "03-11", "700")),
        {"R1": {"03": "100"}},
    ),
    "grouping to date, reset each quarter": Mechanic(
        # Jan 800 at 5 %; Feb 200 at 5 % and 500 at 10 %; April begins anew
        bands(STEP, grouping='"to_date"', true_up='"deduct"', reset='"quarter"'),
        deals(("D1", "R1", "01-10", "800"), ("D2", "R1", "02-11", "700"), ("D3", "R1", "04-11", "100")),
        {"R1": {"01": "40", "02": "60", "04": "5"}},
    ),
    "pay curve": Mechanic(
        # 75 %: half way from 50 % -> 0.3 to 100 % -> 1; 150 %: flat after the last point
        MONTHLY + TARGET
        + component(
            '{ kind = "curve", beyond = "flat", points = [{ attainment = 0.5, payout = 0.3 }, { attainment = 1, payout = 1 }, { attainment = 1.2, payout = 1.5 }] }', weight="1"
        ),
        two("750", "1500"), {"R1": {"01": "650", "02": "1500"}}, tables={"quotas": QUOTA},
    ),
    "threshold where pay jumps, excellence where it ends": Mechanic(
        # at 50 % pays 0.2; 75 % half way to 1; 200 %: 1 + 0.5 x 1.6 up to excellence at 150 %
        MONTHLY + TARGET
        + component('{ kind = "goal", threshold = 0.5, payout_at_threshold = 0.2, excellence = 1.5 }', weight="1"),
        two("750", "2000"), {"R1": {"01": "600", "02": "1800"}},
        decisions={"below_target": '"jump"'}, tables={"quotas": QUOTA},
    ),
    "accelerator by the base rate": Mechanic(
        # 200 above quota x 5 % x 2 = 20 on top of target pay 1,000
        MONTHLY + TARGET
        + component('{ kind = "goal", threshold = 0, base_rate = 0.05, accelerators = [{ over = 1, factor = 2 }] }', weight="1"),
        two("1200", "1000"), {"R1": {"01": "1020", "02": "1000"}},
        decisions={"accelerator": '"rate"'}, tables={"quotas": QUOTA},
    ),
    "decelerator at the top": Mechanic(
        # 10 % up to 1,000, 4 % above
        bands("{ up_to = 1000, rate = 0.10 }, { rate = 0.04 }"), two("1500", "100"),
        {"R1": {"01": "120", "02": "10"}},
    ),
    "cap on attainment": Mechanic(
        MONTHLY + TARGET
        + component('{ kind = "goal", threshold = 0, accelerators = [{ over = 1, factor = 2 }] }', weight="1", cap='{ on = "attainment", times_target = 1.1 }'),
        two("1500", "1050"), {"R1": {"01": "1200", "02": "1100"}}, tables={"quotas": QUOTA},
    ),
    "cap on a component, excess lost": Mechanic(
        component(RATE, cap="{ amount = 100 }"), two("1500", "500"), {"R1": {"01": "100", "02": "50"}}
    ),
    "cap on a component, excess paid when there is room": Mechanic(
        component(RATE, cap='{ amount = 100, excess = "carried" }'), two("1500", "800"),
        {"R1": {"01": "100", "02": "100"}},
    ),
    "cap on a quarter, excess paid when there is room": Mechanic(
        # three months allow 300 a quarter: 500 earned, 200 wait for the 200 of room after 100
        component(RATE, period='"quarter"', cap='{ amount = 100, excess = "carried" }'),
        deals(("D1", "R1", "01-10", "5000"), ("D2", "R1", "04-10", "1000")),
        {"R1": {"03": "300", "06": "300"}}, through="2026-06",
    ),
    "cap where deals are to date, excess paid when there is room": Mechanic(
        component(RATE, cap='{ amount = 100, excess = "carried" }'), two("1500", "800"),
        {"R1": {"01": "100", "02": "100"}}, decisions={"grouping": '"to_date"'},
    ),
    "clawback of capped pay takes back what was paid": Mechanic(
        # 100 of 200 were paid: 75 of them for D1, which is cancelled; D2 keeps its 25
        '[clawback]\nhow = "full"\npaid_only = true\nattainment = false\n'
        + component(RATE, cap="{ amount = 100 }"),
        deals(("D1", "R1", "01-10", "1500"), ("D2", "R1", "01-11", "500")),
        {"R1": {"01": "100", "02": "-75"}}, through="2026-02",
        tables={"cancellations": pl.DataFrame({"transaction_id": ["D1"], "date": [day("02-20")]})},
    ),
    "capped pay released on collection": Mechanic(
        # nothing came in January, when a cap takes nothing; then 100 of 150, by halves
        component(RATE, cap="{ amount = 100 }", release='{ on = "collection" }'), two("1500", "0"),
        {"R1": {"02": "50", "03": "50"}}, through="2026-03",
        tables={"receipts": receipts(("D1", "02-20", 75000), ("D1", "03-02", 75000))},
    ),
    "cap on the plan": Mechanic(
        '[cap]\non = "plan"\namount = 120\n' + TEN, two("1500", "500"), {"R1": {"01": "120", "02": "50"}}
    ),
    "cap on the payment, excess carried": Mechanic(
        '[cap]\non = "payment"\namount = 120\nexcess = "carried"\n' + TEN, two("1500", "1000"),
        {"R1": {"01": "120", "02": "120"}},
    ),
    "cap in times of target pay": Mechanic(
        TARGET + '[cap]\non = "plan"\ntimes_target = 0.1\n' + TEN, two("1500", "500"), {"R1": {"01": "100", "02": "50"}}
    ),
    "cap in times of target pay, of somebody hired later": Mechanic(
        # target pay 1,000 is of reps only, of whom January has none; hired on the 17th of February: 12 of 28 days
        '[[target_pay]]\namount = 1000\nper = "month"\nrole = "rep"\n[cap]\non = "plan"\ntimes_target = 0.7\n' + TEN,
        deals(("D1", "R1", "02-20", "9000"), ("D2", "R1", "03-01", "9000")),
        {"R1": {"02": "300", "03": "700"}},
        tables={"people": pl.DataFrame({"rep_id": ["R1"], "name": ["Noa"], "role": ["rep"], "valid_from": [day("02-17")]})},
    ),
    "gate: all of": Mechanic(
        MARGIN + component(RATE, gates='[{ how = "all", of = "base", measures = { margin = 100 } }]'),
        two("1000", "1000", margin=[10000, 9999]), {"R1": {"01": "100"}},
    ),
    "gate: any of, half pay otherwise": Mechanic(
        MARGIN + UNITS
        + component(RATE, gates='[{ how = "any", of = "base", measures = { margin = 100, units = 5 }, otherwise = 0.5 }]'),
        two("1000", "1000", margin=[0, 0], units=[5, 4]), {"R1": {"01": "100", "02": "50"}},
    ),
    "gate: weighted mean attainment": Mechanic(
        # Jan 0.5 x 100 % + 0.5 x 80 % = 90 %; Feb 0.5 x 100 % + 0.5 x 79 % = 89.5 %
        MARGIN + MONTHLY
        + component(RATE, gates='[{ how = "weighted", measures = { sales = 0.5, margin = 0.5 }, at_least = 0.9 }]'),
        two("1000", "1000", margin=[8000, 7900]), {"R1": {"01": "100"}},
        tables={"quotas": pl.concat([QUOTA, quotas(("R1", "margin", "2026-01-01", "2027-01-01", "1200"))])},
    ),
    "multiplier": Mechanic(
        # 3 units: factor 0.8; 10 units: factor 1.2
        UNITS + component(RATE, multipliers='[{ measure = "units", of = "base", bands = [{ up_to = 5, rate = 0.8 }, { rate = 1.2 }] }]'),
        two("1000", "1000", units=[3, 10]), {"R1": {"01": "80", "02": "120"}},
    ),
    "components by weight": Mechanic(
        # 60 % of 1,000 at 100 % of sales, 40 % at 50 % of margin
        MARGIN + MONTHLY + TARGET
        + component('{ kind = "goal", threshold = 0 }', weight="0.6")
        + component('{ kind = "goal", threshold = 0 }', weight="0.4", id='"second"', measure='"margin"'),
        two("1000", "1000", margin=[5000, 10000]), {"R1": {"01": "800", "02": "1000"}},
        tables={"quotas": pl.concat([QUOTA, quotas(("R1", "margin", "2026-01-01", "2027-01-01", "1200"))])},
    ),
    "rate by the attainment of another measure": Mechanic(
        # units 4 of 5: 80 % -> 5 % of sales; 5 of 5 -> 10 %
        UNITS + MONTHLY
        + component('{ kind = "table", of = "attainment", how = "whole", attained_by = "units", bands = [{ up_to = 1, rate = 0.05 }, { rate = 0.10 }] }'),
        two("1000", "1000", units=[4, 5]), {"R1": {"01": "50", "02": "100"}},
        decisions={"boundary": '"lower"'},
        tables={"quotas": quotas(("R1", "units", "2026-01-01", "2027-01-01", "0.6"))},
    ),
    "objectives with a ladder of ratings": Mechanic(
        # rating 3 -> 0.8, 4 -> 1; half each: 1,000 x (0.4 + 0.5)
        TARGET
        + component('{ kind = "score", objectives = [{ id = "a", weight = 0.5, ladder = [{ score = 3, achievement = 0.8 }, { score = 4, achievement = 1 }] }, { id = "b", weight = 0.5, cap = 1 }] }', measure="", weight="1"),
        deals(), {"R1": {"01": "900"}},
        tables={"scores": scores(("01-01", "a", "3.9"), ("01-01", "b", "1.3"))}, through="2026-01",
    ),
    "SPIF per transaction in a window of days": Mechanic(
        # two deals of at least 500 in February, one in January outside the window
        component('{ kind = "bonus", amount = 70, per = "transaction", at_least = 500 }', valid_from="2026-02-01", valid_to="2026-03-01"),
        deals(("D1", "R1", "01-10", "900"), ("D2", "R1", "02-01", "500"), ("D3", "R1", "02-02", "499"), ("D4", "R1", "02-28", "501")),
        {"R1": {"02": "140"}},
    ),
    "SPIF per unit of a product, for a role": Mechanic(
        '[[measures]]\nid = "new"\nbase = "units"\nwhere = { product = "A" }\n'
        + component('{ kind = "bonus", amount = 20, per = "unit" }', measure='"new"', roles='["rep"]'),
        deals(("D1", "R1", "01-10", "1"), ("D2", "R2", "01-10", "1"), ("D3", "R1", "01-10", "1"), units=[3, 5, 9], product=["A", "A", "B"]),
        {"R1": {"01": "60"}, "R2": {}}, tables={"people": people(R1="rep", R2="manager")},
    ),
    "bonus once in a period": Mechanic(
        component('{ kind = "bonus", amount = 500, per = "period", at_least = 1000 }'), two("1000", "999"), {"R1": {"01": "500"}}
    ),
    "tiered SPIF on units, marginal": Mechanic(
        # 10 for each of the first 5 units, 30 for each further one: 8 units
        UNITS + bands("{ up_to = 5, rate = 10 }, { rate = 30 }", measure='"units"'),
        two("1", "1", units=[8, 2]), {"R1": {"01": "140", "02": "20"}},
    ),
    "draw: non-recoverable guarantee": Mechanic(
        '[[draws]]\namount = 80\nrecoverable = false\nform = "guarantee"\n' + TEN, two("500", "3000"), {"R1": {"01": "80", "02": "300"}}
    ),
    "draw: extra pay, not recoverable": Mechanic(
        '[[draws]]\namount = 80\nrecoverable = false\nform = "extra"\npays_to = 2026-02-01\n' + TEN, two("500", "3000"), {"R1": {"01": "130", "02": "300"}}
    ),
    "draw: recoverable guarantee, half recovered, later": Mechanic(
        # Jan 50 -> 80 (owes 30); Feb 130: not yet; Mar 100: half of 20 above the guarantee
        '[[draws]]\namount = 80\nrecoverable = true\nform = "guarantee"\nrecovery_share = 0.5\nrecovery_from = 2026-03-01\n' + TEN,
        deals(("D1", "R1", "01-10", "500"), ("D2", "R1", "02-10", "1300"), ("D3", "R1", "03-10", "1000")),
        {"R1": {"01": "80", "02": "130", "03": "90"}},
    ),
    "draw: recoverable guarantee, repaid at the end of the quarter": Mechanic(
        # Jan 20 -> 80 (owes 60); Feb 90: not yet, 10 above; Mar 110: 40 above in all, of its own 30
        '[[draws]]\namount = 80\nrecoverable = true\nform = "guarantee"\nrecovery_every = "quarter"\n' + TEN,
        deals(("D1", "R1", "01-10", "200"), ("D2", "R1", "02-10", "900"), ("D3", "R1", "03-10", "1100"), ("D4", "R1", "04-10", "2000")),
        {"R1": {"01": "80", "02": "90", "03": "80", "04": "200"}},
    ),
    "draw: half of what the quarter earned above repays": Mechanic(
        # Jan owes 60; Feb 20 and Mar 60 above the guarantee: half of 80 is repaid in March
        '[[draws]]\namount = 80\nrecoverable = true\nform = "guarantee"\nrecovery_every = "quarter"\nrecovery_share = 0.5\n' + TEN,
        deals(("D1", "R1", "01-10", "200"), ("D2", "R1", "02-10", "1000"), ("D3", "R1", "03-10", "1400")),
        {"R1": {"01": "80", "02": "100", "03": "100"}},
    ),
    "draw: recoverable extra pay with a maximum": Mechanic(
        # +100 in Jan; in Feb only 50 more may be owed, and 40 earned repays: 40 - 40 + 50
        '[[draws]]\namount = 100\nrecoverable = true\nform = "extra"\nmaximum = 150\n' + TEN, two("0", "400"), {"R1": {"01": "100", "02": "50"}}
    ),
    "draws: a second one, while the first is repaid": Mechanic(
        # Jan owes 80 of the first; Feb earns 50: repays it, and the second guarantees 80 again
        '[[draws]]\namount = 80\nrecoverable = true\nform = "guarantee"\npays_to = 2026-02-01\n'
        '[[draws]]\namount = 80\nrecoverable = true\nform = "guarantee"\npays_from = 2026-02-01\n' + TEN,
        two("0", "500"), {"R1": {"01": "80", "02": "80"}},
    ),
    "draws: two guarantees are not added up": Mechanic(
        '[[draws]]\namount = 80\nrecoverable = false\nform = "guarantee"\n'
        '[[draws]]\namount = 100\nrecoverable = false\nform = "guarantee"\nreps = ["R1"]\n' + TEN,
        deals(("D1", "R1", "01-10", "500"), ("D2", "R2", "01-10", "500")),
        {"R1": {"01": "100"}, "R2": {"01": "80"}}, tables={"people": people("R1", "R2")},
    ),
    "split credit": Mechanic(
        TEN, deals(("D1", "", "01-10", "1000")), {"R1": {"01": "70"}, "R2": {"01": "30"}}, credits=SPLITS,
        tables={"people": people("R1", "R2"), "splits": shared(("D1", "R1", "0.7"), ("D1", "R2", "0.3"))},
    ),
    "quota credit other than pay credit": Mechanic(
        # 600 counts for attainment (60 % of 1,000), all of 1,000 is paid on
        MONTHLY + component('{ kind = "table", of = "attainment", how = "whole", attained_by = "sales", bands = [{ up_to = 0.7, rate = 0.05 }, { rate = 0.10 }] }'),
        two("1000", "2000"), {"R1": {"01": "50", "02": "200"}},
        credits='[[credits]]\nid = "less"\nto = "owner"\nquota_share = 0.6\n', tables={"quotas": QUOTA},
    ),
    "overlay": Mechanic(
        # the expert gets half of product A on top; the owner loses nothing
        TEN, two("1000", "1000", product=["A", "B"]), {"R1": {"01": "100", "02": "100"}, "X": {"01": "50"}},
        credits=OVERLAY, tables={"people": people("R1", "X")},
    ),
    "manager's override": Mechanic(
        # R1 and R2 share one deal: the manager has it once. 2 % of 1,000 + 500
        OF_TEAM + component('{ kind = "rate", rate = 0.02 }', measure='"team"', roles='["manager"]'),
        deals(("D1", "", "01-10", "1000"), ("D2", "R2", "01-10", "500")), {"M": {"01": "30"}, "R1": {}},
        credits=SPLITS + ROLLUP,
        tables={"people": people(R1="rep", R2="rep", M="manager"), "hierarchy": TEAM, "splits": shared(("D1", "R1", "0.5"), ("D1", "R2", "0.5"))},
    ),
    "house account": Mechanic(
        TEN, two("1000", "500", channel=["field", "web"]), {"R1": {"01": "100"}}, credits=HOUSE
    ),
    "hand-over: the opener's part": Mechanic(
        TEN, two("1000", "500", opener=["R2", "R2"]), {"R1": {"01": "100", "02": "50"}, "R2": {"01": "20", "02": "10"}},
        credits=HANDOVER, tables={"people": people("R1", "R2")},
    ),
    "effective dates: the deal's day chooses the version": Mechanic(
        # 10 % until 15 January, 20 % from then on
        component(RATE, valid_to="2026-01-15") + component('{ kind = "rate", rate = 0.20 }', valid_from="2026-01-15"),
        deals(("D1", "R1", "01-14", "1000"), ("D2", "R1", "01-15", "1000")), {"R1": {"01": "300"}},
    ),
    "quota proration: hired in mid-year": Mechanic(
        # the year's 12,000 by months: from March on a month is 1,000; at 1,000 attainment is 1
        MONTHLY + TARGET + component('{ kind = "goal", threshold = 0 }', weight="1"),
        deals(("D1", "R1", "03-20", "1000")), {"R1": {"03": "1000"}},
        tables={"quotas": QUOTA, "people": pl.DataFrame({"rep_id": ["R1"], "name": ["Noa"], "valid_from": [day("03-01")]})},
    ),
    "quota ramp": Mechanic(
        # half the quota in the first month, 80 % in the second
        '[quotas]\nproration = "months"\nramp = [0.5, 0.8]\n' + TARGET + component('{ kind = "goal", threshold = 0 }', weight="1"),
        two("500", "400"), {"R1": {"01": "1000", "02": "500"}},
        tables={"quotas": QUOTA, "people": pl.DataFrame({"rep_id": ["R1"], "name": ["Noa"], "hired_on": [day("01-01")]})},
    ),
    "quota relief": Mechanic(
        # leave in February: 1,000 - 500
        MONTHLY + TARGET + component('{ kind = "goal", threshold = 0 }', weight="1"),
        two("1000", "500"), {"R1": {"01": "1000", "02": "1000"}},
        tables={"quotas": pl.concat([QUOTA.with_columns(kind=pl.lit("quota")), quotas(("R1", "sales", "02-01", "03-01", "-500")).with_columns(kind=pl.lit("relief"))])},
    ),
    "clawback: reversal linked to the deal": Mechanic(
        '[clawback]\nhow = "full"\npaid_only = true\nattainment = false\n' + TEN, two("1000", "500"),
        {"R1": {"01": "100", "02": "-50"}},
        tables={"cancellations": pl.DataFrame({"transaction_id": ["D1"], "date": [day("02-20")]})},
    ),
    "clawback of all that was earned, instalments go on": Mechanic(
        # 50 in January and 50 in February, when all 100 are taken back
        '[clawback]\nhow = "full"\npaid_only = false\nattainment = false\n'
        + component(RATE, release='{ on = "booking", parts = [0.5, 0.5], every = "month" }'),
        deals(("D1", "R1", "01-10", "1000")), {"R1": {"01": "50", "02": "-50"}}, through="2026-03",
        tables={"cancellations": pl.DataFrame({"transaction_id": ["D1"], "date": [day("02-20")]})},
    ),
    "clawback that reduces attainment too": Mechanic(
        # Feb: 1,500 sold, 1,000 given back in attainment: 50 %
        MONTHLY + TARGET + '[clawback]\nhow = "full"\npaid_only = true\nattainment = true\ncomponents = ["second"]\n'
        + component('{ kind = "goal", threshold = 0 }', weight="1") + component(RATE, id='"second"'),
        two("1000", "1500"), {"R1": {"01": "1100", "02": "550"}},
        tables={"quotas": QUOTA, "cancellations": pl.DataFrame({"transaction_id": ["D1"], "date": [day("02-20")]})},
    ),
    "holdback: 70 % now, the rest after the window": Mechanic(
        component(RATE, release='{ on = "booking", holdback = 0.3, holdback_days = 30 }'), two("1000", "0"),
        {"R1": {"01": "70", "02": "30"}},
    ),
    "release on invoice": Mechanic(
        component(RATE, release='{ on = "invoice", column = "invoiced_on" }'),
        two("1000", "500", invoiced_on=[day("02-01"), None]), {"R1": {"02": "100"}},
    ),
    "release on collection, with safety days": Mechanic(
        # 400 of 1,000 came in January, 600 on 25 February: safe in March
        component(RATE, release='{ on = "collection", safety_days = 5 }'), two("1000", "0"),
        {"R1": {"01": "40", "03": "60"}}, through="2026-03",
        tables={"receipts": receipts(("D1", "01-20", 40000), ("D1", "02-25", 60000))},
    ),
    "release on collection of what was booked, invoiced in part": Mechanic(
        # 400 of the 1,000 booked came in, which is all that was invoiced so far
        '[[measures]]\nid = "booked"\nbase = "amount"\nevent = "booked"\n'
        + component(RATE, measure='"booked"', release='{ on = "collection" }'),
        deals(("D1", "R1", "01-10", "1000"), ("D1", "R1", "02-10", "400"), event=["booked", "invoiced"]),
        {"R1": {"02": "40"}}, tables={"receipts": receipts(("D1", "02-20", 40000))},
    ),
    "release in instalments": Mechanic(
        component(RATE, release='{ on = "booking", parts = [0.5, 0.25, 0.25], every = "month" }'), two("1000", "0"),
        {"R1": {"01": "50", "02": "25", "03": "25"}}, through="2026-04",
    ),
    "currency by booking date": Mechanic(
        # $100 at 3.50 and at 4.00
        '[currency]\nrate = "booking"\n' + TEN, two("100", "100", currency=["USD", "USD"]), {"R1": {"01": "35", "02": "40"}},
        tables={"rates": decimals([("USD", day("01-01"), "3.5"), ("USD", day("02-05"), "4")], ["currency", "date", "rate"])},
    ),
    "currency by period average": Mechanic(
        '[currency]\nrate = "period_average"\n' + TEN, two("100", "100", currency=["USD", "ILS"]), {"R1": {"01": "36", "02": "10"}},
        tables={"rates": decimals([("USD", day("01-01"), "3.5"), ("USD", day("01-31"), "3.7")], ["currency", "date", "rate"])},
    ),
    "currency at a fixed plan rate": Mechanic(
        '[currency]\nrate = "fixed"\nfixed = { USD = 3.6, JPY = 0.025 }\n' + TEN,
        # ¥1,000 are 1,000 minor units: 25 shekels
        deals(("D1", "R1", "01-10", "100"), ("D2", "R1", "02-10", "10"), currency=["USD", "JPY"]), {"R1": {"01": "36", "02": "2.5"}},
    ),
    "currency by the end of the period": Mechanic(
        '[currency]\nrate = "pay_date"\n' + TEN, two("100", "0", currency=["USD", "ILS"]), {"R1": {"01": "37"}},
        tables={"rates": decimals([("USD", day("01-01"), "3.5"), ("USD", day("01-31"), "3.7")], ["currency", "date", "rate"])},
    ),
    "true-up to date": Mechanic(
        # Jan 800 at 5 %; Feb 700 more: 1,500 at 10 % less 40
        bands(STEP, grouping='"to_date"', true_up='"deduct"'), two("800", "700"), {"R1": {"01": "40", "02": "110"}},
        decisions={"table": '"whole"'},
    ),
    "period only, without deduction": Mechanic(
        bands(STEP, grouping='"to_date"', true_up='"own"'), two("800", "700"), {"R1": {"01": "40", "02": "70"}},
        decisions={"table": '"whole"'},
    ),
    "negative period carried forward": Mechanic(
        TEN, deals(("D1", "R1", "01-10", "-500"), ("D2", "R1", "02-10", "300"), ("D3", "R1", "03-10", "400")), {"R1": {"03": "20"}},
        decisions={"negative": '"carried"'},
    ),
    "negative period floored": Mechanic(
        TEN, two("-500", "300"), {"R1": {"02": "30"}}, decisions={"negative": '"floored"'}
    ),
    "manual adjustment": Mechanic(
        TEN, two("1000", "500"), {"R1": {"01": "107", "02": "50"}},
        tables={"adjustments": pl.DataFrame({"adjustment_id": ["A1"], "rep_id": ["R1"], "date": [day("01-31")], "amount": [700], "kind": ["dispute"], "reason": ["late order"], "approver": ["Dana"]})},
    ),
    "team pool, shared equally, by attainment": Mechanic(
        # team sold 1,500 of 2,000: 75 % of 1,000, half each
        MONTHLY + component('{ kind = "pool", pool = 1000, share = "equal", scaled = "attainment", at_most = 1 }', tag='"team_bonus"'),
        deals(("D1", "R1", "01-10", "1500"), ("D2", "R2", "01-10", "0")), {"R1": {"01": "375"}, "R2": {"01": "375"}},
        tables={"people": people("R1", "R2"), "quotas": pl.concat([QUOTA, QUOTA.with_columns(rep_id=pl.lit("R2"))])},
    ),
    "team pool, shared by sales": Mechanic(
        component('{ kind = "pool", pool = 1000, share = "base", scaled = "fixed" }'),
        deals(("D1", "R1", "01-10", "300"), ("D2", "R2", "01-10", "700")), {"R1": {"01": "300"}, "R2": {"01": "700"}},
        tables={"people": people("R1", "R2")},
    ),
    "contest by rank, ties shared": Mechanic(
        # R1 and R2 tie for the first two places: (500 + 300) / 2; R3 is third
        component('{ kind = "contest", prizes = [500, 300, 100], ties = "shared" }'),
        deals(("D1", "R1", "01-10", "900"), ("D2", "R2", "01-10", "900"), ("D3", "R3", "01-11", "50")),
        {"R1": {"01": "400"}, "R2": {"01": "400"}, "R3": {"01": "100"}}, tables={"people": people("R1", "R2", "R3")},
    ),
    "contest by rank, the tied get the better prize each": Mechanic(
        component('{ kind = "contest", prizes = [500, 300], ties = "each", at_least = 100 }'),
        deals(("D1", "R1", "01-10", "900"), ("D2", "R2", "01-10", "900"), ("D3", "R3", "01-11", "50")),
        {"R1": {"01": "500"}, "R2": {"01": "500"}, "R3": {}}, tables={"people": people("R1", "R2", "R3")},
    ),
    "team pool shared by sales, of which one sold less than nothing": Mechanic(
        component('{ kind = "pool", pool = 100, share = "base", scaled = "fixed" }'),
        deals(("D1", "R1", "01-10", "-500"), ("D2", "R2", "01-10", "400")),
        {"R1": {}, "R2": {"01": "100"}}, tables={"people": people("R1", "R2")},
    ),
    "team pool that does not divide evenly": Mechanic(
        # 100.00 in three parts to the cent; the spare cent goes to the first
        component('{ kind = "pool", pool = 100, share = "equal", scaled = "fixed" }'), deals(("D1", "R1", "01-10", "1")),
        {"R1": {"01": "33.34"}, "R2": {"01": "33.33"}, "R3": {"01": "33.33"}}, tables={"people": people("R1", "R2", "R3")},
    ),
    "contest with a tie that does not divide evenly": Mechanic(
        # two share 0.01: one has it, not each
        component('{ kind = "contest", prizes = [0.01], ties = "shared" }'),
        deals(("D1", "R1", "01-10", "9"), ("D2", "R2", "01-10", "9")),
        {"R1": {"01": "0.01"}, "R2": {}}, tables={"people": people("R1", "R2")},
    ),
    "rounded once, at the payment": Mechanic(
        # 0.125 + 0.125 + 0.125 = 0.375 -> 0.38, not 3 x 0.13
        component('{ kind = "rate", rate = 0.125 }') + component('{ kind = "rate", rate = 0.125 }', id='"b"') + component('{ kind = "rate", rate = 0.125 }', id='"c"'),
        two("1", "0"), {"R1": {"01": "0.38"}}, decisions={"rounding": '{ at = "payment", mode = "half_up" }'},
    ),
    "paid each quarter": Mechanic(
        TARGET + component('{ kind = "goal", threshold = 0 }', weight="1"), two("1500", "1500"), {"R1": {"Q1": "3000"}},
        tables={"quotas": quotas(("R1", "sales", "01-01", "04-01", "3000"))},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MECHANICS)
def test_a_mechanic_pays_what_is_worked_out_by_hand(name: str) -> None:
    mechanic = MECHANICS[name]
    period = "quarter" if name == "paid each quarter" else "month"
    text = plan_text(mechanic.plan, period=period, **mechanic.decisions)
    text = text.replace("[[credits]]", mechanic.credits + "[[credits]]", 1)
    tables = {"people": ONE, **mechanic.tables, "transactions": mechanic.deals}
    run = calculate(plan_from_text(text), pay_data(**tables), through=mechanic.through)
    assert {rep: paid(run, rep) for rep in mechanic.pay} == mechanic.pay
    for rep, label, _, amount in run.totals.iter_rows():
        assert_it_opens(run, rep, label, amount)


def assert_it_opens(run: PayRun, rep: str, period: str, amount: int) -> None:
    """Lines add up to the payment, and deals to their line."""
    levels = explain(run, rep, period).table.group_by("level", "line").agg(pl.col("amount").sum())
    lines = levels.filter(pl.col("level") == "line")
    assert lines["amount"].sum() == amount
    both = levels.filter(pl.col("level") == "deal").join(lines, on="line")
    assert both["amount"].to_list() == both["amount_right"].to_list()
