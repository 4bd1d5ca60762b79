"""An opening officer is replaced by two of the three, who open nothing by it; two lost are lost."""

import json
from datetime import timedelta
from itertools import combinations

import pytest
from django.core.exceptions import ValidationError

from bids import queries
from bids.actions import keys, opening, replacing, unlocking
from bids.actions.custody import holders, system_key
from bids.actions.unlocking import named, sealed_halves
from bids.choices import BidStatus, Envelope
from bids.models import KeyHalf, OfficerKey, OfficerReplacement
from bids.sealing import officers, package, shares, suite
from bids.sealing.refusals import KeyUnavailable, SealRefused, Unopenable
from procurement.choices import Stage
from procurement.models import AuditEntry
from procurement.rules import Forbidden
from tests.bids.amending import replace, turn
from tests.bids.vendors import entries
from tests.cast import NOW, OPENERS, PASSPHRASES, declare_nothing, give_key, hand_in, unlock

pytestmark = pytest.mark.django_db

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def agreed(tender, leaving="next_above", successor="security_head", *, by=("officer", "auditor"), at=NOW):
    """Proposed, and agreed to by two."""
    row = replace(tender, leaving, successor, at=at)
    for name in by:
        row = turn(row, name, at=at)
    return row


def standing(tender):
    return [row.user.username for row in queries.standing_officers(tender)]


def closed_with_a_bid(cast, tender):
    """A bid is in, bidding is over, everybody has declared."""
    hand_in(cast.vendor, tender, "100")
    tender.refresh_from_db()
    tender.deadline = NOW - MINUTE
    tender.save()
    tender = opening.name_bidders(actor=cast.officer, tender=tender, now=NOW)
    declare_nothing(tender)
    return tender


# --- two turns --------------------------------------------------------------------------------------------
def test_two_of_the_three_bring_in_another_one(cast, published):
    row = replace(published, "next_above", "security_head")
    row = turn(row, "officer")
    assert (row.outcome, standing(published)) == ("", list(OPENERS))
    row = turn(row, "auditor", at=NOW + 14 * MINUTE)
    assert (row.outcome, row.number, row.halves) == ("agreed", 1, "")
    assert standing(published) == ["officer", "auditor", "security_head"]
    said = package.read(queries.current_package(published).text.encode())
    assert {officer.fingerprint for officer in said.officers} == {
        queries.key_of(getattr(cast, name)).fingerprint for name in ("officer", "auditor", "security_head")
    }
    first = package.read(published.packages.first().text.encode())
    assert (said.envelopes, said.deadline) == (first.envelopes, first.deadline)
    (entry,) = entries("replace opening officer")
    assert entry["officers"] == ["Officer (Procurement)", "Auditor (Audit)"]
    assert (entry["leaving"], entry["package"]) == ("Next_Above (Management)", row.package.digest)
    assert [
        len(entries(action))
        for action in ("propose replacement of opening officer", "take turn at replacement")
    ] == [
        1,
        1,
    ]


@pytest.mark.parametrize("two", list(combinations(("officer", "auditor", "security_head"), 2)))
def test_any_two_of_the_new_three_open_what_was_handed_in_before(cast, published, two):
    agreed(published)
    tender = closed_with_a_bid(cast, published)
    unlock(tender, Envelope.TECHNICAL, *two)
    tender = opening.open_technical(actor=cast.officer, tender=tender, now=NOW)
    assert tender.bids.get().status == BidStatus.VALID


def test_who_was_replaced_opens_nothing_any_more(cast, published):
    stale = {half.pk: half.sealed for half in KeyHalf.objects.filter(officer__user=cast.next_above)}
    agreed(published)
    assert len(stale) == 4
    assert not KeyHalf.objects.filter(pk__in=stale).exists()
    published.stage = Stage.BIDDERS_NAMED
    published.save()
    with pytest.raises(Forbidden, match="Only the opening officers"):
        unlock(published, Envelope.TECHNICAL, "next_above")


def test_halves_from_an_old_copy_of_the_database_open_nothing_beside_the_new_share(published):
    key = published.envelope_keys.get(envelope="technical")
    old = sealed_halves(key)
    agreed(published)
    key.refresh_from_db()
    opened = []
    for row in published.opening_officers.filter(user__username__in=("auditor", "next_above")):
        private = officers.unlock(
            queries.code_of(row.user),
            public=bytes.fromhex(row.key.public),
            locked=row.key.locked,
            typed=PASSPHRASES[row.user.username],
        )
        opened.append(shares.open_halves(private, old, officer=str(row.pk), key=named(key)))
    share = system_key().unwrap(bytes.fromhex(key.system_share), shares.wrapping_context(named(key)))
    with pytest.raises(Unopenable, match="do not make"):
        shares.join(named(key), share, *opened)


