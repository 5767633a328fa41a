"""CSV files: read as tables of text cells, encoding, quotes and header checked, and written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from gdplan.problems import Problem, ProblemError, closest, closest_name, refuse

if TYPE_CHECKING:
    import pandas as pd

ENCODINGS = ("utf-8-sig", "gb18030")
BLOCK = 50_000
NumberedRow: TypeAlias = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class CsvTable:
    """Cells as text with a ``line`` column, how the file was read, and what is wrong with it.

    ``missing`` are the addresses of cells that a published table leaves empty.
    """

    cells: pd.DataFrame
    header: tuple[str, ...]
    encoding: str
    problems: tuple[Problem, ...]
    missing: tuple[str, ...] = ()


def read_table(path: Path, required: Iterable[str], optional: Mapping[str, str]) -> CsvTable:
    """Read a CSV file in UTF-8 or GB18030; absent optional columns get their default.

    Rows whose number of cells differs from the header are left out and listed in ``problems``.

    Raises
    ------
    ProblemError
        When nothing can be read: empty file, unknown encoding, unpaired quotes, or columns that
        are missing, stand twice or look misspelled.
    """
    import pandas as pd

    text, encoding = decoded(path)
    rows = _rows(path, text)
    header = next(rows, (0, []))[1]
    if not header:
        raise ProblemError.of("empty_file", path.name, "文件是空的")
    faults = header_problems(path.name, header, list(required), list(optional))
    refuse(faults)
    problems: list[Problem] = []
    # A block at a time: a table weighs a fraction of the lists it comes in.
    several = iter(lambda: list(islice(rows, BLOCK)), [])
    blocks = [_block(block, header, path.name, problems) for block in several]
    if not blocks:
        problems.append(Problem("no_rows", path.name, "只有表头，没有数据"))
        blocks = [_block([], header, path.name, problems)]
    cells = pd.concat(blocks, ignore_index=True)
    cells = cells.assign(**{k: v for k, v in optional.items() if k not in header})
    return CsvTable(cells, tuple(header), encoding, tuple(problems))


def _block(
    rows: Sequence[NumberedRow], header: Sequence[str], file: str, problems: list[Problem]
) -> pd.DataFrame:
    import pandas as pd

    problems += [
        Problem("ragged_row", f"{file}:{line}", "列数与表头不符",
                expected=f"{len(header)}列", found=f"{len(row)}列")
        for line, row in rows if len(row) != len(header)
    ]  # fmt: skip
    even = [(line, row) for line, row in rows if len(row) == len(header)]
    columns = zip(*(row for _, row in even), strict=True) if even else ([] for _ in header)
    table = {name: pd.array(list(c), dtype="str") for name, c in zip(header, columns, strict=True)}
    return pd.DataFrame(table).assign(line=[line for line, _ in even])


def header_problems(
    file: str, header: list[str], required: Iterable[str], optional: Iterable[str]
) -> list[Problem]:
    """Columns that are missing, stand twice, or look like a misspelled optional one."""
    problems = [missing_column(file, name, header) for name in required if name not in header]
    problems += [
        Problem("duplicate_column", f"{file}:1", f"列 {name} 出现两次", fix="删去其一")
        for name in dict.fromkeys(h for h in header if h and header.count(h) > 1)
    ]
    absent = [name for name in optional if name not in header]
    likely = {name: closest_name(name.lower(), absent, cutoff=0.6)
              for name in header if name not in {*required, *optional}}  # fmt: skip
    return problems + [
        Problem("unknown_column", f"{file}:1", f"不认识的列 {name}", match, name,
                f"改名为 {match}，或换一个不易混淆的列名")
        for name, match in likely.items() if match
    ]  # fmt: skip


def missing_column(file: str, name: str, header: Iterable[str]) -> Problem:
    """A column the table cannot do without."""
    fix = closest(name, header, cutoff=0.5) or "补上该列"
    return Problem("missing_column", f"{file}:1", f"缺少列 {name}", "", "、".join(header), fix)


def to_csv(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """A table as CSV text, its lines ended as on Linux whatever the system.

    Examples
    --------
    >>> to_csv(("no", "name"), [(1, "就业"), (2, "a,b")])
    'no,name\\n1,就业\\n2,"a,b"\\n'
    """
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([columns, *rows])
    return out.getvalue()


def from_csv(text: str) -> list[dict[str, str]]:
    """The rows of a CSV text, cells by the name of their column.

    Examples
    --------
    >>> from_csv("no,name\\n1,就业\\n")
    [{'no': '1', 'name': '就业'}]
    """
    return list(csv.DictReader(io.StringIO(text, newline="")))


def column_letter(index: int) -> str:
    """Spreadsheet letter of a column: 0 is A, 26 is AA.

    Examples
    --------
    >>> column_letter(5), column_letter(26)
    ('F', 'AA')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """Place of a column by its letters: A is 1, AA is 27.

    Examples
    --------
    >>> column_index("F"), column_index("AA")
    (6, 27)
    """
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place


def decoded(path: Path) -> tuple[str, str]:
    """The text of a file in UTF-8 or GB18030, and which it was.

    Raises
    ------
    ProblemError
        For an empty file and one in neither encoding.
    """
    data = path.read_bytes()
    if not data.strip():
        raise ProblemError.of("empty_file", path.name, "文件是空的")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise ProblemError.of("unknown_encoding", path.name, "编码不明", expected="UTF-8 或 GB18030")


def _rows(path: Path, text: str) -> Iterator[NumberedRow]:
    """Rows that are not blank, cells without blanks at their ends, each with its first line."""
    # Strict: a stray quotation mark would otherwise swallow the rows after it in silence.
    reader = csv.reader(io.StringIO(text, newline=None), strict=True)
    line = 1
    # A word that stands in a million rows is kept once.
    known: dict[str, str] = {}
    try:
        for row in reader:
            cells = [known.get(cell) or known.setdefault(cell, cell.strip()) for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise ProblemError.of("broken_quotes", f"{path.name}:{line}",
                              "引号不成对，此行以下无法读取", found=str(error),
                              fix="补上或删去多余的双引号") from None  # fmt: skip
