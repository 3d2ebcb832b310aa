"""Measurements side by side; not part of the test run (`make bench`, `make validate`)."""
