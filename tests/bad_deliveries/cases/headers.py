"""Headers: missing, repeated, incomplete, in another order or language."""

from __future__ import annotations

from tests.bad_deliveries.case import BRANCHES, CUSTOMERS, TRANSACTIONS, Kind, Sample, missing

_K = Kind("headers")
_GOOD = TRANSACTIONS.text()
_NAMES = TRANSACTIONS.header
_FIRST, _SECOND, _LAST = TRANSACTIONS.rows
_NONE = "has no header: line 1 names none of …"
_C3 = "looks like data that may not be delivered (C3); remove it"


def _without(sample: Sample, *dropped: str) -> bytes:
    kept = [place for place, name in enumerate(sample.names) if name not in dropped]
    cut = [",".join(line.split(",")[place] for place in kept) for line in (sample.header, *sample.rows)]
    return sample.text(*cut[1:], header=cut[0])


def _renamed(old: str, new: str) -> bytes:
    return TRANSACTIONS.text(header=_NAMES.replace(old, new))


_REVERSED = TRANSACTIONS.text(
    *(",".join(reversed(row.split(","))) for row in TRANSACTIONS.rows),
    header=",".join(reversed(TRANSACTIONS.names)),
)
_WITH_NOTE = TRANSACTIONS.text(*(f"{row},hello" for row in TRANSACTIONS.rows), header=f"{_NAMES},note")
_WIDE_HEADER = _NAMES + "".join(f",extra_{n}" for n in range(10_000))
_WIDE = TRANSACTIONS.text(*(row + "," * 10_000 for row in TRANSACTIONS.rows), header=_WIDE_HEADER)

