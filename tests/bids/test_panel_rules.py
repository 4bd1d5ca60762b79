"""Size, experts and quorum: checked as things stand, after recusals, with where it is written."""

from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids import rules
from bids.actions import opening, panel
from bids.actions.publication import publish
from bids.actions.readiness import BLOCKS, PASSES, REMINDS, publication_checks
from bids.evaluation.agreement import has_quorum
from bids.models import Bid
from procurement.choices import Profile, Stage
from procurement.models import Seat, Tender
from tests.cast import NOW, declare_nothing, open_technical


def seats(present, absent, experts_present, experts_absent):
    """Seats with keys, not stored."""
    return [
        Seat(pk=number, present=is_present, expert=is_expert)
        for number, (is_present, is_expert) in enumerate(
            [(True, number < experts_present) for number in range(present)]
            + [(False, number < experts_absent) for number in range(absent)]
        )
    ]


PUBLIC, BANK, OPEN = (Tender(profile=profile) for profile in (Profile.TW_PUBLIC, Profile.BANK, Profile.OPEN))


@pytest.mark.parametrize(
    ("n", "experts", "size", "share"),
    [(0, 0, False, False), (4, 4, False, True), (5, 1, True, False), (5, 2, True, True), (6, 2, True, True)],
)
def test_a_committee_has_five_members_and_a_third_of_experts(n, experts, size, share):
    found = rules.composition(PUBLIC, seats(n, 0, experts, 0))
    assert [rule.holds for rule in found] == [size, share]
    assert [rule.blocks for rule in found] == [not size, not share]
    assert str(found[0].source) == "Organisation rules for evaluation committees"


def test_recused_members_leave_the_count():
    found = rules.composition(PUBLIC, seats(5, 0, 2, 0), out={0})
    assert [rule.text for rule in found] == [
        "At least 5 members: there are 4.",
        "At least a third are experts: 1 of 4.",
    ]
    attendance = rules.attendance(PUBLIC, seats(3, 3, 2, 0), out={5})
    assert [rule.text for rule in attendance] == [
        "Quorum: at least half of the members are present: 3 of 5.",
        "Quorum: at least 2 experts are present, and a third of those present: 2 of 3.",
    ]


def test_the_quorum_is_that_of_the_arithmetic():
    for present, absent, here, away in product(range(7), range(4), range(5), range(2)):
        if here <= present and away <= absent:
            found = rules.attendance(PUBLIC, seats(present, absent, here, away))
            expected = has_quorum(present + absent, present, here)
            if present + absent:
                assert all(rule.holds for rule in found) == expected, (present, absent, here)


def test_a_bank_is_reminded_and_bound_by_nothing():
    for rule in rules.composition(BANK, seats(1, 0, 0, 0)) + rules.attendance(BANK, seats(1, 3, 0, 0)):
        assert (rule.holds, rule.binding, rule.blocks) == (False, False, False)
    assert rules.composition(OPEN, []) == rules.attendance(OPEN, []) == []


# --- before publication -----------------------------------------------------------------------------------
def about_committees(tender, level):
    tender.refresh_from_db()
    found = [check.text for check in publication_checks(tender, NOW) if check.level == level]
    return [text for text in found if "evaluation committees" in text]


def test_publication_is_refused_under_the_procurement_act_and_reminded_of_at_a_bank(cast, draft):
    assert len(about_committees(draft, REMINDS)) == 2
    Tender.objects.filter(pk=draft.pk).update(profile=Profile.TW_PUBLIC, tie_break=["lots"])
    assert about_committees(draft, BLOCKS) == [
        "At least 5 members: there are 2. (Organisation rules for evaluation committees)",
        "At least a third are experts: 0 of 2. (Organisation rules for evaluation committees)",
    ]
    with pytest.raises(ValidationError, match="At least 5 members"):
        publish(actor=cast.officer, tender=draft, now=NOW)
    for number in range(3):
        unit = draft.officer.unit
        Seat.objects.create(tender=draft, position=9, code=f"x{number}", unit=unit, expert=True)
    assert about_committees(draft, BLOCKS) == []
    assert len(about_committees(draft, PASSES)) == 2


# --- at the opening ---------------------------------------------------------------------------------------
@pytest.fixture
def public(draft, request):
    """A named tender under the Procurement Act with five members: two with accounts, three experts."""
    draft.profile = Profile.TW_PUBLIC
    draft.save(update_fields=["profile"])
    for number in range(3):
        Seat.objects.create(tender=draft, position=9, code=f"x{number}", unit=draft.owner_unit, expert=True)
    return request.getfixturevalue("named")


def test_a_panel_that_recusals_make_too_small_opens_nothing(cast, public):
    seat, bid = public.seats.get(user=cast.security), Bid.objects.first()
    panel.recuse(actor=cast.officer, seat=seat, bid=bid, reason="kin", now=NOW)
    declare_nothing(public)
    with pytest.raises(ValidationError, match="At least 5 members: there are 4"):
        opening.open_technical(actor=cast.officer, tender=public, now=NOW)
    panel.appoint(
        actor=cast.officer, tender=public, user=cast.stranger, expert=False, reason="in place", now=NOW
    )
    declare_nothing(public)
    assert open_technical(cast.officer, public).stage == Stage.TECHNICAL_OPENED


def test_a_panel_of_which_one_could_decide_opens_nothing(client, clock, cast, named):
    seat, bid = named.seats.get(user=cast.security), Bid.objects.first()
    panel.recuse(actor=cast.officer, seat=seat, bid=bid, reason="kin", now=NOW)
    declare_nothing(named)
    with pytest.raises(ValidationError, match="1 of 2 are recused from no bid: appoint another one"):
        opening.open_technical(actor=cast.officer, tender=named, now=NOW)
    client.force_login(cast.officer)
    assert "appoint another one" in client.get(reverse("opening", args=[named.pk])).content.decode()
    panel.appoint(
        actor=cast.officer, tender=named, user=cast.stranger, expert=False, reason="in place", now=NOW
    )
    declare_nothing(named)
    assert open_technical(cast.officer, named).stage == Stage.TECHNICAL_OPENED


def test_the_rules_stand_on_the_pages_with_their_source(client, clock, cast, public):
    client.force_login(cast.officer)
    for name in ("opening", "tender"):
        text = client.get(reverse(name, args=[public.pk])).content.decode()
        assert "At least 5 members: there are 5." in text
        assert "Quorum: at least half of the members are present: 5 of 5." in text
        assert "Deliberation rules for evaluation committees" in text
        assert "(check)" not in text
    Tender.objects.update(profile=Profile.BANK)
    assert "(check)" in client.get(reverse("opening", args=[public.pk])).content.decode()


def test_vendors_read_nothing_of_the_panel(client, clock, cast, public):
    client.force_login(cast.vendor)
    assert "Panel rules" not in client.get(reverse("tender", args=[public.pk])).content.decode()
