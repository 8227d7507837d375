"""The checks of both gates, one module per question they answer."""
