"""How often the outlook is right: rolling origins on the yearly series of the M1 competition."""
