"""Members mark alone: whatever others do, a member who has not submitted reads the same bytes everywhere.

The pages are not listed by hand: every address of the site is asked for, with every key that leads to
something of the tender, by GET and by POST, in a world in which the others have marked and in one in which
they have not.
"""

import logging
import re
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import transaction
from django.urls import reverse

from bids import queries
from bids.actions import opening, panel, scoring
from bids.actions.reminders import send_reminders
from bids.choices import ResolutionKind
from procurement.choices import Role
from procurement.models import Seat, User
from tests.cast import NOW, hand_in, open_bids
from tests.procurement.exceptions import TODAY, advise, ask, decide

from . import vendors
from .meeting import resolve
from .pages import addresses, everything, plain

#: Signing out ends the walk; the trail is the auditor's.
LEFT_OUT = frozenset({"sign-out", "trail"})

#: What somebody might send anywhere to be told too much.
JUNK = {
    "version": "1",
    "seen": "1",
    "mark": "3",
    "comment": "x",
    "reason": "x",
    "password": "x",
    "present": "on",
    "outcome": "asked",
    "corrected": "3",
}


#: Who may not read a page, or know of it, is told the same when sending to it.
REFUSED = (403, 404)


@pytest.fixture(autouse=True)
def quiet(short_refusals):
    """Hundreds of refusals are what is asked for here; nobody reads them in a log."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@contextmanager
def undone():
    """What happens inside leaves no trace in the database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def add_file(person, tender):
    return vendors.add_file(person, tender, "report.pdf", at=NOW - timedelta(hours=4))


@pytest.fixture
def expert(units):
    """A third member, of a third unit."""
    return User.objects.create(
        username="expert", name="Expert", role=Role.MEMBER, unit=units["it"], language="en"
    )


@pytest.fixture
def asked(draft, expert):
    """A draft with three members and requirements that inform what they mark."""
    Seat.objects.create(
        tender=draft, position=2, code="expert", unit=expert.unit, user=expert, name=expert.name, expert=True
    )
    draft.requirements.filter(code="R1").update(criterion=draft.criteria.get(code="S"))
    draft.requirements.filter(code="R3").update(criterion=draft.criteria.get(code="Q"))
    return draft


@pytest.fixture
def tender(cast, asked, published):
    """Three members, two bids with files, open to be marked; every member has given one mark."""
    for vendor, price in ((cast.vendor, "15000000"), (cast.rival, "12000000")):
        add_file(vendor, published)
        hand_in(vendor, published, price, at=NOW - timedelta(hours=3), R2="not_met")
    published.deadline = NOW - timedelta(hours=1)
    published.save(update_fields=["deadline"])
    opened = open_bids(cast.officer, published, at=NOW - timedelta(minutes=30))
    for seat in opened.seats.all():
        leaf, bid = next(queries.marking(opened).cells_of(seat, price=False))
        give(seat, leaf, bid, 7)
    return opened


def give(seat, leaf, bid, mark):
    scoring.save_mark(
        actor=seat.user,
        seat=seat,
        bid=bid,
        criterion=leaf.row,
        mark=Decimal(mark),
        comment=f"{seat.code} says {mark}",
        seen=0,
        now=NOW - timedelta(minutes=20),
    )


def others_mark(tender, person, *, submit):
    """Everybody but the person marks what is left, each in an own way, and submits the sheet."""
    plan = queries.marking(tender)
    for number, seat in enumerate(seat for seat in plan.seats if seat.user_id != person.pk):
        for leaf, bid in queries.cells_missing(plan, seat):
            give(seat, leaf, bid, 11 + number + bid.position)
        if submit:
            scoring.submit_marks(actor=seat.user, seat=seat, now=NOW - timedelta(minutes=10))


def enter_as_absent(cast, tender, person):
    seat = tender.seats.get(user=person)
    panel.set_presence(actor=cast.officer, seat=seat, present=False, reason="ill", seen=seat.version, now=NOW)


