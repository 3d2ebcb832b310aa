"""How deals move: the true rates, per working day, by stage, cause and time in stage."""

from __future__ import annotations

import numpy as np

OPEN_STAGES = ("Lead", "Qualified", "Proposal", "Negotiation")
STAGES = (*OPEN_STAGES, "Closed Won", "Closed Lost")
LEAD, QUALIFIED, PROPOSAL, NEGOTIATION, WON, LOST = range(6)
CAUSES = ("advance", "skip", "back", "win", "lose")

# Rates per unit of clock (one plain working day); rows are open stages, columns causes.
BASE_RATES = np.array(
    [
        [0.042, 0.0040, 0.0000, 0.000, 0.032],
        [0.038, 0.0035, 0.0020, 0.000, 0.026],
        [0.034, 0.0000, 0.0030, 0.005, 0.026],
        [0.000, 0.0000, 0.0040, 0.042, 0.024],
    ]
)

# Time in stage, in calendar days, changes the rates: fresh, ripe, stale, forgotten.
BUCKET_EDGES = np.array([0.0, 7.0, 21.0, 60.0, np.inf])
FORWARD_BY_TIME = np.array(
    [[0.8, 1.3, 1.0, 0.4], [0.6, 1.3, 1.1, 0.5], [0.5, 1.2, 1.2, 0.6], [0.5, 1.2, 1.3, 0.6]]
)
LOSE_BY_TIME = np.array(
    [[0.6, 1.0, 1.2, 1.0], [0.5, 1.0, 1.2, 1.1], [0.4, 0.9, 1.2, 1.3], [0.4, 0.9, 1.2, 1.4]]
)

DORMANT = 0.02  # a sleeping deal moves at this share of the pace, from Qualified on
REOPEN_LOST, REOPEN_WON = 0.035, 0.004  # chance that a close is undone
ENTRY_SHARES = np.array([0.78, 0.17, 0.05, 0.0])  # stage in which a deal is created

SEGMENTS = ("SMB", "Mid-Market", "Enterprise")
SEGMENT_SHARES = np.array([0.5, 0.35, 0.15])
SEGMENT_FORWARD = np.array([0.12, 0.0, -0.22])
SEGMENT_LOSE = np.array([0.0, 0.0, 0.12])
SEGMENT_SIZE = np.array([0.55, 1.0, 2.6])

SOURCES = ("Website", "Referral", "Event", "Outbound", "Partner", "Campaign")
SOURCE_SHARES = np.array([0.28, 0.14, 0.12, 0.30, 0.16, 0.0])
SOURCE_FORWARD = np.array([0.0, 0.25, 0.0, -0.12, 0.05, 0.0])

PRODUCTS = ("GalilCRM", "GalilERP Pro", "GalilSecure", "GalilBI", "GalilCare")
PRODUCT_PRICES = np.array([18_000, 95_000, 42_000, 30_000, 9_000])
PRODUCT_SHARES = np.array([0.30, 0.16, 0.22, 0.20, 0.12])

DISCOUNTS = np.array([0.0, 0.05, 0.10, 0.15, 0.20])
DISCOUNT_SHARES = np.array([0.45, 0.25, 0.18, 0.08, 0.04])

# Behaviours of the first seven days; they act from the landmark on, on forward and win rates.
LANDMARK_DAYS = 7.0
BEHAVIOURS = {
    "fast_follow_up": 0.20,  # a call within two working days; mediates the rep's diligence
    "discovery_meeting": 0.22,  # a meeting in the first week
    "early_emails": 0.0,  # number of e-mails in the first week: does nothing
    "early_demo": 0.0,  # a demo in the first week: does nothing
}
