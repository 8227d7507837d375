"""Text in another encoding than the contract's, and characters that look like others."""

from __future__ import annotations

from tests.bad_deliveries.case import BRANCHES, CUSTOMERS, TRANSACTIONS, Kind

_K = Kind("encodings")
_GOOD = TRANSACTIONS.text()
_BRANCHES = BRANCHES.text()
_CUSTOMERS = CUSTOMERS.text()
_UTF8 = _CUSTOMERS.decode("gb18030").encode()
_KNOWN = "is not a known customers.customer_id"

CASES = [
    _K.loaded("utf8-mark", "UTF-8 with a byte order mark", b"\xef\xbb\xbf" + _GOOD),
    _K.loaded(
        "gb18030-mark",
        "GB18030 with a byte order mark",
        "\ufeff".encode("gb18030") + _CUSTOMERS,
        sample=CUSTOMERS,
    ),
    _K.refused(
        "utf16-le-mark",
        "UTF-16 (Excel's “Unicode text”)",
        b"\xff\xfe" + _GOOD.decode().encode("utf-16-le"),
        "cannot be read: it is written in UTF-16",
    ),
    _K.refused(
        "utf16-be-mark",
        "UTF-16, big-endian",
        b"\xfe\xff" + _GOOD.decode().encode("utf-16-be"),
        "cannot be read: it is written in UTF-16",
    ),
    _K.refused(
        "utf16-le",
        "UTF-16 without a byte order mark",
        _GOOD.decode().encode("utf-16-le"),
        "cannot be read: the header holds NUL bytes, as UTF-16 does; its contract says utf-8",
    ),
    _K.refused(
        "utf16-be",
        "UTF-16, big-endian, without a byte order mark",
        _GOOD.decode().encode("utf-16-be"),
        "cannot be read: the header holds NUL bytes, as UTF-16 does; its contract says utf-8",
    ),
    _K.refused(
        "utf32",
        "UTF-32 without a byte order mark",
        _GOOD.decode().encode("utf-32-le"),
        "cannot be read: the header holds NUL bytes, as UTF-16 does; its contract says utf-8",
    ),
    _K.file(
        "gb18030-for-utf8",
        "GB18030 where the contract says UTF-8",
        _BRANCHES.decode().encode("gb18030"),
        [],
        [
            (2, None, "not valid utf-8, byte 0xb1 at position 4"),
            (3, None, "not valid utf-8, byte 0xba at position 4"),
            (4, None, "not valid utf-8, byte 0xd6 at position 4"),
        ],
        BRANCHES,
    ),
    _K.refused(
        "utf8-for-gb18030",
        "UTF-8 where the contract says GB18030, although much of it decodes",
        _UTF8,
        "cannot be read to its end: it is written in utf-8 (line 2), but its contract says gb18030",
        sample=CUSTOMERS,
    ),
    _K.refused(
        "utf8-even-for-gb18030",
        "UTF-8 where the contract says GB18030, all of which decodes",
        CUSTOMERS.text(CUSTOMERS.rows[1]).decode("gb18030").encode(),
        "cannot be read to its end: it is written in utf-8 (line 2), but its contract says gb18030",
        sample=CUSTOMERS,
    ),
    _K.refused(
        "utf8-mark-for-gb18030",
        "UTF-8 with a byte order mark where the contract says GB18030",
        b"\xef\xbb\xbf" + _UTF8,
        "cannot be read: it begins with the utf-8 byte order mark, but its contract says gb18030",
        sample=CUSTOMERS,
    ),
    _K.refused(
        "latin1-header",
        "a header with a letter of Latin-1",
        _GOOD.replace(b"channel", b"caf\xe9"),
        "cannot be read: the header is not valid utf-8 at byte 76",
    ),
    _K.rejected(
        "bad-byte-utf8",
        "one byte that is not UTF-8",
        b"T2,C\xff,2025-03-30 23:59:59,5.00,fee,CNY,pos",
        None,
        "not valid utf-8, byte 0xff at position 5",
    ),
    _K.rejected(
        "bad-byte-gb18030",
        "one byte that is not GB18030",
        b"C2,individual,2020-02-29,\xff,false",
        None,
        "not valid gb18030, byte 0xff at position 26",
        CUSTOMERS,
    ),
    _K.rejected(
        "half-character",
        "a character cut in half, as fields of fixed width do",
        "C2,individual,2020-02-29,李四,false".encode("gb18030").replace(b"\xc4,", b","),
        None,
        "not valid gb18030, byte 0xcb at position 28",
        CUSTOMERS,
    ),
    _K.file(
        "half-character-at-end",
        "a file cut in the middle of its last character",
        _BRANCHES.rstrip(b",\n")[:-1],
        BRANCHES.rows[:2],
        [(4, None, "not valid utf-8, byte 0xe8 at position 13")],
        BRANCHES,
    ),
    _K.rejected(
        "overlong",
        "an overlong form, which hides a character from filters",
        b"B2,\xc0\xaf,x",
        None,
        "not valid utf-8, byte 0xc0 at position 4",
        BRANCHES,
    ),
    _K.rejected(
        "cesu",
        "a character as two surrogates (CESU-8, as old Oracle exports have it)",
        b"B2,\xed\xa1\x80\xed\xb0\x80,x",
        None,
        "not valid utf-8, byte 0xed at position 4",
        BRANCHES,
    ),
    _K.rejected(
        "nul",
        "a NUL byte in a value",
        "T2,C1\0,2025-03-30 23:59:59,5.00,fee,CNY,pos",
        None,
        "the line holds a NUL byte",
    ),
    _K.rejected(
        "nul-padding",
        "a line of NUL bytes, as a crash leaves",
        b"\0" * 512,
        None,
        "the line holds a NUL byte",
    ),
    _K.good_value(
        "rare-character", "a character beyond the basic plane", "branch_name", "𠀀支行", "𠀀支行", BRANCHES
    ),
    _K.good_value(
        "double-encoded",
        "text that was encoded twice (mojibake); it is text, and is kept as it came",
        "branch_name",
        "滨江".encode().decode("cp1252", "replace").replace("\ufffd", "?"),
        "滨江".encode().decode("cp1252", "replace").replace("\ufffd", "?"),
        BRANCHES,
    ),
    _K.good_value(
        "replacement-character",
        "a character that the source has lost (U+FFFD)",
        "branch_name",
        "滨\ufffd支行",
        "滨\ufffd支行",
        BRANCHES,
    ),
    _K.good_value("no-break-space", "no-break spaces around a value", "amount", "\u00a05.00\u00a0", "5.00"),
    _K.good_value(
        "ideographic-space", "ideographic spaces around a value", "customer_id", "\u3000C1\u3000", "C1"
    ),
    _K.good_value(
        "zero-width-space", "a zero-width space at the end of an id", "customer_id", "C1\u200b", "C1"
    ),
    _K.good_value(
        "direction-mark",
        "a direction mark before a number, as copied from a web page",
        "amount",
        "\u200e5.00",
        "5.00",
    ),
    _K.loaded(
        "mark-in-the-middle",
        "a byte order mark before a value, from files put together",
        TRANSACTIONS.text(TRANSACTIONS.rows[0], "\ufeff" + TRANSACTIONS.rows[1], TRANSACTIONS.rows[2]),
    ),
    _K.value(
        "zero-width-inside",
        "a zero-width space inside an id",
        "customer_id",
        "C\u200b1",
        f"'C\u200b1' {_KNOWN}",
    ),
    _K.value("fullwidth-id", "a full-width letter in an id", "customer_id", "Ｃ1", f"'Ｃ1' {_KNOWN}"),
    _K.value(
        "cyrillic-letter",
        "a Cyrillic letter that looks like a Latin one",
        "currency",
        "СNY",
        "'СNY' does not match ^[A-Z]{3}$",
    ),
]
