"""Cell addresses as spreadsheets write them."""


def column_letters(column: int) -> str:
    """Return the letters of a column counted from 0: 0 is A, 25 Z, 26 AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def address(row: int, column: int, *, sheet: str | None = None, absolute: bool = True) -> str:
    """Return the address of a cell (counting from 0) for a formula: ``$C$8``, or ``'評選 排名'!$C$8``."""
    mark = "$" if absolute else ""
    cell = f"{mark}{column_letters(column)}{mark}{row + 1}"
    return cell if sheet is None else "'" + sheet.replace("'", "''") + "'!" + cell
