"""Runs on disk: record, find, compare, verify, trace."""
