"""Workbooks as somebody sees them who lets a spreadsheet compute every formula anew."""

import re
import tempfile
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import ironcalc
import openpyxl

from bids.evaluation import case_file, evaluate, read, read_document
from bids.evaluation.issues import Refused
from bids.exports import workbook

SHARED_CASES = Path(__file__).resolve().parents[2] / ".." / "shared" / "cases"
STORIES = sorted((Path(__file__).resolve().parents[2] / "bids" / "management" / "stories").glob("*.json"))
CLOSE = 1e-9
_RANGE = re.compile(r"^'?(.+?)'?!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?$")


def shared_cases():
    """Every worked case that is not refused, by name."""
    cases = {}
    for path in sorted(SHARED_CASES.glob("*.json")):
        if not path.name.endswith(".expected.json"):
            try:
                cases[path.stem] = read(path.read_bytes())
            except Refused:
                continue
    return cases


def story(name):
    """One of our own case files."""
    return read(next(path for path in STORIES if path.stem == name).read_bytes())


def changed(case, **keys):
    """The case with other settings as it is read from its file, or `None` where that would be refused."""
    try:
        return read_document(case_file(replace(case, **keys)))
    except Refused:
        return None


class Recalculated:
    """A workbook after its formulas were computed anew, with some cells overwritten before."""

    def __init__(self, data, changes=()):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "workbook.xlsx"
            path.write_bytes(data)
            self.model = ironcalc.load_from_xlsx(str(path), "en", "UTC")
        self.sheets = [sheet["name"] for sheet in self.model.get_worksheets_properties()]
        self.names = {
            name["name"]: name["formula"]
            for name in self.model.get_defined_name_list()
            if name["scope"] is None
        }
        for (sheet, row, column), text in changes:
            self.model.set_user_input(sheet, row, column, text)
        self.model.evaluate()

    def cells(self, name):
        """The places (sheet, row, column) of the cells that a name stands for."""
        sheet, left, top, right, bottom = _RANGE.match(self.names[name]).groups()
        first = ironcalc.column_number_from_name(left)
        last = ironcalc.column_number_from_name(right or left)
        index = self.sheets.index(sheet)
        return [
            (index, row, column)
            for row in range(int(top), int(bottom or top) + 1)
            for column in range(first, last + 1)
        ]

    def values(self, name):
        """The values of those cells."""
        return [self.model.get_cell_value(*cell) for cell in self.cells(name)]

    def ranking(self):
        """Vendor, place and figure of the ranked bids, in their order."""
        columns = [self.values(f"ranking_{part}") for part in ("vendor", "place", "figure")]
        return [row for row in zip(*columns, strict=True) if row[0] not in ("", None)]

    def cell_of(self, code):
        """The place of a criterion's weight."""
        return dict(zip(self.values("weights_code"), self.cells("weights_value"), strict=True))[code]

    @property
    def ok(self):
        """What `check_ok` says."""
        return self.values("check_ok")[0]


def assert_ranks_as(recalculated, result):
    """The places are those of the result, and the figures are within 1e-9 of its figures."""
    ranking = recalculated.ranking()
    assert [row[:2] for row in ranking] == [(row.vendor, row.place) for row in result.ranking]
    for (_vendor, _place, figure), row in zip(ranking, result.ranking, strict=True):
        assert abs(Fraction(figure) - row.figure) <= CLOSE * max(1, abs(row.figure))


def differing_cells(data):
    """Every formula whose stored value is not what it gives when computed anew."""
    recalculated = Recalculated(data)
    formulas, stored = (
        openpyxl.load_workbook(BytesIO(data)),
        openpyxl.load_workbook(BytesIO(data), data_only=True),
    )
    differing = []
    for index, sheet in enumerate(formulas):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    value = stored[sheet.title][cell.coordinate].value
                    computed = recalculated.model.get_cell_value(index, cell.row, cell.column)
                    if not _same(value, computed):
                        differing.append((sheet.title, cell.coordinate, value, computed, cell.value))
    return differing


def _same(value, computed):
    value, computed = ("" if one is None else one for one in (value, computed))
    if (
        isinstance(value, bool)
        or isinstance(computed, bool)
        or isinstance(value, str)
        or isinstance(computed, str)
    ):
        return value == computed and type(value) is type(computed)
    return abs(value - computed) <= CLOSE * max(1, abs(value))


def exported(case, **keys):
    """The result of a case and its workbook, in English unless said otherwise."""
    result = evaluate(case)
    return result, workbook(case, result, **({"language": "en"} | keys))
