"""Files as they really come: marks, delimiters, wrong encodings, broken rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.instruments.tables import BrokenRow, EmptyFile, WrongEncoding, read_table, written


def test_a_byte_order_mark_is_read_over_and_kept() -> None:
    table = read_table("\ufeffaño,b\n1,2\n".encode())

    assert table.header == ("año", "b")
    assert written(table, ["c"], [["3"]]).startswith("\ufeffaño,b,c".encode())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_headers(delimiter: str) -> None:
    table = read_table(f"a{delimiter}b\n1{delimiter}x\n".encode())

    assert table.header == ("a", "b")
    assert written(table, ["c"], [["3"]]).decode() == f"a{delimiter}b{delimiter}c\n1{delimiter}x{delimiter}3\n"


def test_rows_are_numbered_as_a_spreadsheet_numbers_them() -> None:
    table = read_table(b"a,b\r\n1,2\r\n\r\n3,4\r\n")

    assert table.numbers == (2, 4)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n", b"a,b\n", b"a,b\n\n"])
def test_a_file_without_rows_is_refused(content: bytes) -> None:
    with pytest.raises(EmptyFile):
        read_table(content)


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("a,b\n1,ñ\n".encode("latin-1"), 2),
        ("año,b\n1,2\n".encode("cp1252"), 1),
        ("a,b\n1,2\n".encode("utf-16"), 1),
        ("a,b\n1,2\n".encode("utf-16-le"), 1),
    ],
)
def test_another_encoding_is_refused_with_its_row(content: bytes, row: int) -> None:
    with pytest.raises(WrongEncoding) as wrong:
        read_table(content)
    assert wrong.value.row == row


@pytest.mark.parametrize(
    ("content", "row"), [(b"a,b\n1,2\n1\n", 3), (b"a,b\n1,2,3\n", 2), (b'a,b\n1,"2\n', 2), (b'a,b\n1,"2"x\n', 2)]
)
def test_a_broken_row_is_refused_with_its_number(content: bytes, row: int) -> None:
    with pytest.raises(BrokenRow) as broken:
        read_table(content)
    assert broken.value.row == row


@given(st.lists(st.tuples(st.text("ab,;\"\n ñ'", max_size=5), st.text("01", min_size=1)), min_size=1, max_size=5))
def test_what_was_read_is_written_as_it_was(rows: list[tuple[str, str]]) -> None:
    lines = ["a,b"] + [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    table = read_table(("\n".join(lines) + "\n").encode())

    again = read_table(written(table, ["c"], [["x"]] * len(rows)))

    assert [row[:2] for row in again.rows] == list(table.rows) == rows
