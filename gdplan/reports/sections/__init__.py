"""Sections and charts of a report."""
