"""Figures and plan -> judgements."""
