"""Cities of a province: compared, targets shared out, scored."""
