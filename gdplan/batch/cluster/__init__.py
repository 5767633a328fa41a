"""A batch and draws on the machines of a cluster."""
