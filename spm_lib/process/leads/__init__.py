"""Leads on their way to deals: how soon they are answered, and how many become deals and wins."""
