"""Drafts of the story that somebody is at work on: one for an app, and one that a signature holds up."""

from datetime import datetime, timedelta

from bids.actions.asking import standing_of
from bids.actions.clearances import sign_off_draft
from bids.actions.publication import draft_fingerprint
from procurement import intake
from procurement.actions.arranging import edit_requirements
from procurement.actions.blanks import fill_blanks
from procurement.actions.intake import answer_lowering, ask_to_lower
from procurement.actions.picking import ENTRY, Choice, pick
from procurement.actions.reusing import save_template
from procurement.actions.taking import People, take_over
from procurement.choices import Agreement, ClearanceSide, Part, PriceFormula
from procurement.models import CatalogueEntry, Tender, User

from .asked import answered, signed_off
from .teller import Teller

#: Answers that make a Class 2 system of level 高.
_APP: intake.Answers = {
    "bought": ["custom-development", "mobile-app"],
    "system": "supports",
    "data": "financial",
    "exposure": "internet",
    "operator": "remote",
    "impact": "all",
    "place": "premises",
    "price": "from-10m",
}

#: What is picked besides: the bank's own rules, and lines of 附表十 that ask for what the baseline asks for.
_PICKED = (
    ("OWN-COMMON", "115", ("OC-1.2", "OC-2.2", "OC-2.3", "OC-3.2")),
    ("tw-annex10-excerpt", "節錄", ("TW-A10-AC-08", "TW-A10-AC-09", "TW-A10-AC-12")),
)


def tell(teller: Teller, now: datetime) -> None:
    """The app's draft, the draft that waits for the owner, and a template for the next ones."""
    _app(teller, now)
    _ready(teller, now)
    save_template(
        actor=teller.officer,
        tender=Tender.objects.get(reference="ITS-2026-046"),
        name="邊界防護設備（第二類，等級中）",
        note="依 115 年共通資安規格；下次改版併入內建基準。",
        now=now - timedelta(days=8),
    )


def _app(teller: Teller, now: datetime) -> None:
    """Proposals are taken over and more is picked; security agreed to one lowering and another one waits."""
    people, officer, begun = teller.people, teller.officer, now - timedelta(days=3)
    tender = teller.draft(
        "ITS-2026-055",
        "行動銀行 App 改版",
        "行動銀行",
        millions=32,
        deadline=now + timedelta(days=45),
        now=begun,
        owner_unit=people["xu"].unit,
        owner=people["xu"],
        price_formula=PriceFormula.LINEAR_TO_LOWEST,
        price_parameters={},
    )
    answered(tender, officer, begun, _APP)
    sides = {"security": people["lin"], "it": people["wang"], "business": people["xu"]}
    owners = {**sides, "procurement": officer}
    chosen = People(owners=owners, members=sides)
    take_over(actor=officer, tender=tender, parts=Part.values, people=chosen, now=begun)
    _pick(officer, people["lin"], tender, begun + timedelta(hours=2))
    _fill(officer, tender, begun + timedelta(hours=3))
    sign_off_draft(
        actor=people["he"],
        tender=tender,
        side=ClearanceSide.SECURITY,
        seen=draft_fingerprint(tender),
        now=begun + timedelta(hours=5),
    )
    _lower(teller, tender, begun + timedelta(days=1))


def _pick(officer: User, security: User, tender: Tender, now: datetime) -> None:
    """Rows of two catalogues, scored; for those of the bank's own somebody of security answers already."""
    keys = []
    for code, edition, names in _PICKED:
        rows = CatalogueEntry.objects.filter(
            catalogue__code=code,
            catalogue__edition=edition,
            catalogue__language="zh-Hant",
            identifier__in=names,
        )
        keys += [f"{ENTRY}{pk}" for pk in rows.order_by("position").values_list("pk", flat=True)]
    choice = Choice(mandatory=False, criterion=tender.criteria.get(code="S3"))
    pick(actor=officer, tender=tender, keys=keys, choice=choice, now=now)
    own = tender.requirements.filter(catalogue="OWN-COMMON")
    edit_requirements(
        actor=officer,
        tender=tender,
        seen=dict(own.values_list("pk", "version")),
        values={"unit": security.unit, "owner": security},
        now=now,
    )


def _fill(officer: User, tender: Tender, now: datetime) -> None:
    """Every blank but the last two gets what is suggested; those two hold the publication up."""
    places = [
        ((row.pk, blank["id"]), blank["suggested"])
        for row in tender.requirements.all()
        for blank in row.blanks
    ]
    fill_blanks(actor=officer, tender=tender, values=dict(places[:-2]), now=now)


def _lower(teller: Teller, tender: Tender, now: datetime) -> None:
    """One gate becomes scored by agreement; whether another one may is for security to say."""
    people = teller.people
    gates = tender.requirements.filter(catalogue="assay-baseline", mandatory=True).order_by("-position")
    for place, row in enumerate(gates[:2]):
        row.mandatory = False
        row.criterion = tender.criteria.get(code="S4")
        row.save(update_fields=["mandatory", "criterion"])
        standing = standing_of(tender)
        items = [intake.lowering_of(one) for one in standing.unasked] if standing else []
        lowering = ask_to_lower(
            actor=teller.officer,
            tender=tender,
            items=items,
            reason="市場上僅一家符合，改為評分項以維持競爭。",
            now=now + timedelta(hours=place * 20),
        )
        if place == 0:
            answer_lowering(
                actor=people["lin"],
                lowering=lowering,
                answer=Agreement.AGREED,
                reason="同意改為評分項；得分最低者須於決標前提出補救計畫。",
                seen=1,
                now=now + timedelta(hours=3),
            )


def _ready(teller: Teller, now: datetime) -> None:
    """Nothing is missing but the signature of the owner."""
    tender = teller.complete(
        "ITS-2026-054",
        "資料庫活動監控擴充",
        "伺服器維運",
        millions=18,
        deadline=now + timedelta(days=28),
        now=now - timedelta(days=5),
    )
    signed_off(tender, teller.people, now - timedelta(days=1), ClearanceSide.SECURITY)
