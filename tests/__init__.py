"""Tests mirror the rooms, with worlds, scenarios, properties, faults, browser and house rules beside them."""
