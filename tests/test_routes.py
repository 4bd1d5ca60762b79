"""Every route, as everybody, at every stage: who is let in, who is told no, and for whom nothing is there.

The routes come from the resolver: one without an entry in `ROUTES` fails, and so does an entry without one.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bids.actions import awards, objections, submission
from bids.actions.publication import cancel
from bids.cases import evaluated
from bids.models import Attachment, Bid, Claim, Objection
from procurement.choices import Role
from procurement.models import Tender, User, Vendor
from tests.cast import NOW, Cast, hand_in

pytestmark = pytest.mark.django_db

#: The stages in the order in which a tender walks through them. Entries name them by their letters.
STAGES = {
    "D": "draft",
    "P": "published",
    "C": "closed",
    "O": "opened",
    "L": "locked",
    "R": "priced",
    "K": "ranked",
    "A": "awarded",
    "X": "cancelled",
}
ALL = "".join(STAGES)

BANK = ("officer", "security", "business", "approver", "auditor")
PANEL = ("security", "business")
VENDORS = ("vendor", "outsider")
WALKERS = (*BANK, "administrator", *VENDORS, "stranger")

Who = Mapping[str, str]


def at(stages: str, *who: str) -> dict[str, str]:
    """These people, at these stages."""
    return dict.fromkeys(who, stages)


#: At which stages who may know of the tender. The security member owns it, the business one has a seat; the
#: vendor bids, the outsider is a vendor that does not, the stranger a panel member of other tenders.
KNOWN = at(ALL, *BANK) | at("PCOLRKAX", "vendor") | at("PC", "outsider")
#: Of what came in the bank knows from the opening on, vendors nothing through these doors.
OPENED = at("OLRKAX", *BANK)


@dataclass(frozen=True)
class Route:
    """Who is let in when, and who is told no (403) because the thing is known; all others get 404."""

    let_in: Who
    known: Who
    method: str = "get"

    def expected(self, who: str, stage: str) -> str:
        """What the walker should meet."""
        if stage in self.let_in.get(who, ""):
            return "let in"
        return "told no" if stage in self.known.get(who, "") else "nothing there"


def everywhere(*let_in: str, method: str = "get") -> Route:
    """A route of no tender: open to some, and 403 to all others."""
    return Route(at(ALL, *let_in), at(ALL, *WALKERS), method)


def page(let_in: Who, known: Who = KNOWN) -> Route:
    """A page, or a form, of a tender."""
    return Route(let_in, known)


def act(let_in: Who, known: Who = KNOWN) -> Route:
    """A change to a tender: POST only."""
    return Route(let_in, known, "post")


WRITING = at("D", "officer")
MEETING = at("O", "officer")
RANKING = at("RKA", *BANK)

ROUTES: dict[str, Route] = {
    # the front door
    "sign-in": everywhere(*WALKERS),
    "sign-out": everywhere(*WALKERS, method="post"),
    "set-language": everywhere(*WALKERS, method="post"),
    "set-theme": everywhere(*WALKERS, method="post"),
    "work": everywhere(*WALKERS),
    # people
    "people": everywhere("administrator"),
    "person-new": everywhere("administrator"),
    "person-edit": everywhere("administrator"),
    "person-activity": everywhere("administrator", method="post"),
    "unit-new": everywhere("administrator"),
    "unit-edit": everywhere("administrator"),
    "vendor-new": everywhere("administrator"),
    "vendor-edit": everywhere("administrator"),
    "trail": everywhere("auditor"),
    # the specification
    "tenders": everywhere(*BANK, *VENDORS, "stranger"),
    "tender-new": everywhere("officer"),
    "import-template": everywhere("officer"),
    "tender": page(KNOWN),
    "tender-edit": page(WRITING),
    "tender-import": page(WRITING),
    "requirement-new": page(WRITING),
    "requirement-edit": page(WRITING),
    "requirement-delete": act(WRITING),
    "requirement-move": act(WRITING),
    "criterion-new": page(WRITING),
    "criterion-edit": page(WRITING),
    "criterion-delete": act(WRITING),
    "criterion-move": act(WRITING),
    "seat-new": page(WRITING),
    "seat-edit": page(WRITING, at(ALL, *BANK)),
    "seat-delete": act(WRITING, at(ALL, *BANK)),
    "publish": act(WRITING),
    "cancel": act(at("DPCOLRK", "officer")),
    # submission
    "bid": page(at("PCOLRKAX", "vendor") | at("PC", "outsider")),
    "bid-submit": act(at("P", *VENDORS)),
    "bid-withdraw": act(at("P", "vendor"), KNOWN | at("", "outsider")),
    "bid-file-add": act(at("P", *VENDORS)),
    "bid-file-remove": act(at("P", "vendor"), KNOWN | at("", "outsider")),
    "attachment": page(OPENED | at("PCOLRKAX", "vendor"), {}),
    # opening
    "opening": page(at(ALL, *BANK)),
    "open-technical": act(at("C", "officer")),
    "record-evaluation": page(at("C", "officer")),
    "record-template": page(at("C", "officer")),
    "recuse": act(MEETING),
    "seat-presence": act(MEETING, at(ALL, *BANK)),
    "lock-marks": act(MEETING),
    "open-prices": act(at("L", "officer")),
    # verification
    "verification": page(at("OLRKA", *BANK)),
    "finding-save": act(at("O", "security"), OPENED),
    "waive": act({}, OPENED),
    "bid-exclude": act(MEETING, OPENED),
    # marks
    "marks": page(at("OLRKA", "officer", *PANEL) | at("LRKA", "approver", "auditor")),
    "mark-save": act(at("O", *PANEL)),
    "marks-submit": act(at("O", *PANEL)),
    "agreed-save": act(MEETING),
    # decision
    "decision": page(RANKING | at("A", "vendor")),
    "workbook": page(RANKING),
    "case-file": page(RANKING),
    "result-file": page(RANKING),
    "present": act(at("R", "officer")),
    "objection-new": page(at("OLRK", *PANEL)),
    "objection": page(OPENED, at(ALL, "administrator", *VENDORS)),
    "objection-answer": act(at("OLR", "approver"), OPENED | at(ALL, "administrator", *VENDORS)),
    "award": page(at("K", "approver")),
}

#: Reads that leave an entry in the trail; every other GET writes nothing at all.
ON_RECORD = {"attachment", "workbook", "case-file", "result-file"}

#: Routes that do not look at any tender: one stage tells as much as nine.
TENDERLESS = {
    name
    for name, route in ROUTES.items()
    if set(route.known) == set(WALKERS) and name not in {"work", "tenders", "trail"}
}

#: What a form sends so that the question is who sends it, and not what is missing.
DATA: dict[str, dict[str, str]] = {
    "set-language": {"language": "en"},
    "set-theme": {"theme": "dark"},
    "cancel": {"reason": "The system is given up."},
}


# --- the resolver -----------------------------------------------------------------------------------------
def routes(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address of the site."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern)
        else:
            yield pattern


PATTERNS = {pattern.name: pattern for pattern in routes()}


def test_every_route_has_an_entry_and_every_entry_a_route():
    assert sorted(PATTERNS) == sorted(ROUTES)
    assert len(PATTERNS) == len(list(routes())), "two routes have one name"


# --- the tender, stage by stage ---------------------------------------------------------------------------
def bid_with_a_file(cast: Cast, tender: Tender) -> None:
    """The vendor hands in a bid with a file; nobody else does so far."""
    submission.save_draft(actor=cast.vendor, tender=tender, answers={}, price="", seen=0, now=NOW)
    submission.add_file(
        actor=cast.vendor,
        tender=tender,
        requirement=tender.requirements.first(),
        name="report.pdf",
        content=b"%PDF-1.7",
        now=NOW,
    )
    hand_in(cast.vendor, tender, "15000000")


def warn(cast: Cast, tender: Tender) -> None:
    """The security member raises a warning against the rival's bid."""
    objections.raise_objection(
        actor=cast.security,
        tender=tender,
        bid=Bid.objects.get(tender=tender, vendor=cast.rival.vendor),
        requirement=None,
        severity="high",
        claim="The key is the vendor's",
        remedy="",
        due_at=NOW + timedelta(days=1),
        now=NOW,
    )