def test_a_replacement_opens_nothing(published, monkeypatch):
    """The system's share and the quorum's are never joined, and no envelope is unlocked."""

    def fail(*_pieces):
        raise AssertionError("joined")

    monkeypatch.setattr(shares, "join", fail)
    agreed(published)
    for key in published.envelope_keys.all():
        assert key.opened_at is None
        with pytest.raises((SealRefused, ValueError)):
            unlocking.envelope_private(key)


def test_one_officer_alone_replaces_nobody_and_the_second_has_fifteen_minutes(published):
    row = replace(published, "next_above", "security_head")
    for minutes in range(3):
        row = turn(row, "officer", at=NOW + minutes * MINUTE)
    assert row.outcome == ""
    row = turn(row, "auditor", at=NOW + 17 * MINUTE)
    assert (row.outcome, row.first_by) == ("", "Auditor (Audit)")
    assert turn(row, "officer", at=NOW + 31 * MINUTE).outcome == "agreed"


def test_who_leaves_may_help_while_there(published):
    assert agreed(published, by=("next_above", "auditor")).outcome == "agreed"


def test_no_bid_is_asked_to_be_confirmed(cast, published):
    bid = hand_in(cast.vendor, published, "100").bid
    agreed(published)
    assert not queries.needs_confirmation(bid)


def test_between_the_openings_only_the_prices_are_handed_out_anew(cast, opened):
    before = opened.envelope_keys.get(envelope="technical")
    agreed(opened)
    after = opened.envelope_keys.get(envelope="technical")
    assert (after.system_share, after.opened_key) == (before.system_share, before.opened_key)
    opened.stage = Stage.TECHNICAL_LOCKED
    opened.save()
    unlock(opened, Envelope.PRICE, "security_head", "officer")
    assert opened.envelope_keys.get(envelope="price").opened_at == NOW
    with pytest.raises(Forbidden, match="nobody has to open anything"):
        replace(opened, "officer", "approver")


# --- lost keys --------------------------------------------------------------------------------------------
def test_a_lost_passphrase_is_replaced_by_a_new_key_of_the_same_person(cast, published):
    old = queries.key_of(cast.auditor)
    key, words = keys.enrol_key(actor=cast.auditor, now=NOW)
    with pytest.raises(ValidationError, match="not proved"):
        replace(published, "auditor", "auditor", key=False)
    keys.drill_key(actor=cast.auditor, typed=words, now=NOW)
    row = replace(published, "auditor", "auditor", key=False)
    with pytest.raises(Forbidden, match="the two others agree"):
        turn(row, "auditor", typed=words)
    turn(row, "officer")
    assert turn(row, "next_above").outcome == "agreed"
    place = queries.standing_officers(published).get(user=cast.auditor)
    assert (place.key, OfficerKey.objects.get(pk=old.pk).retired_at) == (key, NOW)
    PASSPHRASES["auditor"] = words
    tender = closed_with_a_bid(cast, published)
    unlock(tender, Envelope.TECHNICAL, "auditor", "officer")
    assert tender.envelope_keys.get(envelope="technical").opened_at == NOW


def test_with_two_who_left_nobody_is_replaced_and_it_is_said_plainly(cast, published):
    for person in (cast.auditor, cast.next_above):
        person.is_active = False
        person.save()
    before = AuditEntry.objects.count()
    with pytest.raises(ValidationError, match="nobody can open it, administrators included"):
        replace(published, "auditor", "security_head")
    assert AuditEntry.objects.count() == before
    assert not OfficerReplacement.objects.exists()


def test_with_one_who_left_the_two_others_agree(cast, published):
    cast.next_above.is_active = False
    cast.next_above.save()
    assert agreed(published).outcome == "agreed"


def test_a_wrong_passphrase_is_no_turn_and_stands_in_the_trail(published):
    row = replace(published, "next_above", "security_head")
    with pytest.raises(ValidationError) as refusal:
        turn(row, "officer", typed=PASSPHRASES["auditor"])
    assert list(refusal.value.error_dict) == ["passphrase"]
    row.refresh_from_db()
    assert row.first is None
    assert AuditEntry.objects.order_by("seq").last().action == "fail to unlock envelope"


