"""What papers are made of: plain dataclasses, the same for the printed page and for the `.docx`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEFT, CENTRE, RIGHT = "l", "", "r"


@dataclass(frozen=True, slots=True)
class Cell:
    """Text in a table; `span` columns and `rows` rows wide and high."""

    text: str
    look: str = CENTRE
    span: int = 1
    rows: int = 1
    strong: bool = False

    @property
    def lines(self) -> list[str]:
        """The text by line."""
        return self.text.split("\n")


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a head; `widths` are shares of the whole width, one for each column."""

    head: tuple[Row, ...]
    body: tuple[Row, ...]
    widths: tuple[int, ...]
    grey: frozenset[int] = frozenset()
    title: str = ""

    kind = "table"

    @property
    def columns(self) -> list[int]:
        """The width of each column, in whole percent at least 1."""
        whole = sum(self.widths)
        return [max(1, round(100 * width / whole)) for width in self.widths]

    @property
    def rows(self) -> list[tuple[Row, bool]]:
        """Every row of the body, and whether it stands on grey."""
        return [(row, number in self.grey) for number, row in enumerate(self.body)]


@dataclass(frozen=True, slots=True)
class Notes:
    """Statements one under another, boxed."""

    items: tuple[str, ...]

    kind = "notes"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `small` for what explains a table, `heading` for what stands over a section."""

    text: str
    small: bool = False
    heading: bool = False

    kind = "text"


@dataclass(frozen=True, slots=True)
class Signature:
    """A place to sign: in which capacity, who, and from where."""

    part: str
    name: str
    post: str


@dataclass(frozen=True, slots=True)
class Signatures:
    """Places to sign, side by side."""

    people: tuple[Signature, ...]

    kind = "signatures"


Block = Table | Notes | Text | Signatures


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a paper, with its own title."""

    title: str
    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Foot:
    """What stands at the foot of every sheet."""

    reference: str
    publication: str
    ranking: str
    produced: str
    pending: str

    @property
    def parts(self) -> list[str]:
        """Everything but the number of the page, in order."""
        return [text for text in (self.reference, self.publication, self.ranking, self.produced) if text]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper, ready to be shown. `kind` and `reference` name its file."""

    kind: str
    language: str
    title: str
    organisation: str
    landscape: bool
    sheets: tuple[Sheet, ...]
    foot: Foot


def head(*titles: str) -> tuple[Row, ...]:
    """One row of column titles."""
    return (tuple(Cell(title, strong=True) for title in titles),)


def row(*texts: str, looks: str = "") -> Row:
    """A row of plain cells; `looks` has a letter (l, c or r) for each, the last one for the rest."""
    letters = looks or "l"
    marks = [letters[min(number, len(letters) - 1)] for number in range(len(texts))]
    return tuple(
        Cell(text, look=CENTRE if mark == "c" else mark) for text, mark in zip(texts, marks, strict=True)
    )


def table(titles: Sequence[str], rows: Iterable[Row], widths: Sequence[int], *, title: str = "") -> Table:
    """A table with one row of titles."""
    return Table(head(*titles), tuple(rows), tuple(widths), title=title)
