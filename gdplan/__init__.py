"""gdplan."""
