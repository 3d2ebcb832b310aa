"""A company comes in; where its deals are handled badly, and what that is worth, goes out.

``mistakes`` judges open deals by named rules with thresholds learned from the company's own won
deals, and prices each by what went with it in deals that have ended. Associations, never causes.
May import core, stats, store, workspace, model and metrics.
"""

__all__: list[str] = []
