"""Checks of figures against each other, the plan's limits and its text."""
