"""Numbers, booleans, and what contracts say about values."""

from __future__ import annotations

from tests.bad_deliveries.case import BRANCHES, CUSTOMERS, SURVEYS, TRANSACTIONS, Kind

_N = Kind("numbers")
_B = Kind("booleans")
_C = Kind("contract")

_NO_DECIMAL = [
    ("exponent", "an exponent", "1e3"),
    ("places", "more places than the contract has: nothing is rounded", "1.005"),
    ("accounting", "a negative number in brackets", "(12.30)"),
    ("minus-behind", "a minus behind the number", "12-"),
    ("currency-sign", "a currency sign", "￥12"),
    ("currency-code", "a currency code", "12.00 CNY"),
    ("fullwidth-digits", "full-width digits", "１２"),
    ("chinese-digits", "Chinese numerals", "十二"),
    ("percent", "a percent sign", "12%"),
    ("not-a-number", "NaN", "NaN"),
    ("infinite", "infinity", "inf"),
    ("hexadecimal", "hexadecimal", "0x10"),
    ("underscore", "an underscore, as programs write", "1_000"),
    ("point-first", "no digit before the point", ".5"),
    ("point-last", "no digit after the point", "12."),
    ("places-small", "a tenth of a cent too much", "1.001"),
    ("one-too-large", "the first amount beyond the largest", "10000000000000000.00"),
    ("word", "a word", "abc"),
    ("overflow", "more digits than the contract has", "12345678901234567890"),
    ("two-points", "two points", "1.234.56"),
    ("letters", "letters O for zeros", "5.OO"),
    ("excel-error", "an error of Excel", "#VALUE!"),
    ("minus-sign", "a typographic minus", "−5.00"),
    ("null", "the word null", "null"),
]
_NO_INTEGER = [
    ("integer-point", "a whole number with a point, which a tool took for a fraction", "9.0"),
    ("integer-half", "a number between two whole ones", "1.5"),
    ("integer-32", "a whole number beyond 32 bits", "9999999999"),
    ("integer-word", "a number as a word", "ten"),
    ("integer-overflow", "a whole number of 20 digits", "12345678901234567890"),
    ("integer-exponent", "a whole number with an exponent", "1e1"),
    ("integer-none", "the word None", "None"),
]
_REQUIRED = ["transaction_id", "customer_id", "occurred_at", "amount", "transaction_type"]

