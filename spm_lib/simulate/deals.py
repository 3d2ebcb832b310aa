"""What a deal is before it moves: owner, segment, product, source, size, behaviour, effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.simulate import hazards as h
from spm_lib.simulate.chance import Floats, Ints
from spm_lib.simulate.clocks import day_number
from spm_lib.simulate.journeys import Deals
from spm_lib.simulate.world import World

TYPES = ("new", "expansion", "renewal")
TYPE_SHARES = np.array([0.70, 0.22, 0.08])


@dataclass(frozen=True, eq=False)
class Origins:
    """Attributes of deals at their creation; `amount` and `revision` in minor units and ratio."""

    deals: Deals
    segment: Ints
    region: Ints
    product: Ints
    source: Ints
    kind: Ints
    account: Ints
    amount: Ints
    revision: Floats
    discount: Floats
    behaviours: dict[str, Ints]

    @property
    def number(self) -> Ints:
        """The deals' numbers."""
        return self.deals.number


def _by_rep(world: World, number: Ints, owner: Ints, shares: Floats) -> Ints:
    """Draw a position per deal with the shares of its rep."""
    edges = np.cumsum(shares[owner], axis=1)
    level = world.chance("segment").uniform(number, draw=0)
    return np.minimum((level[:, None] >= edges).sum(axis=1), shares.shape[1] - 1)


def _accounts(world: World, number: Ints, segment: Ints) -> Ints:
    """Choose an account of the deal's segment; some accounts buy far more often than others."""
    of = world.account_segment
    level = world.chance("account").uniform(number, draw=10) ** 1.6
    found = np.zeros(len(number), dtype=np.int64)
    for k in range(len(h.SEGMENTS)):
        members = np.flatnonzero(of == k)
        members = members if len(members) else np.arange(len(of))
        rows = segment == k
        found[rows] = members[(level[rows] * len(members)).astype(np.int64)]
    return found


def _behaviours(world: World, number: Ints, owner: Ints) -> dict[str, Ints]:
    """Draw what was done in the first week; diligence raises the odds of a fast follow-up."""
    chance = world.chance("behaviour")
    odds = np.exp(-0.1 + world.staff.diligence[owner])
    return {
        "fast_follow_up": (chance.uniform(number, draw=0) < odds / (1 + odds)).astype(np.int64),
        "discovery_meeting": (chance.uniform(number, draw=1) < 0.35).astype(np.int64),
        "early_emails": chance.count(number, draw=2, mean=np.full(len(number), 1.1)),
        "early_demo": (chance.uniform(number, draw=3) < 0.15).astype(np.int64),
    }


def _first_week_effect(behaviours: dict[str, Ints]) -> Floats:
    """Return the log effect of what was done in the first week, from the landmark on."""
    effects = [h.BEHAVIOURS[name] * done for name, done in behaviours.items()]
    return np.asarray(np.sum(effects, axis=0), dtype=np.float64)


def _campaign(world: World, number: Ints, created: Floats) -> np.ndarray:
    """Return which deals a campaign brought."""
    plan = world.preset.campaign
    if plan is None:
        return np.zeros(len(number), dtype=bool)
    runs = (created >= day_number(plan.start)) & (created < day_number(plan.end))
    return runs & (world.chance("campaign").uniform(number, draw=0) < plan.lift / (1 + plan.lift))


def _forward(
    world: World, origin: dict[str, Ints], created: Floats, campaign: np.ndarray
) -> Floats:
    """Return the log effect of what a deal is on forward and win rates, without its owner's."""
    preset, owner = world.preset, origin["owner"]
    ramp = 1 - (world.staff.ramp(owner, created) - 0.25) / 0.75
    account = world.chance("account").normal(origin["account"], draw=1) * preset.account_effect_sd
    quality = preset.campaign.quality if preset.campaign else 0.0
    return (
        h.SEGMENT_FORWARD[origin["segment"]]
        + h.SOURCE_FORWARD[origin["source"]]
        + preset.ramp_effect * ramp
        + account
        + quality * campaign
    )


def _amounts(world: World, origin: dict[str, Ints]) -> tuple[Ints, Floats, Floats]:
    """Return first amounts (minor units, whole hundreds of ILS), revision ratio and discount."""
    number, chance = origin["number"], world.chance("amount")
    size = h.PRODUCT_PRICES[origin["product"]] * h.SEGMENT_SIZE[origin["segment"]]
    size = size * np.exp(world.staff.size_effect[origin["owner"]])
    amount = np.maximum(np.round(size * np.exp(0.55 * chance.normal(number, draw=0)) / 100), 5)
    revision = np.exp(0.18 * chance.normal(number, draw=1))
    discount = h.DISCOUNTS[chance.choice(number, draw=2, shares=h.DISCOUNT_SHARES)]
    return (amount * 10_000).astype(np.int64), revision, discount


def make_deals(world: World, number: Ints) -> Origins:
    """Make deals by their numbers, each a pure function of the world and its number."""
    chance, created = world.chance("deal"), world.created(number)
    owner = world.creator(number, created)
    segment = _by_rep(world, number, owner, world.staff.segment_shares)
    campaign = _campaign(world, number, created)
    source = np.where(campaign, 5, chance.choice(number, draw=1, shares=h.SOURCE_SHARES))
    origin = {
        "number": number,
        "owner": owner,
        "segment": segment,
        "source": source,
        "product": chance.choice(number, draw=0, shares=h.PRODUCT_SHARES),
        "account": _accounts(world, number, segment),
    }
    behaviours = _behaviours(world, number, owner)
    amount, revision, discount = _amounts(world, origin)
    deals = Deals(
        number=number,
        created=created,
        owner=owner,
        entry_stage=chance.choice(number, draw=2, shares=h.ENTRY_SHARES),
        forward=_forward(world, origin, created, campaign),
        lose=h.SEGMENT_LOSE[segment],
        behaviour=_first_week_effect(behaviours),
        sleeps=chance.uniform(number, draw=3) < world.preset.zombies,
    )
    return Origins(
        deals,
        segment,
        _regions(world, number, owner),
        origin["product"],
        source,
        chance.choice(number, draw=4, shares=TYPE_SHARES),
        origin["account"],
        amount,
        revision,
        discount,
        behaviours,
    )


def _regions(world: World, number: Ints, owner: Ints) -> Ints:
    """Return regions: mostly the team's own, or exactly the rep's own where each owns one."""
    home = world.staff.region[owner]
    if world.preset.rep_is_region:
        return home
    elsewhere = world.chance("region").uniform(number, draw=0) < 0.3
    other = (world.chance("region").uniform(number, draw=1) * 4).astype(np.int64)
    return np.where(elsewhere, other, home % 4)
