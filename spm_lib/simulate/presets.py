"""What companies can be made: each preset is data, and says what it differs in."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date

from spm_lib.core.errors import ParameterError


@dataclass(frozen=True)
class Dirt:
    """How many rows of each fault are planted into the raw files of an export."""

    exact_duplicates: int = 25
    conflicting_ids: int = 8
    unreadable_dates: int = 10
    unreadable_amounts: int = 4
    bracketed_amounts: int = 3
    shekel_amounts: int = 180
    unknown_owners: int = 6
    undated: int = 12
    product_variant: int = 70
    plan_as_close_date: int = 40
    close_before_created: int = 3
    future_rows: int = 0  # none in the sample: one would move the day of the whole export
    orphan_history: int = 5
    repeated_history: int = 15
    orphan_activities: int = 20
    missing_amounts: float = 0.03


NO_DIRT = Dirt(*(0 for _ in fields(Dirt)))


@dataclass(frozen=True)
class Campaign:
    """A campaign: more deals are created while it runs, of another quality."""

    name: str
    start: date
    end: date
    lift: float
    quality: float


@dataclass(frozen=True)
class Break:
    """A change of regime: from a day on, deals close at another speed."""

    day: date
    win_factor: float


@dataclass(frozen=True)
class LeadOdds:
    """How leads become deals: log odds, a sum of effects, some of them zero.

    Attributes
    ----------
    base
        Log odds of a lead without any effect.
    sources
        Name and effect; their shares come from the deals.
    sizes, forms
        Name, share of the leads of a source, effect: what is known of a lead when it comes in.
    answers
        The same by how soon a lead is answered: soon (by the next day), later, never.
    lost_between
        Share of the leads which became deals whose deal was lost at the hand-over.
    """

    base: float = -1.0
    sources: tuple[tuple[str, float], ...] = (
        ("Website", 0.0),
        ("Referral", 0.8),
        ("Event", 0.0),
        ("Partner", -0.7),
    )
    sizes: tuple[tuple[str, float, float], ...] = (
        ("1-10", 0.40, -0.9),
        ("11-50", 0.35, 0.0),
        ("51+", 0.25, 0.9),
    )
    forms: tuple[tuple[str, float, float], ...] = (("Short", 0.6, 0.0), ("Long", 0.4, 0.0))
    answers: tuple[tuple[str, float, float], ...] = (
        ("soon", 0.50, 0.9),
        ("later", 0.35, 0.0),
        ("never", 0.15, -0.6),
    )
    lost_between: float = 0.12


@dataclass(frozen=True)
class Preset:
    """A company to be made. Effects are on the log hazard, shares between 0 and 1."""

    name: str
    claim: str
    opportunities: int = 6500
    seats: int = 21
    teams: int = 4
    accounts: int = 900
    start: date = date(2023, 7, 1)
    as_of: date = date(2026, 9, 30)
    growth: float = 0.08
    churn: float = 0.08
    movers: int = 3
    rep_effect_sd: float = 0.25
    loss_effect_sd: float = 0.10
    size_effect_sd: float = 0.10
    volume_effect_sd: float = 0.25
    diligence_sd: float = 0.6
    ramp_effect: float = -0.30
    call_bias: float = 0.0
    call_bias_sd: float = 0.25
    account_effect_sd: float = 0.15
    shock_sd: float = 0.08
    team_mix: bool = True
    zombies: float = 0.0
    retro_edited: bool = False
    zero_amount_lost: float = 0.0
    snapshot_only: bool = False
    left_truncation: date | None = None
    duplicates: float = 0.0
    late_entry: float = 0.0
    case_mix: float = 0.0
    rep_is_region: bool = False
    regime_break: Break | None = None
    campaign: Campaign | None = None
    dirt: Dirt = NO_DIRT
    leads: LeadOdds | None = None  # None: leads follow the deals, without odds of their own


CLEAN = Preset("clean", "A company without any mess, and real differences between reps.")

_MESSES = (
    replace(CLEAN, name="zombies", claim="A quarter of the deals fall asleep.", zombies=0.25),
    replace(
        CLEAN,
        name="retro_edited",
        claim="The account is filled in at the close.",
        retro_edited=True,
    ),
    replace(
        CLEAN, name="zero_amount_lost", claim="Lost deals end with amount 0.", zero_amount_lost=1.0
    ),
    replace(
        CLEAN, name="snapshot_only", claim="Today's state only, no history.", snapshot_only=True
    ),
    replace(
        CLEAN,
        name="left_truncation",
        claim="Deals closed before a day were never recorded.",
        left_truncation=date(2024, 7, 1),
    ),
    replace(CLEAN, name="duplicates", claim="One row in twenty appears twice.", duplicates=0.05),
    replace(
        CLEAN,
        name="late_entry",
        claim="A third of the won deals are logged as won.",
        late_entry=0.35,
    ),
    replace(
        CLEAN,
        name="case_mix_confounded",
        claim="The better the rep, the harder his deals.",
        case_mix=2.0,
    ),
    replace(CLEAN, name="rep_is_region", claim="Each rep owns one region.", rep_is_region=True),
    replace(
        CLEAN,
        name="regime_break",
        claim="From a day on, deals are won more slowly.",
        regime_break=Break(date(2025, 10, 1), 0.6),
    ),
    replace(
        CLEAN,
        name="campaign",
        claim="Three months of more and weaker deals.",
        campaign=Campaign("Autumn 2025", date(2025, 9, 1), date(2025, 12, 1), 0.5, -0.35),
    ),
    replace(CLEAN, name="rep_churn", claim="Half of the reps leave each year.", churn=0.5),
    replace(
        CLEAN,
        name="leads",
        claim="Leads become deals by known odds: source, size and a soon answer count.",
        leads=LeadOdds(),
    ),
)

SAMPLE = replace(
    CLEAN,
    name="sample",
    claim="The sample company: a bit of every mess, as exported by a CRM.",
    zombies=0.04,
    zero_amount_lost=0.10,
    campaign=Campaign("Galil 2025", date(2025, 2, 2), date(2025, 4, 1), 0.35, -0.20),
    dirt=Dirt(),
)

NULL_REPS = replace(
    CLEAN,
    name="null_reps",
    claim="Nobody differs: same skill, size, diligence and mix, nobody joins or leaves.",
    rep_effect_sd=0.0,
    loss_effect_sd=0.0,
    size_effect_sd=0.0,
    diligence_sd=0.0,
    call_bias_sd=0.0,
    ramp_effect=0.0,
    team_mix=False,
    churn=0.0,
    movers=0,
)

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        SAMPLE,
        CLEAN,
        NULL_REPS,
        replace(
            CLEAN,
            name="tiny",
            claim="The clean company, small.",
            opportunities=400,
            seats=6,
            teams=2,
            accounts=60,
            movers=1,
        ),
        replace(
            CLEAN,
            name="large",
            claim="The clean company, large.",
            opportunities=10_000_000,
            seats=2000,
            teams=200,
            accounts=1_000_000,
            movers=100,
        ),
        *_MESSES,
    )
}


IN_MEMORY = 1_000_000  # opportunities up to which a company is made in one piece


def in_memory(name: str | Preset) -> Preset:
    """Return the preset of that name if it can be made in one piece.

    Raises
    ------
    ParameterError
        If it is too big, or there is no such preset.
    """
    preset = preset_of(name)
    if preset.opportunities > IN_MEMORY:
        raise ParameterError(
            "The company is too big to be made in memory.",
            found=f"{preset.opportunities:,} opportunities",
            do="Use stream(), which writes it in parts",
        )
    return preset


def preset_of(name: str | Preset) -> Preset:
    """Return the preset of that name (a preset is returned as it is).

    Raises
    ------
    ParameterError
        If there is no such preset; the message lists those there are.

    Examples
    --------
    >>> preset_of("null_reps").rep_effect_sd
    0.0
    """
    if isinstance(name, Preset):
        return name
    if name not in PRESETS:
        raise ParameterError(
            "There is no such preset.", found=repr(name), do=f"Use one of {', '.join(PRESETS)}."
        )
    return PRESETS[name]