CASES = [
    _K.refused(
        "empty-file", "a file of 0 bytes", b"", "cannot be read: the file is empty, not even a header"
    ),
    _K.refused("only-mark", "nothing but a byte order mark", b"\xef\xbb\xbf", _NONE),
    _K.refused("only-blank", "nothing but a line end", b"\r\n", "cannot be read: there is no header"),
    _K.loaded("header-only", "a header and no records: an empty delivery", f"{_NAMES}\n".encode(), []),
    _K.loaded("header-only-no-end", "a header without a line end and no records", _NAMES.encode(), []),
    _K.refused("no-header", "no header", _GOOD.partition(b"\n")[2], _NONE),
    _K.refused("title-first", "a title before the header", b"Transactions of 31 March\n" + _GOOD, _NONE),
    _K.refused(
        "html", "an error page instead of the file", b"<html><body>502 Bad Gateway</body></html>\n", _NONE
    ),
    _K.refused(
        "json",
        "JSON instead of CSV",
        b'{"transaction_id": "T1"}\n',
        "cannot be read: the header has a quotation mark that is not closed",
    ),
    _K.refused(
        "chinese",
        "Chinese names",
        TRANSACTIONS.text(header="交易流水号,客户号,交易时间,金额,类型,币种,渠道"),
        _NONE,
    ),
    _K.refused("other-entity", "the file of another entity", BRANCHES.text(), _NONE),
    _K.refused(
        "other-entity-alike",
        "the file of another entity with some of the same columns",
        CUSTOMERS.text(),
        missing("transaction_id", CUSTOMERS.header),
        "transaction_id",
    ),
    _K.refused(
        "required-missing",
        "a required column is missing",
        _without(TRANSACTIONS, "amount"),
        missing("amount", _NAMES.replace("amount,", "")),
        "amount",
    ),
    _K.refused(
        "required-renamed",
        "a required column has another name",
        _renamed("amount", "sum"),
        missing("amount", _NAMES.replace("amount", "sum")),
        "amount",
    ),
    _K.refused(
        "blank-inside",
        "a blank instead of the underscore of a name",
        _renamed("customer_id", "customer id"),
        missing("customer_id", _NAMES.replace("r_id", "r id")),
        "customer_id",
    ),
    _K.loaded(
        "optional-missing",
        "optional columns are missing",
        _without(TRANSACTIONS, "currency", "channel"),
        [",".join([*row.split(",")[:5], "", ""]) for row in TRANSACTIONS.rows],
    ),
    _K.loaded("extra", "a column that the contract does not know; its name is in the audit", _WITH_NOTE),
    _K.loaded("ten-thousand", "10,000 columns that the contract does not know", _WIDE),
    *(
        _K.loaded(
            f"harmless-{name}",
            f"a column `{name}`, whose name only holds the letters of secrets",
            TRANSACTIONS.text(*(f"{row},x" for row in TRANSACTIONS.rows), header=f"{_NAMES},{name}"),
        )
        for name in ("shipping_mode", "opinion", "pinyin", "passenger", "cvr")
    ),
    _K.refused(
        "ten-thousand-without",
        "10,000 other columns and a required one missing: the reason shows the first",
        _WIDE.replace(b"amount", b"sum"),
        f"{missing('amount', '')}{_WIDE_HEADER.replace('amount', 'sum').replace(',', ', ')[:200]} …",
        "amount",
    ),
    _K.loaded("order", "columns in another order", _REVERSED),
    _K.loaded("capitals", "names in capitals", _GOOD.replace(_NAMES.encode(), _NAMES.upper().encode())),
    _K.loaded("mixed-case", "names in mixed case", _renamed("customer_id", "Customer_ID")),
    _K.loaded("blanks", "blanks around names", TRANSACTIONS.text(header=_NAMES.replace(",", " ,\u3000"))),
    _K.loaded(
        "zero-width", "a zero-width space in front of a name", _renamed("customer_id", "\u200bcustomer_id")
    ),
    _K.loaded(
        "quoted",
        "names in quotation marks, with blanks outside",
        TRANSACTIONS.text(header='"' + _NAMES.replace(",", '" , "') + '"'),
    ),
    _K.refused(
        "twice-the-same",
        "a column twice",
        _renamed("currency", "amount"),
        "column amount is in the header twice",
        "amount",
    ),
    _K.refused(
        "twice-by-case",
        "a column twice, once in capitals",
        _renamed("currency", "AMOUNT"),
        "column amount is in the header twice",
        "amount",
    ),
    _K.refused(
        "twice-by-blank",
        "a column twice, once with a blank",
        _renamed("currency", "amount "),
        "column amount is in the header twice",
        "amount",
    ),
    _K.file(
        "again-in-the-middle",
        "files put together with their headers",
        _GOOD.replace(b"T3", _NAMES.encode() + b"\nT3"),
        TRANSACTIONS.rows,
        [(4, None, "the header once more")],
    ),
    _K.file(
        "again-as-text",
        "files put together with their headers, where every column is text",
        BRANCHES.text(BRANCHES.rows[0], BRANCHES.header, *BRANCHES.rows[1:]),
        BRANCHES.rows,
        [(3, None, "the header once more")],
        BRANCHES,
    ),
    _K.file(
        "again-with-mark",
        "files put together with their byte order marks and headers",
        b"\xef\xbb\xbf"
        + BRANCHES.text(BRANCHES.rows[0])
        + b"\xef\xbb\xbf"
        + BRANCHES.text(*BRANCHES.rows[1:]),
        BRANCHES.rows,
        [(3, None, "the header once more")],
        BRANCHES,
    ),
    _K.file(
        "again-windows",
        "files put together with Windows line ends",
        BRANCHES.text(BRANCHES.rows[0], BRANCHES.header, *BRANCHES.rows[1:]).replace(b"\n", b"\r\n"),
        BRANCHES.rows,
        [(3, None, "the header once more")],
        BRANCHES,
    ),
    _K.file(
        "again-at-end",
        "the header again as the last line",
        BRANCHES.text(*BRANCHES.rows, BRANCHES.header).rstrip(b"\n"),
        BRANCHES.rows,
        [(5, None, "the header once more")],
        BRANCHES,
    ),
    _K.refused(
        "c3-pin",
        "a column that looks like secrets (C3)",
        _renamed("channel", "cardPIN"),
        f"column cardPIN {_C3}",
        "cardPIN",
    ),
    _K.refused(
        "c3-cvv", "card verification codes", _renamed("channel", "cvv2"), f"column cvv2 {_C3}", "cvv2"
    ),
    _K.refused(
        "c3-password",
        "a password",
        _renamed("channel", "LOGIN_PASSWORD"),
        f"column LOGIN_PASSWORD {_C3}",
        "LOGIN_PASSWORD",
    ),
    _K.refused(
        "c3-chinese",
        "passwords under a Chinese name",
        _renamed("channel", "交易密码"),
        f"column 交易密码 {_C3}",
        "交易密码",
    ),
    _K.refused(
        "c3-biometric",
        "a fingerprint",
        _renamed("channel", "fingerprint_hash"),
        f"column fingerprint_hash {_C3}",
        "fingerprint_hash",
    ),
]
