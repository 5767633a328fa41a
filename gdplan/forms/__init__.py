"""Excel forms: made, and read back."""
