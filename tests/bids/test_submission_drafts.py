"""Drafts of bids: sealed to each of the vendor's people, opened by a password and by nothing else."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.test.utils import override_settings

from bids import queries
from bids.actions import drafts
from bids.models import Bid, DraftKey, SealedDraft
from procurement.actions.locking import Stale
from procurement.actions.people import edit_person
from procurement.choices import Role
from procurement.models import AuditEntry
from tests.bids.vendors import add_file, draft_of, remove_file, save, submit
from tests.cast import NOW, PASSWORD, opened_drafts
from tests.cast import _person as person_of

SAID = {"answer": "met", "note": "the secret way", "evidence": "claimed", "until": ""}
NEW_PASSWORD = "another quite long password"


@pytest.fixture
def colleague(cast):
    """Somebody else of the vendor, who has not signed in yet."""
    return person_of("colleague", Role.VENDOR, vendor=cast.vendor.vendor)


def everything_stored():
    """All that the database holds of drafts, as bytes."""
    rows = SealedDraft.objects.values_list("sealed", flat=True)
    return b"".join(map(bytes, rows)) + json.dumps(list(Bid.objects.values()), default=str).encode()


# --- what is written --------------------------------------------------------------------------------------
def test_a_draft_is_kept_sealed_and_leaves_no_trace_in_the_trail(cast, published):
    opened_drafts(cast.vendor)
    before = AuditEntry.objects.count()
    bid = save(
        cast.vendor,
        published,
        {"R1": {"answer": "not_met", "note": "later"}, "X": {"answer": "met", "note": ""}},
        price="12345678",
    )
    draft = draft_of(cast.vendor, bid)
    assert draft.answers == {"R1": {"answer": "not_met", "note": "later", "evidence": "", "until": ""}}
    assert draft.price == "12345678"
    assert AuditEntry.objects.count() == before
    assert b"later" not in everything_stored()
    assert b"12345678" not in everything_stored()


def test_the_second_of_two_who_save_the_same_draft_is_told(cast, published):
    bid = save(cast.vendor, published)
    save(cast.vendor, published, price="200", seen=bid.version)
    with pytest.raises(Stale):
        save(cast.vendor, published, price="300", seen=bid.version)
    with pytest.raises(Stale):
        save(cast.vendor, published, price="300", seen=0)
    assert draft_of(cast.vendor, bid).price == "200"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"answer": "met", "evidence": "verified", "until": "2027-01-01"}, ("claimed", "")),
        ({"answer": "met", "evidence": "claimed", "until": "2027-01-01"}, ("claimed", "")),
        ({"answer": "met"}, ("claimed", "")),
        ({"answer": "not_met", "evidence": "tested", "until": "2027-01-01"}, ("", "")),
        ({"answer": "met", "evidence": "attested", "until": "2027-01-01"}, ("attested", "2027-01-01")),
    ],
)
def test_a_vendor_gives_no_more_than_its_own_levels_and_only_to_what_it_meets(cast, published, said, kept):
    bid = save(cast.vendor, published, {"R1": {"note": "x"} | said})
    answer = draft_of(cast.vendor, bid).answers["R1"]
    assert (answer["evidence"], answer["until"]) == kept


def test_what_was_handed_in_is_remembered_with_the_draft(cast, published):
    bid = save(cast.vendor, published)
    assert draft_of(cast.vendor, bid).sent is None
    file = add_file(cast.vendor, published, content=b"%PDF-1.7")
    submit(cast.vendor, published)
    draft = draft_of(cast.vendor, bid)
    assert draft.sent == draft.written | {"version": 1, "sizes": [8]}
    remove_file(cast.vendor, file)
    assert draft_of(cast.vendor, bid).sent["files"] == [str(file.pk)]


# --- to whom it opens -------------------------------------------------------------------------------------
def test_a_draft_opens_to_a_colleague_who_has_a_key_and_to_a_new_one_after_the_next_save(
    cast, published, colleague
):
    bid = save(cast.vendor, published, {"R1": SAID})
    add_file(cast.vendor, published)
    assert draft_of(colleague, bid) is None
    with pytest.raises(ValidationError, match="does not open to you"):
        save(colleague, published, {})
    save(cast.vendor, published, {"R1": SAID}, price="5")
    assert draft_of(colleague, bid) == draft_of(cast.vendor, bid)
    save(colleague, published, {"R1": SAID}, price="6")
    assert draft_of(cast.vendor, bid).price == "6"


def test_a_draft_of_a_rival_does_not_open(cast, published):
    bid = save(cast.vendor, published, {"R1": SAID})
    assert draft_of(cast.rival, bid) is None


def test_a_piece_of_another_bid_does_not_open_in_its_place(cast, published):
    bid = save(cast.vendor, published, {"R1": SAID})
    other = save(cast.rival, published)
    SealedDraft.objects.filter(bid=other).update(
        sealed=SealedDraft.objects.get(bid=bid).sealed, key=SealedDraft.objects.get(bid=bid).key
    )
    assert draft_of(cast.vendor, other) is None


def test_nothing_is_sealed_to_somebody_who_has_left(cast, published, colleague):
    opened_drafts(colleague)
    colleague.is_active = False
    colleague.save()
    save(cast.vendor, published)
    assert set(SealedDraft.objects.values_list("key__user", flat=True)) == {cast.vendor.pk}


# --- keys and passwords -----------------------------------------------------------------------------------
def test_what_the_browser_keeps_opens_the_key_and_is_not_the_password(cast):
    kept = drafts.open_drafts(actor=cast.vendor, password=PASSWORD, now=NOW)
    assert len(bytes.fromhex(kept)) == 32
    assert drafts.open_drafts(actor=cast.vendor, password=PASSWORD, now=NOW) == kept
    assert queries.opened_key(cast.vendor, kept).row == DraftKey.objects.get()
    assert kept not in DraftKey.objects.get().locked
    for other in ("", "zz", "00", "00" * 32, PASSWORD):
        assert queries.opened_key(cast.vendor, other) is None
    assert queries.opened_key(cast.rival, kept) is None


def test_the_banks_people_have_no_drafts(cast):
    assert drafts.open_drafts(actor=cast.officer, password=PASSWORD, now=NOW) == ""
    assert not DraftKey.objects.exists()


def test_a_password_of_ones_own_choice_keeps_the_drafts(cast, published):
    bid = save(cast.vendor, published, {"R1": SAID})
    before = drafts.open_drafts(actor=cast.vendor, password=PASSWORD, now=NOW)
    kept = drafts.change_password(actor=cast.vendor, old=PASSWORD, new=NEW_PASSWORD, now=NOW)
    assert queries.draft_of(bid, queries.opened_key(cast.vendor, kept)).answers == {"R1": SAID}
    assert queries.opened_key(cast.vendor, before) is None
    cast.vendor.refresh_from_db()
    assert cast.vendor.check_password(NEW_PASSWORD)
    assert DraftKey.objects.count() == 1
    assert AuditEntry.objects.filter(action="change password").count() == 1


@pytest.mark.parametrize(
    ("old", "new", "field"), [("wrong", NEW_PASSWORD, "old"), (PASSWORD, "short", "password")]
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_weak_one(cast, published, old, new, field):
    bid = save(cast.vendor, published, {"R1": SAID})
    with pytest.raises(ValidationError) as refused:
        drafts.change_password(actor=cast.vendor, old=old, new=new, now=NOW)
    assert list(refused.value.error_dict) == [field]
    assert draft_of(cast.vendor, bid).answers == {"R1": SAID}


def reset(cast, person):
    values = {
        name: getattr(person, name)
        for name in ("name", "job_title", "email", "role", "unit", "vendor", "language")
    }
    edit_person(
        actor=cast.administrator,
        person=person,
        values=values,
        password=NEW_PASSWORD,
        seen=person.version,
        now=NOW,
    )
    person.refresh_from_db()


def test_a_password_that_the_administrator_set_opens_no_draft(cast, published, colleague):
    opened_drafts(colleague)
    bid = save(cast.vendor, published, {"R1": SAID})
    reset(cast, cast.vendor)
    fresh = opened_drafts(cast.vendor, NEW_PASSWORD)
    assert queries.draft_of(bid, fresh) is None
    assert DraftKey.objects.filter(user=cast.vendor, retired_at=NOW).count() == 1
    # a colleague still has it, and gives it back by saving it
    save(colleague, published, {"R1": SAID}, price="5")
    assert queries.draft_of(bid, fresh).answers == {"R1": SAID}


def test_a_draft_that_is_lost_is_begun_anew_and_what_was_handed_in_stays(cast, published):
    save(cast.vendor, published)
    add_file(cast.vendor, published)
    row = submit(cast.vendor, published)
    with pytest.raises(ValidationError, match="opens to you"):
        drafts.start_anew(actor=cast.vendor, tender=published, opened=opened_drafts(cast.vendor), now=NOW)
    reset(cast, cast.vendor)
    fresh = opened_drafts(cast.vendor, NEW_PASSWORD)
    bid = drafts.start_anew(actor=cast.vendor, tender=published, opened=fresh, now=NOW)
    assert queries.draft_of(bid, fresh) == queries.Draft()
    assert queries.standing_submission(bid) == row
    assert row.manifests.count() == 2
    stored = bid.staged_files.get()
    assert stored.sealed.storage.exists(stored.sealed.name)


def test_the_key_is_locked_at_the_costs_of_the_settings(cast):
    with override_settings(SEALING_COST=(16, 2, 1)):
        opened_drafts(cast.vendor)
    locked = json.loads(DraftKey.objects.get().locked)
    assert (locked["memory"], locked["passes"], locked["lanes"]) == (16, 2, 1)
