"""The plan file: TOML text comes in, a typed and checked ``Plan`` goes out, or all its faults."""
