"""Comprehensive assessment of cities: scores and ranks."""
