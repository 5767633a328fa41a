"""A plan's document and plan.yml -> Plan and its commitments."""
