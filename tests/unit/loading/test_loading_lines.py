"""Every line of a CSV file ends up as fields or as malformed, whatever the bytes and block sizes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from clientele.contracts import Column, Contract
from orchestration.loading.reading import lines
from orchestration.loading.reading.headers import RefusedError
from orchestration.loading.reading.inspection import inspect
from orchestration.loading.reading.records.asides import Asides
from orchestration.loading.reading.records.layouts import Layout
from orchestration.loading.reading.records.texts import MOST_LINES
from orchestration.loading.reading.records.whole_lines import LONGEST_LINE, UnreadableError
from tests.bad_deliveries.case import Case
from tests.bad_deliveries.table import CASES
from tests.deliveries import contracts


def no_section(names: Sequence[str], number: int, above: Layout) -> Layout:
    raise RefusedError(f"line {number}")


LETTERS = Contract(
    "letters",
    "test",
    "full",
    "version",
    "utf-8",
    False,
    tuple(Column(name, "varchar", False, "C1") for name in "abcdefghijklmnop"),
    ("a",),
)


def asides(width: int) -> Asides:
    contract = replace(LETTERS, columns=LETTERS.columns[:width])
    return Asides(contract, ["total"], no_section)


Row = tuple[int, list[str | None]]


def read(
    data: bytes, encoding: str = "utf-8", width: int = 2, block_bytes: int = lines.BLOCK_BYTES
) -> tuple[list[Row], list[tuple[int, str, str]]]:
    """Lines with fields, and malformed lines with text and reason."""
    names = tuple("abcdefghijklmnop"[:width])
    layout = Layout(width, tuple(range(width)), names)
    return found(lines.read_blocks(io.BytesIO(data).read, encoding, layout, asides(width), block_bytes))


def found(blocks: Iterable[lines.Block]) -> tuple[list[Row], list[tuple[int, str, str]]]:
    """What ``read`` returns, of the blocks of a file."""
    rows: list[Row] = []
    malformed = []
    for block in blocks:
        columns = [column.to_pylist() for column in block.columns]
        rows += [(int(number), list(row)) for number, *row in zip(block.numbers, *columns, strict=True)]
        malformed += [(item.number, item.raw, item.reason) for item in block.malformed]
    # Records of several lines come after the others of their block.
    rows.sort(key=lambda row: row[0])
    malformed.sort()
    return rows, malformed


def test_fields_and_line_numbers() -> None:
    assert read(b"a,b\n1,2\n3,4\n") == ([(2, ["1", "2"]), (3, ["3", "4"])], [])


@pytest.mark.parametrize("data", [b"a,b\r\n1,2\r\n", b"a,b\n1,2", b"a,b\r\n1,2\r", b"a,b\n1,2\n\n\r\n"])
def test_line_ends_and_blank_lines_do_not_matter(data: bytes) -> None:
    assert read(data) == ([(2, ["1", "2"])], [])


def test_a_blank_line_counts_in_numbers_but_is_no_record() -> None:
    assert read(b"a,b\n\n1,2\n") == ([(3, ["1", "2"])], [])


@pytest.mark.parametrize("data", [b"a,b\n", b"a,b", b"a,b\n\n"])
def test_a_header_alone_has_no_records(data: bytes) -> None:
    assert read(data) == ([], [])


def test_surrounding_space_is_dropped_and_empty_is_null() -> None:
    data = 'a,b\n 1\t,\u3000二 \n ,""\n,x y\n'.encode()
    assert [row for _, row in read(data)[0]] == [["1", "二"], [None, None], [None, "x y"]]


def test_quoted_fields() -> None:
    data = b'a,b\n"1,5","say ""hi"""\n"",x\n" 1 ",y\n'
    assert [row for _, row in read(data)[0]] == [["1,5", 'say "hi"'], [None, "x"], ["1", "y"]]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1", "1 field instead of 2"),
        (b"1,2,3", "3 fields instead of 2"),
        (b"1,2,", "3 fields instead of 2"),
        (b'"1","2","3"', "3 fields instead of 2"),
        (b'"1,2"', "1 field instead of 2"),
        (b'"1,2', "a quotation mark is not closed, or stands inside a field"),
        (b'1,2"', "a quotation mark is not closed, or stands inside a field"),
        (b'1,"2" x', "a quotation mark is not closed, or stands inside a field"),
        (b'1,x "2"', "a quotation mark is not closed, or stands inside a field"),
        (b'1,"2"""x', "a quotation mark is not closed, or stands inside a field"),
        (b"1,\0", "the line holds a NUL byte"),
        (b"1,a\rb", "the line holds a carriage return inside"),
        (b"1,\xff", "not valid utf-8, byte 0xff at position 3"),
        (b"1,\xe5\xa5", "not valid utf-8, byte 0xe5 at position 3"),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 7, 1 << 20])
