"""Delivery: a run of reports and a pack file come in; a folder, zip or letter per person goes out.

Who gets what is decided by scope, row by row, and told before anything is sent. It reads the run
as it lies on disk, and makes no report. The only room that speaks to a mail server. Imports
``core``, ``store`` and ``workspace``.
"""

from spm_lib.delivery.bundle import Bundle, bundle_for
from spm_lib.delivery.delivery_record import DeliveryRecord
from spm_lib.delivery.pack_file import DELIVERY_KEYS, DeliveryPack, load_delivery_pack
from spm_lib.delivery.packing import write_bundles, zip_bytes
from spm_lib.delivery.plan import DeliveryPlan, plan_delivery
from spm_lib.delivery.protected_pdf import protect_pdf
from spm_lib.delivery.recipients import Grant, Recipient
from spm_lib.delivery.run_items import Run, RunItem, newest_run, read_run
from spm_lib.delivery.sending import Outcome, outlook, send_bundles

__all__ = [
    "DELIVERY_KEYS",
    "Bundle",
    "DeliveryPack",
    "DeliveryPlan",
    "DeliveryRecord",
    "Grant",
    "Outcome",
    "Recipient",
    "Run",
    "RunItem",
    "bundle_for",
    "load_delivery_pack",
    "newest_run",
    "outlook",
    "plan_delivery",
    "protect_pdf",
    "read_run",
    "send_bundles",
    "write_bundles",
    "zip_bytes",
]
