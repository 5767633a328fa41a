"""Published figures: read, checked row by row, corrected, chosen."""