CASES = [
    *(
        _N.value(case, wrong, "amount", value, f"'{value}' is not a decimal(18,2)")
        for case, wrong, value in _NO_DECIMAL
    ),
    *(
        _N.value(case, wrong, "score", value, f"'{value}' is not an integer", SURVEYS)
        for case, wrong, value in _NO_INTEGER
    ),
    _N.good_value("plus", "a plus sign", "amount", "+5", "5.00"),
    _N.good_value("minus-zero", "minus zero", "amount", "-0", "0.00"),
    _N.good_value("leading-zeros", "leading zeros of a number", "amount", "007.50", "7.50"),
    _N.good_value("trailing-zeros", "zeros beyond the places of the contract", "amount", "1.5000", "1.50"),
    _N.good_value("largest", "the largest amount", "amount", "9999999999999999.99", "9999999999999999.99"),
    _N.good_value(
        "id-zeros", "leading zeros of an id: it is text, and stays so", "transaction_id", "000123", "000123"
    ),
    _N.good_value(
        "id-exponent", "an id that looks like an exponent stays text", "transaction_id", "12E5", "12E5"
    ),
    _N.good_value("id-long", "an id of 40 digits stays text", "transaction_id", "1" * 40, "1" * 40),
    *(
        _B.good_value(f"word-{word}", f"boolean as `{word}`", "is_vip_elsewhere", word, read, CUSTOMERS)
        for word, read in (
            ("TRUE", "true"),
            ("Y", "true"),
            ("1", "true"),
            ("False", "false"),
            ("n", "false"),
            ("0", "false"),
        )
    ),
    *(
        _B.value(
            f"word-{case}",
            f"boolean as `{word}`",
            "is_vip_elsewhere",
            word,
            f"'{word}' is not a boolean",
            CUSTOMERS,
        )
        for case, word in (
            ("yes", "yes"),
            ("chinese", "是"),
            ("t", "t"),
            ("two", "2"),
            ("null", "NULL"),
            ("tick", "√"),
        )
    ),
    *(_C.value(f"empty-{column}", f"no {column}", column, "", "required, but empty") for column in _REQUIRED),
    _C.value("blank-id", "an id of blanks", "transaction_id", "  ", "required, but empty"),
    *(
        _C.value(
            f"no-id-{case}",
            f"`{word}` in the place of an id",
            "transaction_id",
            word,
            f"required, but '{word}'",
        )
        for case, word in (
            ("null", "NULL"),
            ("small", "null"),
            ("mysql", "\\N"),
            ("excel", "#N/A"),
            ("pandas", "nan"),
            ("dash", "-"),
        )
    ),
    _C.value("no-reference", "`NULL` for a customer", "customer_id", "NULL", "required, but 'NULL'"),
    _C.value(
        "not-allowed",
        "a word outside the list",
        "customer_type",
        "company",
        "'company' is not one of individual, corporate",
        CUSTOMERS,
    ),
    _C.value(
        "allowed-in-capitals",
        "a word of the list in capitals",
        "customer_type",
        "INDIVIDUAL",
        "'INDIVIDUAL' is not one of individual, corporate",
        CUSTOMERS,
    ),
    _C.value(
        "allowed-chinese",
        "a word of the list in Chinese",
        "customer_type",
        "个人",
        "'个人' is not one of individual, corporate",
        CUSTOMERS,
    ),
    _C.value(
        "channel",
        "a channel outside the list",
        "channel",
        "fax",
        "'fax' is not one of branch, atm, app, web, wechat, call_centre, pos, batch",
    ),
    _C.value("pattern", "a currency in small letters", "currency", "cny", "'cny' does not match ^[A-Z]{3}$"),
    _C.value(
        "pattern-short", "a currency of two letters", "currency", "CN", "'CN' does not match ^[A-Z]{3}$"
    ),
    _C.value("pattern-digit", "a digit in a currency", "currency", "C1Y", "'C1Y' does not match ^[A-Z]{3}$"),
    _C.value(
        "pattern-long", "a currency of four letters", "currency", "RMBX", "'RMBX' does not match ^[A-Z]{3}$"
    ),
    _C.value(
        "pattern-sign", "a currency sign for a currency", "currency", "￥", "'￥' does not match ^[A-Z]{3}$"
    ),
    _C.value("minimum", "an amount below the minimum", "amount", "-0.01", "'-0.01' is below the minimum 0"),
    _C.value(
        "rule",
        "a score off the scale of its metric",
        "score",
        "11",
        "'11' breaks the rule: score lies on the scale of its metric",
        SURVEYS,
    ),
    _C.value(
        "injection",
        "a value that would be SQL",
        "currency",
        "'; drop table staged; --",
        "''; drop table staged; --' does not match ^[A-Z]{3}$",
    ),
    _C.value(
        "unknown-customer",
        "a customer that was never delivered",
        "customer_id",
        "C8",
        "'C8' is not a known customers.customer_id",
    ),
    _C.value(
        "customer-in-small",
        "an id in small letters is another id",
        "customer_id",
        "c1",
        "'c1' is not a known customers.customer_id",
    ),
    _C.rejected(
        "two-faults",
        "two faults in a line: the first column in the contract is reported",
        "T2,C1,yesterday,abc,gift,x,fax",
        "occurred_at",
        "'yesterday' is not a timestamp",
    ),
    _C.good_value(
        "long-text", "a text of a megabyte", "branch_name", "长" * 350_000, "长" * 350_000, BRANCHES
    ),
]
