"""Cities beside each other: shares, ranks, contributions, tiles."""
