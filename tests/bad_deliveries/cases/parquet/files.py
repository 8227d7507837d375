"""Parquet files that are damaged, or have other columns than the contract."""

from __future__ import annotations

import pyarrow as pa

from tests.bad_deliveries.case import TRANSACTIONS, Case, missing
from tests.bad_deliveries.cases.parquet.making import K, column, file, written

_GOOD = file(TRANSACTIONS)
_NO_ROWS = {name: pa.array([], pa.string()) for name in TRANSACTIONS.names if name != "amount"}
_EMPTY = pa.table({name: pa.array([], pa.string()) for name in TRANSACTIONS.names})


def _refused(case: str, wrong: str, content: bytes, reason: str, column: str | None = None) -> Case:
    return K.refused(case, wrong, content, reason, column, file="transactions.parquet")


CASES = [
    K.loaded(
        "extra-list",
        "a list in a column that the contract does not know",
        file(TRANSACTIONS, {"note": [["a"], ["b"], []]}),
        file="transactions.parquet",
    ),
    K.loaded(
        "row-groups",
        "a row group for every row",
        file(TRANSACTIONS, row_group_size=1),
        file="transactions.parquet",
    ),
    K.loaded(
        "capitals",
        "names in capitals",
        written(pa.table({name.upper(): column(TRANSACTIONS, name) for name in TRANSACTIONS.names})),
        file="transactions.parquet",
    ),
    K.loaded(
        "blanks",
        "names with blanks around them",
        written(pa.table({f" {name}\u00a0": column(TRANSACTIONS, name) for name in TRANSACTIONS.names})),
        file="transactions.parquet",
    ).reported("nao1215/filesql#464"),
    K.loaded(
        "extra-nested",
        "a map, a structure, a list of structures and times that nobody asked for",
        file(
            TRANSACTIONS,
            {
                "note": pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int64())),
                "amounts": [{"amount": 1.0}] * 3,
                "lines": [[{"customer_id": "C9"}], [], None],
                "seen": pa.array([1, 2, 3], pa.timestamp("ns")),
            },
        ),
        file="transactions.parquet",
    ),
    K.loaded(
        "index",
        "the index of pandas as a column, and a note of pandas that cannot be read",
        file(TRANSACTIONS, {"__index_level_0__": [7, 8, 9]}, {"pandas": "{"}),
        file="transactions.parquet",
    ),
    K.loaded(
        "no-statistics",
        "no statistics, an old version of the format and other encodings",
        file(
            TRANSACTIONS,
            write_statistics=False,
            version="1.0",
            data_page_version="2.0",
            use_dictionary=False,
            compression="gzip",
            store_schema=False,
        ),
        file="transactions.parquet",
    ),
    K.loaded(
        "no-rows-typed",
        "no rows, and types that hold no row either",
        file(TRANSACTIONS, {"amount": pa.array([], pa.float32()), **_NO_ROWS}),
        [],
        file="transactions.parquet",
    ),
    K.loaded("no-rows", "no rows", written(_EMPTY), [], file="transactions.parquet"),
    K.file(
        "capitals-nan",
        "names in capitals and a value that is not a number: the reason has the name in the contract",
        written(
            pa.table(
                {name.upper(): column(TRANSACTIONS, name) for name in TRANSACTIONS.names}
                | {"AMOUNT": [12.3, float("nan"), 1000000.0]}
            )
        ),
        [TRANSACTIONS.rows[0], TRANSACTIONS.rows[2]],
        [(3, "amount", "amount: required, but empty")],
        file="transactions.parquet",
    ),
    _refused(
        "missing",
        "a required column is missing",
        written(_EMPTY.drop_columns(["amount"])),
        missing("amount", TRANSACTIONS.header.replace("amount,", "")),
        "amount",
    ),
    _refused(
        "nested",
        "all columns in a structure",
        written(pa.table({"row": [{"transaction_id": "T1"}]})),
        "has no header: line 1 names none of …",
    ),
    _refused(
        "c3",
        "a column that looks like secrets (C3)",
        written(_EMPTY.append_column("login_pwd", pa.array([], pa.string()))),
        "column login_pwd looks like data that may not be delivered (C3); remove it",
        "login_pwd",
    ),
    _refused(
        "twice",
        "a column twice, once in capitals",
        written(_EMPTY.append_column("AMOUNT", pa.array([], pa.string()))),
        "column amount is in the header twice",
        "amount",
    ),
    _refused(
        "twice-with-blanks",
        "a column twice, once with a blank",
        written(_EMPTY.append_column("amount ", pa.array([], pa.string()))),
        "column amount is in the header twice",
        "amount",
    ).reported("duckdb/duckdb#13053"),
    _refused(
        "cut", "a file cut short", _GOOD[:-20], "cannot be read: Parquet magic bytes not found in footer…"
    ),
    _refused(
        "not-parquet",
        "a CSV file named .parquet",
        TRANSACTIONS.text(),
        "cannot be read: Parquet magic bytes not found in footer…",
    ),
    _refused("nothing", "a file of 0 bytes", b"", "cannot be read: Parquet file size is 0 bytes"),
    _refused(
        "damaged",
        "bytes changed in the middle",
        _GOOD[:8] + b"\xff" * 32 + _GOOD[40:],
        "cannot be read to its end: …",
    ),
]
