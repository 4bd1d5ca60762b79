"""A text file with separated values as one table: encoding and separator found out, then read by pandas."""

import csv
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from pathlib import PurePath

from procurement.sheets.formats import not_text
from procurement.sheets.tables import COLUMNS, ROWS, Cell, Table, TableBuilder, tidy
from procurement.sheets.unreadable import Unreadable, gettext_noop

_ENCODING = gettext_noop("The encoding of the text is neither UTF-8 nor Big5. Save it as “CSV UTF-8”.")
_OPEN_QUOTE = gettext_noop("A quotation mark that opens in row %(row)d is never closed.")
_UNEVEN = gettext_noop("Row %(row)d has more than %(limit)d columns.")
_MANY_ROWS = gettext_noop("The file has more than %(limit)d rows.")
_DAMAGED = gettext_noop("The text cannot be read as a table of separated values.")

_SEPARATORS = (",", ";", "\t", "|")
#: The records that tell the separator, and how much text they are looked for in.
_SAMPLE_RECORDS, _SAMPLE_LENGTH = 20, 65_536
_SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\ue000-\uf8ff]")


def read_separated(name: str, data: bytes) -> Table:
    """Return the one table of a text file, named like the file. Raises `Unreadable`."""
    text = decode(data)
    declared = _SEP_LINE.match(text)
    if declared is None:
        separator, first_row = _separator(text), 1
    else:
        text, separator, first_row = text[declared.end() :], declared[1], 2
    builder = TableBuilder(tidy(PurePath(name.replace("\\", "/")).stem))
    for number, values in enumerate(_records(text, separator), start=first_row):
        cells = [(column, tidy(value)) for column, value in enumerate(values, start=1) if value]
        builder.add_row([Cell(number, column, value) for column, value in cells if value])
    return builder.table()


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8 or UTF-16, with or without byte-order mark, or in Big5.

    Raises `Unreadable` where none of them fits without leaving control or private characters.
    """
    guesses = ["utf-8-sig", "cp950", "big5hkscs"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        guesses = ["utf-16"]
    elif b"\0" in data[:4096]:
        odd, even = data[1:4096:2].count(0), data[0:4096:2].count(0)
        guesses = ["utf-16-le" if odd > even else "utf-16-be"]
    for guess in guesses:
        try:
            text = data.decode(guess)
        except UnicodeDecodeError:
            continue
        if not _CONTROLS.search(text):
            return text
    controls = sum(byte < 9 or 14 <= byte < 32 for byte in data[:4096])
    raise not_text() if controls > len(data[:4096]) // 50 else Unreadable(_ENCODING)


def _separator(text: str) -> str:
    """Return the separator under which the first records agree best on a number of columns above one."""
    best, best_score = ",", (0, 0)
    for separator in _SEPARATORS:
        records = csv.reader(StringIO(text[:_SAMPLE_LENGTH], newline=""), delimiter=separator)
        try:
            widths = Counter(len(record) for record in islice(records, _SAMPLE_RECORDS) if len(record) > 1)
        except csv.Error:
            continue
        for width, agreeing in widths.most_common(1):
            if (agreeing, width) > best_score:
                best, best_score = separator, (agreeing, width)
    return best


def _records(text: str, separator: str) -> Iterator[tuple[str, ...]]:
    """Give the records of the text, each with `COLUMNS` + 1 values, "" where there is none."""
    import pandas as pd  # noqa: PLC0415 - slow to import, so only where a text is read

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # it warns where a first row is cut
            frame = pd.read_csv(
                StringIO(text.rstrip("\r\n " + separator), newline=""),
                sep=separator,
                header=None,
                names=list(range(COLUMNS + 1)),
                index_col=False,
                nrows=ROWS + 1,
                dtype=str,
                keep_default_na=False,
                na_filter=False,
                skip_blank_lines=False,
                skipinitialspace=True,
                low_memory=False,
            )
    except pd.errors.EmptyDataError:
        return
    except pd.errors.ParserWarning as error:
        raise Unreadable(_UNEVEN, {"row": 1, "limit": COLUMNS}) from error
    except (pd.errors.ParserError, ValueError) as error:
        raise _broken(str(error)) from error
    if len(frame) > ROWS:
        raise Unreadable(_MANY_ROWS, {"limit": ROWS})
    yield from frame.itertuples(index=False, name=None)


def _broken(complaint: str) -> Unreadable:
    """Return our own sentence for what pandas complains of."""
    quote = re.search(r"EOF inside string starting at row (\d+)", complaint)
    if quote is not None:
        return Unreadable(_OPEN_QUOTE, {"row": int(quote[1]) + 1})
    uneven = re.search(r"in line (\d+), saw", complaint)
    if uneven is not None:
        return Unreadable(_UNEVEN, {"row": int(uneven[1]), "limit": COLUMNS})
    return Unreadable(_DAMAGED)
