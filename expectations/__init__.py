"""Whether the data is good enough to show: delivery contracts and the two gates.

Importing this package is cheap; Great Expectations is imported only while a gate runs.
"""