def walk_to(request: pytest.FixtureRequest, letter: str) -> Tender:
    """The tender at a stage, with a bid and its file, claims and a warning as soon as there can be any."""
    cast: Cast = request.getfixturevalue("cast")
    last = "O" if letter == "X" else letter
    tender: Tender = request.getfixturevalue("draft")
    for stage in ALL[1 : ALL.index(last) + 1]:
        if stage in "PCOLR":
            tender = request.getfixturevalue(STAGES[stage])
        if stage == "P":
            bid_with_a_file(cast, tender)
        elif stage == "O":
            tender.refresh_from_db()
            warn(cast, tender)
        elif stage == "K":
            tender = awards.present_ranking(actor=cast.officer, tender=tender, now=NOW)
            Objection.objects.update(answer="rejected", answered_by="Approver", answer_reason="Settled")
        elif stage == "A":
            seen = evaluated(tender, now=NOW)[1].fingerprint
            awards.award(actor=cast.approver, tender=tender, reason="First", seen=seen, now=NOW)
    if letter == "X":
        tender.refresh_from_db()
        cancel(actor=cast.officer, tender=tender, reason="The system is given up.", now=NOW)
    tender.refresh_from_db()
    return tender


def address_book(cast: Cast, tender: Tender) -> dict[str, Any]:
    """What the addresses of this tender name: keys of rows by the first word of a route, and other parts."""
    nothing = uuid.UUID(int=0)
    rivals = Bid.objects.filter(tender=tender, vendor=cast.rival.vendor).first()
    claim = Claim.objects.filter(bid=rivals).first() if rivals else None
    attachment, objection = Attachment.objects.first(), Objection.objects.first()
    return {
        "requirement": tender.requirements.first().pk,
        "criterion": tender.criteria.get(code="S").pk,
        "seat": tender.seats.first().pk,
        "person": cast.rival.pk,
        "unit": cast.officer.unit_id,
        "vendor": cast.rival.vendor_id,
        "finding": claim.pk if claim else 0,
        "waive": claim.pk if claim else 0,
        "objection": objection.pk if objection else 0,
        "attachment": attachment.pk if attachment else nothing,
        "bid": rivals.pk if rivals else nothing,
        "file": attachment.pk if attachment else nothing,
        "extension": "xlsx",
        "tender": tender.pk,
    }


