"""Disputes: what people say is wrong with their pay comes in, answers and adjustments go out."""
