"""Commission by contract, out of a run of pay: what each deal brought, to the minor unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.chain.parts import paid_parts

COST_COLUMNS: dict[str, Any] = {
    "contract_id": pl.String(),
    "start": pl.Date(),
    "amount": pl.Int64(),
}


def contract_costs(run: PayRun, components: Collection[str]) -> pl.DataFrame:
    """Return what chosen components earned by each deal, with the day of its first credit.

    Columns out: contract_id (the transaction), start (Date), amount (Int64 minor units). Each
    deal bears its part of a cap. What a true-up or a score brings is of no single deal and not in
    it: it is no incremental cost of a contract. Contracts that brought nothing are left out.

    Parameters
    ----------
    run
        A run of pay.
    components
        Ids of the rules whose pay would not exist without the contract; roll-ups of managers and
        MBOs need judgement, which is why they are named and not guessed.

    Raises
    ------
    PayError
        If the plan has no such component.
    """
    known = {component.id for component in run.plan.components}
    if unknown := sorted(set(components) - known):
        do = f"One of: {', '.join(sorted(known))}"
        raise PayError("The plan has no such component.", found=", ".join(unknown), do=do)
    amounts: dict[str, int] = defaultdict(int)
    starts: dict[str, date] = {}
    for line in run.lines:
        if line.component.id not in components:
            continue
        for part in paid_parts(line):
            if part.deal is not None:
                deal = part.deal.transaction_id
                amounts[deal] += part.amount
                starts[deal] = min(part.deal.day, starts.get(deal, part.deal.day))
    rows = [(deal, starts[deal], amount) for deal, amount in sorted(amounts.items()) if amount]
    return pl.DataFrame(rows, schema=COST_COLUMNS, orient="row")
