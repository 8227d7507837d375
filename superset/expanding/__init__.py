"""From the short files in ``assets/`` to the documents Superset imports."""
