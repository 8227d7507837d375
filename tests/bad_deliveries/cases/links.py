"""Links to other rows of the same entity: the original of a reversal, the company of a person."""

from __future__ import annotations

from tests.bad_deliveries.case import CUSTOMERS, TRANSACTIONS, Case, Kind, Sample

_L = Kind("links")

_PADDED = "000123,C1,2025-03-31 09:00:00,12.30,deposit,CNY,app"
_REVERSAL = "R1,C1,2025-03-31 09:30:00,12.30,reversal,CNY,app"


def _linked(
    case: str,
    wrong: str,
    sample: Sample,
    column: str,
    target: str,
    lines: tuple[tuple[str, str], ...],
    rejected: tuple[int, ...] = (),
) -> Case:
    """A file of rows with their links; those of the numbers (from 0) lead nowhere."""
    content = sample.text(*(f"{row},{link}" for row, link in lines), header=f"{sample.header},{column}")
    return _L.file(
        case,
        wrong,
        content,
        [row for number, (row, _) in enumerate(lines) if number not in rejected],
        [
            (number + 2, column, f"{column}: '{lines[number][1]}' is not a known {sample.entity}.{target}")
            for number in rejected
        ],
        sample,
    )


def _reversal(case: str, wrong: str, original: str, link: str, is_known: bool = False) -> Case:
    lines = ((original, ""), (_REVERSAL, link), (TRANSACTIONS.rows[2], ""))
    rejected = () if is_known else (1,)
    return _linked(case, wrong, TRANSACTIONS, "reversal_of", "transaction_id", lines, rejected)


def _person(case: str, wrong: str, link: str, is_known: bool = False) -> Case:
    first, second, company = CUSTOMERS.rows
    lines = ((first, ""), (second, link), (company, ""))
    rejected = () if is_known else (1,)
    return _linked(case, wrong, CUSTOMERS, "linked_corporate_id", "customer_id", lines, rejected)


_FIRST, _, _LAST = TRANSACTIONS.rows

CASES = [
    _reversal("original", "a reversal of a row of the same file", _FIRST, "T1", True),
    _reversal("original-zeros", "an original whose id begins with zeros", _PADDED, "000123", True),
    _reversal("original-point", "an original as a tool with floats writes it", _PADDED, "123.0").reported(
        "chrisdev/django-pandas#122"
    ),
    _reversal("original-point-zeros", "an original with its zeros and a point", _PADDED, "000123.0"),
    _reversal("original-no-zeros", "an original without its zeros", _PADDED, "123").reported(
        "nao1215/filesql#278", "nao1215/filesql#149"
    ),
    _reversal("original-small", "an original in small letters: case is never folded", _FIRST, "t1"),
    _reversal("original-nowhere", "an original that nobody delivered", _FIRST, "T99"),
    _linked(
        "original-chain",
        "a reversal of a row that is rejected for its own link",
        TRANSACTIONS,
        "reversal_of",
        "transaction_id",
        ((_FIRST, ""), (_REVERSAL, "T99"), (_REVERSAL.replace("R1", "R2", 1), "R1"), (_LAST, "")),
        (1, 2),
    ),
    _person("company", "a person of a company of the same file", "C3", True),
    _person("company-point", "a company as a tool with floats writes it", "C3.0").reported(
        "chrisdev/django-pandas#122"
    ),
    _person("company-no-prefix", "a company without the letter of its id", "3"),
    _person("company-zeros", "a company with a zero too many", "C03").reported("nao1215/filesql#278"),
    _person("company-nowhere", "a company that nobody delivered", "C99").reported("Dolibarr/dolibarr#15483"),
]
