"""Papers for the tests: the story's ATM tender at review and awarded, and what stands on a paper."""

from pathlib import Path

from bids.actions.awards import present_ranking
from bids.actions.loading import load_case
from bids.actions.papers import produce, produce_letter
from bids.evaluation import read
from bids.papers.document import Notes, Paper, Signatures, Table, Text
from procurement.models import Vendor
from tests.awarded import award_it
from tests.bids.vendors import sent_on_paper
from tests.cast import NOW

STORIES = Path(__file__).resolve().parents[2] / "bids" / "management" / "stories"
WINNER, LOSER, EXCEPTED, OUT, CONCEALED = "磐礎資安", "鼎澈資訊", "遠衡系統", "捷惠科技", "宏橡軟體"
LANGUAGES = ["zh-hant", "en"]


def load(name, cast):
    return load_case(read((STORIES / f"{name}.json").read_bytes()), now=NOW, actor=cast.officer)


def atm(cast):
    """The ATM tender, prices open, with the cast's two members on its panel."""
    tender = load("atm-endpoint", cast)
    for code, person in (("lin", cast.security), ("xu", cast.business)):
        tender.seats.filter(code=code).update(user=person)
    return tender


def awarded_atm(cast):
    """Awarded to the first, as scored; each of two vendors' people is a loser's."""
    tender = atm(cast)
    award_it(tender)
    for person, vendor in ((cast.vendor, LOSER), (cast.rival, OUT)):
        person.vendor = Vendor.objects.get(name=vendor)
        person.save(update_fields=["vendor"])
        sent_on_paper(tender.bids.get(vendor=person.vendor))
    tender.refresh_from_db()
    return tender


def tender_at_review(cast, tender):
    return present_ranking(actor=cast.officer, tender=tender, now=NOW)


def made(actor, tender, kind, language="en", **more):
    told = {"form": "print", "lettered": False} | more
    return produce(actor=actor, tender=tender, kind=kind, language=language, now=NOW, **told)


def letter_to(actor, tender, vendor, language="en"):
    bid = tender.bids.get(vendor__name=vendor)
    return produce_letter(actor=actor, bid=bid, language=language, form="print", now=NOW)


def texts(paper: Paper):
    """Every text of a paper but its foot."""
    for sheet in paper.sheets:
        yield sheet.title
        for fact in sheet.facts:
            yield from fact
        for block in sheet.blocks:
            if isinstance(block, Table):
                yield from (cell.text for row in (*block.head, *block.body) for cell in row)
            elif isinstance(block, Notes):
                yield from block.items
            elif isinstance(block, Signatures):
                yield from (text for one in block.people for text in (one.part, one.name, one.post))
            elif isinstance(block, Text):
                yield block.text


def text_of(paper):
    return "\n".join(texts(paper))


def members(tender):
    return [seat.name for seat in tender.seats.all()]


def row_that_begins(paper, *beginnings):
    tables = [block for sheet in paper.sheets for block in sheet.blocks if isinstance(block, Table)]
    rows = [[cell.text for cell in row] for table in tables for row in table.body]
    return next(row for row in rows if row[0] in beginnings)
