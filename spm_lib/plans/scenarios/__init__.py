"""Scenario files of targets: typed settings and rows come in, TOML that diffs well comes out."""