def address(name: str, book: dict[str, Any]) -> str:
    """The address of a route for this tender."""
    pattern = str(PATTERNS[name].pattern)
    arguments = {}
    for part in PATTERNS[name].pattern.converters:
        if part == "pk":
            row = "tender" if pattern.startswith("tenders/") else name.partition("-")[0]
            arguments[part] = book[row]
        elif part == "kind":
            arguments[part] = "bids" if name == "record-template" else "requirements"
        else:
            arguments[part] = book[part]
    return reverse(name, kwargs=arguments)


# --- the walk ---------------------------------------------------------------------------------------------
#: 400 and 409 (a version is missing from the form) come after the question of who may.
ANSWERS = dict.fromkeys((200, 302, 400, 409, 422), "let in") | {403: "told no", 404: "nothing there"}


def met(client: Client, route: Route, url: str, data: dict[str, str]) -> tuple[str, list[str]]:
    """What the walker meets, and what the request wrote; all of it is taken back."""
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        response = getattr(client, route.method)(url, data)
        b"".join(response)  # a file is closed when it was read to its end
        transaction.set_rollback(True)
    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    return ANSWERS.get(response.status_code, str(response.status_code)), written


@pytest.mark.parametrize("letter", ALL, ids=STAGES.values())
@pytest.mark.usefixtures("clock")
def test_the_walk(request, cast, letter):
    tender = walk_to(request, letter)
    cast.outsider = User.objects.create(
        username="outsider", role=Role.VENDOR, vendor=Vendor.objects.create(name="Third"), language="en"
    )
    book = address_book(cast, tender)
    data = DATA | {"bid-file-add": {"requirement": str(book["requirement"])}}
    names = [name for name in ROUTES if name not in TENDERLESS or letter == "P"]
    surprises = []
    for who in WALKERS:
        client = Client()
        client.force_login(getattr(cast, who))
        # Signing out comes last: the client forgets its session.
        for name in sorted(names, key="sign-out".__eq__):
            route = ROUTES[name]
            result, written = met(client, route, address(name, book), data.get(name, {}))
            if result != route.expected(who, letter):
                surprises.append(f"{who} at {name}: {result}, not {route.expected(who, letter)}")
            if written and route.method == "get" and name not in ON_RECORD:
                surprises.append(f"{who} at {name}: a GET wrote {written[0]}")
    assert surprises == []


@pytest.mark.usefixtures("clock")
def test_nobody_gets_anywhere_without_signing_in(client, cast, request):
    book = address_book(cast, walk_to(request, "A"))
    for name, route in ROUTES.items():
        if name in {"sign-in", "set-language"}:
            continue
        url = address(name, book)
        response = getattr(client, route.method)(url)
        assert response.status_code == 302, name
        assert response.url.startswith(reverse("sign-in")), name
    assert client.get(reverse("sign-in")).status_code == 200


@pytest.mark.usefixtures("clock")
def test_changes_are_no_links(client, cast, request):
    book = address_book(cast, walk_to(request, "O"))
    for who in (cast.officer, cast.security, cast.vendor, cast.administrator):
        client.force_login(who)
        for name, route in ROUTES.items():
            if route.method == "post":
                assert client.get(address(name, book)).status_code == 405, name


@pytest.mark.usefixtures("clock")
def test_a_no_comes_with_its_reason(client, cast, published):
    client.force_login(cast.security)
    for name in ("tender-edit", "tender-new", "people", "trail"):
        arguments = [published.pk] if name == "tender-edit" else []
        response = client.get(reverse(name, args=arguments))
        assert response.status_code == 403
        assert "This is for: " in response.content.decode()
    client.force_login(cast.officer)
    refused = client.get(reverse("tender-edit", args=[published.pk]))
    assert "The specification was published and is frozen." in refused.content.decode()
