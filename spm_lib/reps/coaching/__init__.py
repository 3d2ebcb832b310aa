"""Coaching earned by evidence: gaps with the money at stake, pairs, sheets, and what came of it."""
