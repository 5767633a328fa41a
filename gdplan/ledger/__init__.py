"""Reported statuses -> judged commitments."""