def asked_everywhere(client, person, where):
    """What the person is answered at every address, read and sent to."""
    mail.outbox.clear()
    told = everything(client, person, where)
    for address in where:
        if "?" not in address and told[address][0] not in REFUSED:
            with undone():
                told[f"{address} sent to"] = plain(client.post(address, JUNK))
    with undone():
        send_reminders(now=NOW)
    told["mail"] = (200, None, "".join(one.body for one in mail.outbox if person.email in one.to))
    return told


def pages_of(tender):
    """The addresses below the tender's own, and one's work."""
    below = [at for at in addresses(tender, left_out=LEFT_OUT) if str(tender.pk) in at]
    return [reverse("work"), *below]


def differing(one, other):
    """The addresses at which two worlds differ, with the lines that are new in the second."""
    found = {}
    for address in one:
        if one[address] != other[address]:
            before, after = (str(world[address][2]).splitlines() for world in (one, other))
            found[address] = [line.strip()[:300] for line in after if line not in before][:3]
    return found


# --- while the members mark -------------------------------------------------------------------------------
def test_no_answer_tells_what_others_have_marked(client, clock, cast, tender):
    person = cast.security
    person.email = "security@bank.example"
    person.save(update_fields=["email"])
    entry = ask(cast.business, owner=person, tender=tender, expires_on=TODAY + timedelta(days=1))
    advise(cast.security_head, entry)
    decide(cast.approver, entry)
    with undone():
        others_mark(tender, person, submit=True)
        where = addresses(tender, left_out=LEFT_OUT)
        submitted = asked_everywhere(client, person, where)
    assert len(where) > 100
    assert "due 2026/11/23" in submitted["mail"][2], "there is a mail to compare"
    assert differing(asked_everywhere(client, person, where), submitted) == {}


@pytest.mark.usefixtures("clock", "expert")
@pytest.mark.parametrize("who", ["business", "business absent", "expert"])
def test_no_page_tells_a_member_who_is_present_or_absent(client, cast, tender, who):
    name, _space, absent = who.partition(" ")
    person = User.objects.get(username=name)
    if absent:
        enter_as_absent(cast, tender, person)
    with undone():
        others_mark(tender, person, submit=True)
        where = pages_of(tender)
        submitted = everything(client, person, where)
    assert differing(everything(client, person, where), submitted) == {}


def test_the_walk_sees_what_may_be_seen(client, clock, cast, tender):
    """The same comparison finds the others' marks once one's own are submitted, so it is not blind."""
    person = cast.security
    seat = tender.seats.get(user=person)
    plan = queries.marking(tender)
    for leaf, bid in queries.cells_missing(plan, seat):
        give(seat, leaf, bid, 9)
    scoring.submit_marks(actor=person, seat=seat, now=NOW)
    where = [reverse("marks", args=[tender.pk])]
    alone = asked_everywhere(client, person, where)
    others_mark(tender, person, submit=True)
    told = differing(alone, asked_everywhere(client, person, where))
    assert "business says" in str(told)


def test_no_page_tells_what_others_mark_in_a_later_round(client, clock, cast, priced):
    leaf = priced.criteria.get(code="S")
    bid = priced.bids.get(position=0)
    resolve(cast.officer, priced, ResolutionKind.REDO, criterion=leaf, bid=bid, again=[leaf])
    priced.refresh_from_db()
    person = cast.security
    with undone():
        others_mark(priced, person, submit=True)
        where = pages_of(priced)
        submitted = everything(client, person, where)
    assert differing(everything(client, person, where), submitted) == {}
    ranking = reverse("decision", args=[priced.pk])
    assert "Bids are being marked again" in submitted[ranking][2]
    others_mark(priced, cast.stranger, submit=True)
    assert everything(client, person, [ranking])[ranking][0] == 200


# --- an absence shows nobody a mark -----------------------------------------------------------------------
def marks_seen(person, tender):
    plan = queries.marking(tender)
    seen = queries.marks_visible_to(person, tender, plan).exclude(seat__user=person)
    return seen.exists() or queries.may_read_round(person, tender, plan)


