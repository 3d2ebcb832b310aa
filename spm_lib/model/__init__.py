"""Raw frames and settings come in; a ``Company`` goes out.

A company holds checked canonical tables, already scoped, as known at one day, with stints (stage
visits), receipts and notices. Column names, grain and keys are defined here only; nothing
downstream takes an unscoped company. May import core, stats, store, workspace and sources.
"""

from spm_lib.model.changes import DealChanges
from spm_lib.model.checking import CheckReport, check_workspace, snapshot_company
from spm_lib.model.columns import TABLES, Column, Table, canonical_table, day_column, on_column
from spm_lib.model.company import Company
from spm_lib.model.export_day import STALE, is_stale
from spm_lib.model.figures import Figure
from spm_lib.model.members import members_on, places_on
from spm_lib.model.notices import Notice
from spm_lib.model.opening import company_from_frames, open_company
from spm_lib.model.parts import part_values
from spm_lib.model.receipts import Receipt, SetAside, minor_text
from spm_lib.model.registry import MetricId, declaring, metric_id, metric_ids, of_all, register
from spm_lib.model.sealed import on_its_own
from spm_lib.model.stored.building import build_store, extend_store
from spm_lib.model.stored.of_workspace import build_store_of, extend_store_of
from spm_lib.model.stored.opening import StoreSummary, store_summary
from spm_lib.model.view_files import write_view
from spm_lib.model.visibility import scope_named

__all__ = [
    "STALE",
    "TABLES",
    "CheckReport",
    "Column",
    "Company",
    "DealChanges",
    "Figure",
    "MetricId",
    "Notice",
    "Receipt",
    "SetAside",
    "StoreSummary",
    "Table",
    "build_store",
    "build_store_of",
    "canonical_table",
    "check_workspace",
    "company_from_frames",
    "day_column",
    "declaring",
    "extend_store",
    "extend_store_of",
    "is_stale",
    "members_on",
    "metric_id",
    "metric_ids",
    "minor_text",
    "of_all",
    "on_column",
    "on_its_own",
    "open_company",
    "part_values",
    "places_on",
    "register",
    "scope_named",
    "snapshot_company",
    "store_summary",
    "write_view",
]