def test_a_malformed_line_costs_that_line_only(line: bytes, reason: str, block_bytes: int) -> None:
    good = 'x,"好"'.encode()
    rows, malformed = read(b"\n".join([b"a,b", good, line, good, line, good, b""]), block_bytes=block_bytes)
    assert rows == [(number, ["x", "好"]) for number in (2, 4, 6)]
    assert [(number, why) for number, _, why in malformed] == [(3, reason), (5, reason)]


SMALL = [
    (case, content)
    for case in CASES
    for name, content in case.files.items()
    if isinstance(content, bytes) and name.endswith(".csv") and len(content) < 4096
]


@pytest.mark.parametrize(("case", "content"), SMALL, ids=[case.id for case, _ in SMALL])
def test_every_bad_file_reads_alike_in_blocks_of_any_size(case: Case, content: bytes, tmp_path: Path) -> None:
    file = tmp_path / f"{case.entity}.csv"
    file.write_bytes(content)

    def outcome(block_bytes: int) -> object:
        try:
            source = inspect(file, contracts()[case.entity], [], ["合计", "total"])
            blocks = lines.read_blocks(
                io.BytesIO(content).read, source.encoding, source.layout, source.asides, block_bytes
            )
            return found(blocks)
        except (UnreadableError, RefusedError) as error:
            return str(error)

    assert outcome(1) == outcome(7) == outcome(lines.BLOCK_BYTES)


@pytest.mark.parametrize("block_bytes", [1, 7, 1 << 20])
def test_lines_of_separators_and_blanks_are_no_records(block_bytes: int) -> None:
    data = b"a,b\n,\n1,2\n , \n\t\n3,4\n,\r\n\x1a"
    assert read(data, block_bytes=block_bytes) == ([(3, ["1", "2"]), (6, ["3", "4"])], [])


@pytest.mark.parametrize("block_bytes", [1, 7, 1 << 20])
def test_the_header_once_more_is_malformed_and_what_only_ends_like_it_is_not(block_bytes: int) -> None:
    rows, malformed = read(b"a,b\n1,2\na,b\nxa,b\na,b", block_bytes=block_bytes)
    assert rows == [(2, ["1", "2"]), (4, ["xa", "b"])]
    assert malformed == [(3, "a,b", "the header once more"), (5, "a,b", "the header once more")]


def text_file(*records: str) -> bytes:
    return "\n".join(("a,b,c", *records, "")).encode()


def test_a_text_that_nobody_closes_swallows_nothing_however_long_the_file() -> None:
    good = [f"{number},x,y" for number in range(3 * MOST_LINES)]
    rows, malformed = read(text_file('9,"x,y', *good, '8,x,"y'), width=3)
    assert len(rows) == len(good)
    assert [number for number, _, _ in malformed] == [2, 3 * MOST_LINES + 3]


@pytest.mark.parametrize("lines_inside", [1, 10, MOST_LINES - 2])
def test_a_text_of_many_lines_is_one_record(lines_inside: int) -> None:
    text = "\n".join(["first", *["7,x,y"] * lines_inside, "last"])
    rows, malformed = read(text_file("1,x,y", f'2,"{text}",y', "3,x,y"), width=3)
    assert rows == [(2, ["1", "x", "y"]), (3, ["2", text, "y"]), (5 + lines_inside, ["3", "x", "y"])]
    assert malformed == []


