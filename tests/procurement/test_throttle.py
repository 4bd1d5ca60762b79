"""Wrong passwords are counted by account and address, and nobody locks out anybody else."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.urls import reverse

from procurement import throttle
from tests.cast import PASSWORD

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


def sign_in(client, username, password, address=HERE, **headers):
    data = {"username": username, "password": password}
    return client.post(reverse("sign-in"), data, REMOTE_ADDR=address, headers=headers)


def guess(client, username="vendor", times=5, address=HERE):
    return [sign_in(client, username, "wrong", address).status_code for _ in range(times)]


def test_the_fifth_wrong_password_closes_the_door_for_a_quarter_of_an_hour(client, cast):
    assert guess(client) == [200, 200, 200, 200, 429]
    response = sign_in(client, "vendor", PASSWORD)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "900"
    assert "sessionid" not in response.cookies
    AccessAttempt.objects.update(
        attempt_time=AccessAttempt.objects.get().attempt_time - timedelta(minutes=16)
    )
    assert sign_in(client, "vendor", PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "Too many wrong tries from here. Wait 15 minutes"), ("zh-hant", "15")]
)
def test_the_page_says_it_in_the_readers_language(client, cast, language, sentence):
    guess(client)
    response = sign_in(client, "vendor", "wrong", **{"Accept-Language": language})
    assert response.headers["Content-Language"] == language
    assert sentence in response.content.decode()


def test_a_rival_locks_out_nobody_from_elsewhere_and_no_one_else_from_there(client, cast):
    guess(client, "vendor", 20, ELSEWHERE)
    assert sign_in(client, "vendor", PASSWORD, HERE).status_code == 302
    assert sign_in(client, "rival", PASSWORD, ELSEWHERE).status_code == 302


def test_tries_while_the_door_is_closed_do_not_keep_it_closed(client, cast):
    guess(client, times=5)
    before = AccessAttempt.objects.get().attempt_time
    guess(client, times=3)
    assert AccessAttempt.objects.get().attempt_time == before


def test_a_right_password_begins_the_count_anew(client, cast):
    guess(client, times=4)
    assert sign_in(client, "vendor", PASSWORD).status_code == 302
    assert not AccessAttempt.objects.exists()
    client.logout()
    assert guess(client, times=4) == [200] * 4


def test_no_password_is_kept_with_what_is_counted(client, cast):
    sign_in(client, "vendor", "almost my password")
    assert "almost" not in str(AccessAttempt.objects.values())


# --- passwords as signatures --------------------------------------------------------------------------------
def test_signatures_count_with_sign_ins_and_keep_nothing_that_was_posted(client, cast):
    person = cast.vendor
    person.address = HERE
    assert throttle.knows_password(person, PASSWORD)
    for _ in range(5):
        assert not throttle.knows_password(person, "wrong")
    with pytest.raises(ValidationError, match="Too many wrong tries"):
        throttle.knows_password(person, PASSWORD)
    assert not AccessAttempt.objects.get().post_data.strip("-\n")
    assert sign_in(client, "vendor", PASSWORD, HERE).status_code == 429
    person.address = ELSEWHERE
    assert throttle.knows_password(person, PASSWORD)


def test_passphrases_are_counted_apart(cast):
    person = cast.officer
    person.address = HERE
    for _ in range(5):
        throttle.check(person, throttle.PASSPHRASE)
        throttle.count(person, throttle.PASSPHRASE)
    with pytest.raises(ValidationError, match="Too many wrong tries"):
        throttle.check(person, throttle.PASSPHRASE)
    assert throttle.knows_password(person, PASSWORD)


def test_changing_ones_password_is_a_guess_as_well(client, cast):
    client.force_login(cast.officer)
    data = {"old": "wrong", "password": "another long password", "again": "another long password"}
    for _ in range(5):
        assert "This is not your password." in client.post(reverse("password"), data).content.decode()
    said = client.post(reverse("password"), data | {"old": PASSWORD}).content.decode()
    assert "Too many wrong tries" in said


# --- addresses ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("behind", "forwarded", "address"),
    [
        (False, "192.0.2.1", HERE),
        (True, "192.0.2.1", "192.0.2.1"),
        (True, "192.0.2.66, 192.0.2.1", "192.0.2.1"),
        (True, "2001:DB8::1", "2001:db8::1"),
        (True, "not an address", None),
        (True, None, HERE),
    ],
    ids=["no proxy", "one", "what was claimed before it", "IPv6", "nonsense", "none"],
)
def test_the_address_is_what_the_proxy_added_last(settings, behind, forwarded, address):
    settings.BEHIND_PROXY = behind
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", REMOTE_ADDR=HERE, headers=headers)
    assert throttle.address_of(request) == address


def test_behind_a_proxy_signatures_count_where_sign_ins_do(client, cast, settings):
    settings.BEHIND_PROXY = True
    for _ in range(5):
        sign_in(client, "vendor", "wrong", "127.0.0.1", **{"X-Forwarded-For": HERE})
    cast.vendor.address = HERE
    with pytest.raises(ValidationError):
        throttle.knows_password(cast.vendor, PASSWORD)
