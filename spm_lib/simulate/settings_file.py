"""The workspace file that reads the export: what a consultant would write for this client."""

from __future__ import annotations

from spm_lib.simulate.presets import Preset

_HEAD = """# The workspace of a simulated company (spm simulate). See README.md beside it.
version = 1

[workspace]
id = "{id}"
name = "{name}"
currency = "ILS"
timezone = "Asia/Jerusalem"
language = "en"
fiscal_year_start = 1
calendar = {{ country = "IL", week = "sun-thu" }}
as_of = "{as_of}"

[stages]
open = ["Lead", "Qualified", "Proposal", "Negotiation"]
won = ["Closed Won"]
lost = ["Closed Lost"]

[raw.opps]
path = "opportunities.csv"
dates = "day-first"
thousands = ","
missing = ["-"]
"""
_HISTORY = """
[raw.history]
path = "history.csv"

[tables.stage_events]
from = "history"
columns = { opportunity_id = "Opp ID", entered_at = "Edit Date", seq = "Rev", stage = "Stage", rep_id = "Owner", amount = "Amount", expected_close = "Expected Close" }
"""
_TABLES = """
[raw.accounts]
path = "accounts.csv"
encoding = "windows-1255"
delimiter = ";"

[tables.opportunities]
from = "opps"
columns = { opportunity_id = "Opp ID", rep_id = "Owner", account_id = "Account", amount = "Amount", stage = "Stage", created_at = "Created", closed_at = "Close Date", expected_close = "Expected Close", source = "Source", campaign = "Campaign", product_id = "Product", discount = "Discount", type = "Type", forecast_category = "Forecast", next_step = "Next Step", lost_reason = "Lost Reason" }
keep = ["Segment", "Region"]
zero_is_missing = ["amount"]

[tables.activities]
path = "activities.parquet"
columns = { activity_id = "Activity ID", rep_id = "Owner", opportunity_id = "Opp ID", kind = "Type", happened_at = "When" }
values.kind = { Call = "call", "E-mail" = "email", Meeting = "meeting", Demo = "demo", Proposal = "proposal" }

[tables.reps]
path = "reps.csv"
dates = "day-first"
columns = { rep_id = "Employee", name = "Name", role = "Role", hired_on = "Start", left_on = "End" }

[tables.memberships]
path = "teams.csv"
dates = "day-first"
columns = { rep_id = "Employee", team = "Team", manager_id = "Manager", valid_from = "From", valid_to = "To" }

[tables.accounts]
from = "accounts"
columns = { account_id = "מספר לקוח", name = "שם לקוח" }
keep = ["מגזר"]

[tables.products]
path = "products.csv"
columns = { product_id = "Product", name = "Name" }

[tables.leads]
path = "leads.csv"
columns = { lead_id = "Lead ID", created_at = "Created", source = "Source", rep_id = "Owner", first_response_at = "First Response", converted_at = "Converted", opportunity_id = "Opp ID" }

[tables.targets]
path = "targets.csv"
columns = { rep_id = "Employee", team = "Team", period_start = "From", period_end = "To", metric = "Metric", value = "Target" }

[tables.costs]
path = "costs.csv"
columns = { period_start = "Month", kind = "Kind", team = "Team", amount = "Amount" }
"""


def workspace_text(preset: Preset) -> str:
    """Return the text of spm.toml for the export of a preset."""
    name = (
        "גליל מערכות · Galil Systems"
        if preset.name == "sample"
        else f"Galil Systems ({preset.name})"
    )
    head = _HEAD.format(id=preset.name.replace("_", "-"), name=name, as_of=preset.as_of.isoformat())
    return head + ("" if preset.snapshot_only else _HISTORY) + _TABLES


_README = """# {title}

An invented company. Nothing here is about real people or firms.
{claim}

Made by:
```
spm simulate {preset} --seed {seed} --folder {folder}
```
The same preset and seed give the same bytes. What is here:

| file | what it is |
|---|---|
| `spm.toml` | the workspace file that reads the others |
| `opportunities.csv` | the deals as the CRM shows them today; UTF-8 with BOM, day-first dates, with dirt |
| `history.csv` | every edit of a deal: stage, owner, amount, expected close, as they were after it |
| `activities.parquet` | calls, e-mails, meetings, demos, proposals; calls without a deal are prospecting |
| `reps.csv`, `teams.csv` | people, and who was in which team under whom, dated `[From, To)` |
| `accounts.csv` | customers; windows-1255, semicolons, Hebrew headings |
| `products.csv`, `leads.csv` | price list; leads with first response and conversion |
| `targets.csv`, `costs.csv` | monthly targets per rep and per team; monthly costs per team |
| `truth/` | what only the simulator knows; for tests and validation, never read by reports |

The truth: `parameters.json` (rates by stage, cause and time in stage, effects of segments, sources and
behaviours, some of them zero), `clocks.csv` (the pace of work and of closing per day, shocks included),
`reps.csv` (true effects), `deals.parquet` (every deal as it was), `p_win.csv` (true odds of the deals
open at the end), `expected_bookings.csv` (per rep and month, given the deals created; minor units),
`oracle_next_quarter.csv` (expected bookings per rep and month after the end; minor units),
`planted.csv` (every fault planted into the files, with its line; the header is line 1).
"""


def readme_text(preset: Preset, seed: int) -> str:
    """Return the text of the README beside the export."""
    sample = preset.name == "sample"
    return _README.format(
        title="The sample company: Galil Systems"
        if sample
        else f"Simulated company: {preset.name}",
        claim=preset.claim,
        preset=preset.name,
        seed=seed,
        folder="data/sample" if sample else f"data/{preset.name}",
    )
