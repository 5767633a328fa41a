"""Scenario files -> paths, tables, charts, and the page of sliders."""
