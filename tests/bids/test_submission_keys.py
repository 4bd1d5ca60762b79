"""Whose draft opens: signing in and out, a lost cookie, another password."""

import json

import pytest
from django.urls import reverse

from bids.models import SealedDraft
from bids.views.front_door import DRAFTS_COOKIE
from tests.bids.bid_pages import (
    HTMX,
    drafted,
    form_of,
    text_of,
)
from tests.bids.vendors import save
from tests.cast import PASSWORD


def test_signing_in_opens_the_drafts_and_signing_out_closes_them(client, clock, cast, published):
    save(cast.vendor, published, {"R1": {"answer": "met", "note": "the secret way"}})
    response = client.post(reverse("sign-in"), {"username": "vendor", "password": PASSWORD})
    kept = response.cookies[DRAFTS_COOKIE]
    assert (kept["httponly"], kept["samesite"], kept["max-age"], kept["expires"]) == (True, "Lax", "", "")
    assert kept.value not in json.dumps(dict(client.session), default=str)
    address = reverse("bid", args=[published.pk])
    assert "the secret way" in text_of(client.get(address))
    assert client.post(reverse("sign-out")).cookies[DRAFTS_COOKIE].value == ""
    client.post(reverse("sign-in"), {"username": "rival", "password": PASSWORD})
    assert "the secret way" not in text_of(client.get(address))


def test_the_cookie_is_secure_where_the_session_is(client, cast, settings):
    settings.SESSION_COOKIE_SECURE = True
    response = client.post(reverse("sign-in"), {"username": "vendor", "password": PASSWORD})
    assert response.cookies[DRAFTS_COOKIE]["secure"]


def test_people_of_the_bank_get_no_such_cookie(client, cast):
    response = client.post(reverse("sign-in"), {"username": "officer", "password": PASSWORD})
    assert response.status_code == 302
    assert response.cookies[DRAFTS_COOKIE].value == ""


@pytest.mark.parametrize("kept", [None, "00" * 32, "nonsense"])
def test_without_what_the_browser_kept_the_draft_is_locked_until_the_password_is_typed(
    client, page, cast, published, kept
):
    save(cast.vendor, published, {"R1": {"answer": "met", "note": "the secret way"}})
    del client.cookies[DRAFTS_COOKIE]
    if kept:
        client.cookies[DRAFTS_COOKIE] = kept
    shown = text_of(client.get(page))
    assert "Your draft is locked" in shown
    assert "the secret way" not in shown
    late = client.post(page, form_of(published, 2, R1_note="typed"))
    assert late.status_code == 422
    assert "Nothing was saved." in text_of(late)
    assert "typed" in text_of(late)
    assert 'name="open-password"' in text_of(late)
    assert 'id="hand-in"' not in text_of(late)
    assert client.post(page, form_of(published, 2), headers=HTMX).status_code == 422
    opens = reverse("bid-open", args=[published.pk])
    wrong = client.post(opens, {"open-password": "wrong"})
    assert wrong.status_code == 422
    assert "This is not your password." in text_of(wrong)
    assert "the secret way" in text_of(client.post(opens, {"open-password": PASSWORD}, follow=True))
    assert drafted().answers["R1"]["note"] == "the secret way"


def test_a_draft_that_does_not_open_can_be_begun_anew(client, page, cast, published):
    save(cast.vendor, published, {"R1": {"answer": "met", "note": "the secret way"}})
    cast.vendor.set_password("another quite long password")
    cast.vendor.save()
    client.post(reverse("sign-in"), {"username": "vendor", "password": "another quite long password"})
    assert "This draft does not open to you" in text_of(client.get(page))
    response = client.post(page, form_of(published, 2))
    assert response.status_code == 422
    assert SealedDraft.objects.exists()
    shown = text_of(client.post(reverse("bid-anew", args=[published.pk]), follow=True))
    assert "R1 has no answer" in shown
    assert not SealedDraft.objects.exists()


def test_a_draft_that_opens_is_not_thrown_away(client, page, published):
    client.post(page, form_of(published, R1_note="kept"))
    shown = text_of(client.post(reverse("bid-anew", args=[published.pk]), follow=True))
    assert "This draft opens to you." in shown
    assert "kept" in shown


def test_one_changes_the_own_password_and_the_draft_stays_open(client, page, cast, published):
    client.post(page, form_of(published, R1_note="the secret way"))
    address, new = reverse("password"), "another quite long password"
    for data, fault in (
        ({"old": "wrong", "password": new, "again": new}, "This is not your password."),
        ({"old": PASSWORD, "password": new, "again": "other"}, "The two passwords differ."),
        ({"old": PASSWORD, "password": "short", "again": "short"}, "too short"),
    ):
        response = client.post(address, data)
        assert response.status_code == 422
        assert fault in text_of(response)
    done = client.post(address, {"old": PASSWORD, "password": new, "again": new}, follow=True)
    assert "Your password is changed." in text_of(done)
    assert "the secret way" in text_of(client.get(page))


def test_the_banks_people_change_their_password_too(client, cast):
    client.force_login(cast.officer)
    new = "another quite long password"
    data = {"old": PASSWORD, "password": new, "again": new}
    assert "Your password is changed." in text_of(client.post(reverse("password"), data, follow=True))
    cast.officer.refresh_from_db()
    assert cast.officer.check_password(new)
