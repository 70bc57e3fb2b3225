"""Acceptance scenarios, run as `zhixi rehearse` runs them."""
