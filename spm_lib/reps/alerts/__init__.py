"""Alerts: whose win rate has really changed, at a stated rate of false alarms."""
