"""Parquet files as pandas, Polars, Spark and others write them."""

from tests.bad_deliveries.cases.parquet import days, files, numbers, texts, times

CASES = [*texts.CASES, *numbers.CASES, *times.CASES, *days.CASES, *files.CASES]
