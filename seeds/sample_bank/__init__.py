"""A simulated bank: deterministic deliveries of any size, with labelled stories and labelled dirt."""