def test_an_absence_that_is_entered_while_others_mark_shows_the_officer_nothing(client, clock, cast, tender):
    others_mark(tender, cast.security, submit=True)
    assert not marks_seen(cast.officer, tender)
    enter_as_absent(cast, tender, cast.security)
    assert queries.sheets_missing(tender, queries.marking(tender)) == []
    assert not marks_seen(cast.officer, tender)
    assert not marks_seen(cast.security, tender)
    assert marks_seen(cast.business, tender)
    client.force_login(cast.officer)
    assert "says 11" not in client.get(reverse("marks", args=[tender.pk])).content.decode()
    assert client.get(reverse("differences", args=[tender.pk])).status_code == 403
    tender.stage = "technical_locked"
    assert marks_seen(cast.officer, tender)


def test_who_was_absent_from_the_start_keeps_nobody_waiting(cast, asked, closed):
    named = opening.name_bidders(actor=cast.officer, tender=closed, now=NOW)
    seat = named.seats.get(user=cast.security)
    panel.set_presence(actor=cast.officer, seat=seat, present=False, reason="ill", seen=1, now=NOW)
    later = NOW + timedelta(minutes=1)
    tender = open_bids(cast.officer, named, at=later)
    others_mark(tender, cast.security, submit=True)
    assert marks_seen(cast.officer, tender)
    assert not marks_seen(cast.security, tender)


def test_who_is_recused_keeps_nobody_waiting(cast, tender):
    for bid in tender.bids.all():
        seat = tender.seats.get(user=cast.security)
        panel.recuse(actor=cast.officer, seat=seat, bid=bid, reason="kin", now=NOW)
    others_mark(tender, cast.security, submit=True)
    assert marks_seen(cast.officer, tender)
    assert not queries.marks_visible_to(cast.security, tender, queries.marking(tender)).exists()


# --- between naming and opening ---------------------------------------------------------------------------
def hand_in_something_else(cast, tender):
    """The same bidders with other answers, prices, files, and in another order of receipt."""
    add_file(cast.vendor, tender)
    hand_in(cast.vendor, tender, "9", at=NOW - timedelta(hours=2), R1="not_met")
    receipt = hand_in(cast.vendor, tender, "8", at=NOW - timedelta(hours=2), R2="not_met")
    vendors.withdraw(cast.vendor, receipt.bid, at=NOW - timedelta(hours=2))
    hand_in(cast.vendor, tender, "8", at=NOW - timedelta(minutes=90), R2="not_met")


def told_after_naming(client, cast, tender, part, where):
    """What a person is told at every address; the root of what was closed, which is random, is left out."""
    opening.name_bidders(actor=cast.officer, tender=tender, now=NOW)
    told = everything(client, getattr(cast, part), where)
    return {
        key: (*said, re.sub(r"(?:[0-9a-f]{4} ?){4,}", "", str(text))) for key, (*said, text) in told.items()
    }


@pytest.mark.parametrize("part", ["officer", "security", "rival"])
def test_after_the_naming_no_page_tells_what_was_handed_in(client, clock, cast, closed, part):
    # claims and whatever else has a number is not there yet
    where = [at for at in addresses(closed, left_out=LEFT_OUT) if not re.search(r"/\d+/", at)]
    assert len(where) > 60
    with undone():
        hand_in_something_else(cast, closed)
        otherwise = told_after_naming(client, cast, closed, part, where)
    assert differing(told_after_naming(client, cast, closed, part, where), otherwise) == {}


def test_after_the_naming_the_trail_does_not_tell_either(client, clock, cast, closed):
    where = [reverse("trail") + query for query in ("", "?verify=1", "?q=digest", "?action=submit bid")]
    with undone():
        hand_in_something_else(cast, closed)
        otherwise = told_after_naming(client, cast, closed, "auditor", where)
    assert told_after_naming(client, cast, closed, "auditor", where) == otherwise
    assert "name bidders" in otherwise[where[0]][2]
