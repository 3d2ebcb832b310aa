"""What a delivery would do: who gets which files, who is held back and why, and what is odd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spm_lib.core.errors import DeliveryError
from spm_lib.delivery.addresses import same_address
from spm_lib.delivery.bundle import Bundle, bundle_for
from spm_lib.delivery.mistaken_rows import sees_too_much, warnings_of
from spm_lib.delivery.pack_file import DeliveryPack
from spm_lib.delivery.recipients import Recipient
from spm_lib.delivery.run_items import Run

_BASE64, _LETTER = 1.37, 20_000  # what a letter needs beyond the bytes of its files


@dataclass(frozen=True)
class DeliveryPlan:
    """The bundles of a run; ``held`` are recipients that get nothing, with the reason."""

    run: Run
    pack: DeliveryPack
    bundles: tuple[Bundle, ...]
    held: Mapping[Recipient, str]
    warnings: tuple[str, ...]


def plan_delivery(run: Run, pack: DeliveryPack, *, by_mail: bool) -> DeliveryPlan:
    """Return what a delivery of a run would do; nothing is written or sent.

    A recipient for whom something is wrong is held back whole: no half of its reports is sent.
    ``by_mail`` also holds those back whose files are too large for a letter.
    """
    bundles: list[Bundle] = []
    held: dict[Recipient, str] = {}
    doubtful = sees_too_much(pack.recipients, allowed=pack.deliver.see_all)
    for recipient in pack.recipients:
        doubt = doubtful.get(same_address(recipient.address))
        if doubt:
            held[recipient] = f"{recipient}: {doubt}."
            continue
        try:
            bundle = bundle_for(recipient, run.items, as_of=run.as_of, kinds=pack.deliver.files)
            if by_mail:
                check_size(bundle, largest=pack.mail.largest if pack.mail else None)
        except DeliveryError as error:
            held[recipient] = str(error)
        else:
            bundles.append(bundle)
    warnings = tuple(warnings_of(pack.recipients, run.items))
    return DeliveryPlan(run, pack, tuple(bundles), held, warnings)


def check_size(bundle: Bundle, *, largest: int | None) -> None:
    """Refuse a bundle that would not fit into a letter.

    Raises
    ------
    DeliveryError
        If its files, as a letter carries them, have more bytes than ``largest``.
    """
    needed = int(bundle.size * _BASE64) + _LETTER
    if largest is not None and needed > largest:
        raise DeliveryError(
            f"The letter to {bundle.recipient} would be too large.",
            found=f"about {needed / 1e6:.1f} MB, more than {largest / 1e6:.0f} MB",
            do="Choose fewer kinds of files under [deliver], or raise max_mb under [mail] if the "
            "server takes more",
        )
