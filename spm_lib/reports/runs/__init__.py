"""Runs: notebooks and parameters planned, executed, written, looked over and verified."""
