"""Which rows the lake accepts, and why not the others."""
