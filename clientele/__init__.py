"""The shared base: every area may import it, and it imports none of them."""
