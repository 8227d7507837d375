"""Which rows the lake accepts, and why the others are rejected."""