@pytest.mark.parametrize("block_bytes", [1, 7, 1 << 20])
def test_no_line_of_a_text_that_ends_wrongly_becomes_a_row(block_bytes: int) -> None:
    data = text_file("1,x,y", '2,"first', "7,x,y", 'last" z,y', "3,x,y", "4,x,y")
    rows, malformed = read(data, width=3, block_bytes=block_bytes)
    assert [row[0] for _, row in rows] == ["1", "3", "4"]
    assert [(number, raw) for number, raw, _ in malformed] == [(3, '2,"first\n7,x,y\nlast" z,y')]


def test_the_bytes_of_a_text_of_two_lines_are_judged_like_those_of_one() -> None:
    data = b'a,b\n1,"x\n\xff"\n2,"x\ny\0"\n3,"x\r\ny"\n'
    rows, malformed = read(data)
    assert rows == [(6, ["3", "x\ny"])]
    assert [(number, raw) for number, raw, _ in malformed] == [(2, '1,"x\n\\xff"'), (4, '2,"x\ny\\x00"')]


def test_blanks_outside_of_quotation_marks_are_dropped_and_the_raw_text_keeps_them() -> None:
    (block,) = lines.read_blocks(io.BytesIO(b'a,b\n "1 , 2"\t, x \n"3",4\n').read, "utf-8", Layout(2, (0, 1)))
    assert [column.to_pylist() for column in block.columns] == [["1 , 2", "3"], ["x", "4"]]
    assert block.raw.to_pylist() == [' "1 , 2"\t, x \n', '"3",4\n']


def test_the_text_of_a_malformed_line_shows_every_byte() -> None:
    assert [text for _, text, _ in read(b"a,b\n1,\xff\n2,\0\n")[1]] == ["1,\\xff", "2,\\x00"]


def test_gb18030_is_decoded_and_a_bad_byte_costs_its_line() -> None:
    data = "a,b\n王小明,1\n".encode("gb18030") + b"\x81,2\n3,\xff\n" + "𠀀,4\n".encode("gb18030")
    rows, malformed = read(data, "gb18030")
    assert rows == [(2, ["王小明", "1"]), (5, ["𠀀", "4"])]
    assert [(number, reason) for number, _, reason in malformed] == [
        (3, "not valid gb18030, byte 0x81 at position 1"),
        (4, "not valid gb18030, byte 0xff at position 3"),
    ]


def test_all_kinds_of_damage_in_one_block() -> None:
    data = b'a,b\n1,\xff\n"2,x\n3\n4,ok\n5,\0\n"6","q"\n7,a\rb\n8,9,10\n'
    rows, malformed = read(data)
    assert rows == [(5, ["4", "ok"]), (7, ["6", "q"])]
    assert [number for number, _, _ in malformed] == [2, 3, 6, 8, 9]


def test_only_the_columns_asked_for_are_returned_in_that_order() -> None:
    (block,) = lines.read_blocks(io.BytesIO(b"a,b,c\n1,2,3\n").read, "utf-8", Layout(3, (2, None, 0)))
    assert [column.to_pylist() for column in block.columns] == [["3"], ["1"]]


def test_a_line_without_end_is_an_error_before_memory_is_gone() -> None:
    with pytest.raises(UnreadableError, match="longer than"):
        read(b"a,b\n" + b"x" * (LONGEST_LINE + 1), block_bytes=1 << 20)


@pytest.mark.parametrize(
    ("line", "encoding"),
    [
        (b"a,b\n", "utf-8"),
        (b"\xef\xbb\xbfa, b \r\n", "utf-8"),
        (b'"a","b"', "utf-8"),
        ("\ufeffa,b".encode("gb18030"), "gb18030"),
    ],
)
def test_header_names_are_bare(line: bytes, encoding: str) -> None:
    assert lines.split_header(line, encoding) == ["a", "b"]


@pytest.mark.parametrize("line", [b'"a,b', b"a,\xff"])
def test_a_damaged_header_is_an_error(line: bytes) -> None:
    with pytest.raises(UnreadableError, match="header"):
        lines.split_header(line, "utf-8")