def test_without_the_system_key_no_turn_is_taken(published, settings, tmp_path):
    row = turn(replace(published, "next_above", "security_head"), "officer")
    settings.SYSTEM_KEY = tmp_path / "nowhere.key"
    with pytest.raises(KeyUnavailable):
        turn(row, "auditor")
    row.refresh_from_db()
    assert (row.outcome, standing(published)) == ("", list(OPENERS))


def test_halves_that_were_put_in_place_of_others_are_not_handed_out(cast, published):
    """Whoever writes to the database can seal any number to an officer: it is noticed before all is lost."""
    key = published.envelope_keys.get(envelope="price")
    one, other = published.opening_officers.filter(user__username__in=("officer", "auditor")).order_by("pk")
    split = shares.new_key(str(published.pk), "price", holders(list(queries.standing_officers(published))))
    which = named(key)
    forged = next(half for half in split.halves if half.officer == str(one.pk) and str(other.pk) in half.pair)
    private = officers.unlock(
        queries.code_of(one.user),
        public=bytes.fromhex(one.key.public),
        locked=one.key.locked,
        typed=PASSPHRASES[one.user.username],
    )
    value = shares.open_halves(private, [forged], officer=str(one.pk), key=split.key)[0].value
    sealed = suite.seal(bytes.fromhex(one.key.public), value, shares._info(which, str(one.pk), forged.pair))
    KeyHalf.objects.filter(envelope_key=key, officer=one, partner=other).update(sealed=sealed.hex())
    row = turn(replace(published, "next_above", "security_head"), "officer")
    with pytest.raises(ValidationError, match="one is of another"):
        turn(row, "auditor")
    assert standing(published) == list(OPENERS)


# --- who, and who not -------------------------------------------------------------------------------------
def test_whoever_comes_in_has_proved_a_key_and_the_three_are_of_two_units(cast, published):
    with pytest.raises(ValidationError, match="no opening key"):
        replace(published, "officer", "approver", key=False)
    give_key(cast.approver, at=NOW - 31 * DAY)
    with pytest.raises(ValidationError, match="not proved"):
        replace(published, "officer", "approver", key=False)
    with pytest.raises(ValidationError, match="different people"):
        replace(published, "officer", "auditor", key=False)
    with pytest.raises(ValidationError, match="opens with this key already"):
        replace(published, "officer", "officer", key=False)
    cast.security_head.unit = cast.next_above.unit
    cast.security_head.save()
    published.opening_officers.filter(user=cast.auditor).update(user=cast.approver)
    cast.approver.officer_keys.update(drilled_at=NOW)
    with pytest.raises(ValidationError, match="not all be of one unit"):
        replace(published, "officer", "security_head")
    with pytest.raises(ValidationError, match="cannot open bids"):
        replace(published, "officer", "administrator")


@pytest.mark.parametrize("name", ["approver", "security", "vendor", "administrator"])
def test_who_may_neither_propose_nor_agree(cast, published, name):
    with pytest.raises(Forbidden):
        replace(published, "next_above", "security_head", by=name)
    row = replace(published, "next_above", "business_head")
    with pytest.raises(Forbidden):
        turn(row, name, typed="whatever")
    with pytest.raises(Forbidden):
        replacing.take_back_replacement(actor=getattr(cast, name), replacement=row, now=NOW)


def test_one_waits_at_a_time_and_can_be_taken_back(cast, published, draft):
    row = turn(replace(published, "next_above", "security_head"), "officer")
    with pytest.raises(ValidationError, match="Another replacement waits"):
        replace(published, "auditor", "business_head")
    row = replacing.take_back_replacement(actor=cast.officer, replacement=row, now=NOW)
    assert (row.outcome, row.halves) == ("taken_back", "")
    with pytest.raises(Forbidden, match="decided already"):
        turn(row, "auditor")
    assert agreed(published, successor="approver").number == 1


def test_before_the_publication_officers_are_simply_named(draft):
    with pytest.raises(Forbidden, match="belongs to the stage"):
        replace(draft, "next_above", "security_head")


def test_what_waits_lies_under_the_system_key(published):
    row = turn(replace(published, "next_above", "security_head"), "officer")
    assert "officer" not in row.halves
    kept = system_key().unwrap(bytes.fromhex(row.halves), replacing._context(row))
    assert set(json.loads(kept)) == {"technical", "price"}
