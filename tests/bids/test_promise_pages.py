"""Pages of promises: who opens them, what vendors and colleagues do not see, what they cost."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bids.choices import Outcome, PromiseState
from bids.models import Acceptance, Promise, SignOff
from bids.queries.promises import due_promises, promises_to_sign, promises_visible_to, search_promises
from procurement.choices import Role
from tests.bids.promised import (
    DUE,
    keep_gates,
    promise_of,
    sign,
)
from tests.cast import NOW, PASSWORD

pytestmark = pytest.mark.django_db


# --- pages ------------------------------------------------------------------------------------------------
PAGE = ("officer", "security", "business", "approver", "auditor", "vendor")


@pytest.mark.usefixtures("clock")
def test_who_opens_the_page_of_promises(client, cast, promised):
    url = reverse("promises", args=[promised.pk])
    for name, who in cast.everybody().items():
        client.force_login(who)
        status = client.get(url).status_code
        expected = 200 if name in PAGE or who.role == Role.APPROVER else 404
        expected = 403 if name == "rival" else expected
        assert status == expected, name


@pytest.mark.usefixtures("clock")
def test_before_the_award_there_is_no_page_of_promises(client, cast, opened):
    client.force_login(cast.officer)
    assert client.get(reverse("promises", args=[opened.pk])).status_code == 403
    assert "Promises</a>" not in client.get(reverse("tender", args=[opened.pk])).content.decode()


@pytest.mark.usefixtures("clock")
def test_a_vendor_reads_its_own_promises_and_no_name_of_the_bank(client, cast, promised):
    sign(cast.security, promise_of(promised, "R1"), "broken", text="Seen by Security herself")
    client.force_login(cast.vendor)
    for url in (reverse("promises", args=[promised.pk]), reverse("acceptance")):
        page = client.get(url).content.decode()
        main = page[page.index('<div class="wrap">') :]
        assert "Requirement R1" in main
        assert "Broken" in main
        for word in ("Seen by", "Security (", "Officer", "Approver", cast.security.name + " "):
            assert word not in main.replace("Bedrock Security", ""), (url, word)
    client.force_login(cast.rival)
    assert "Requirement R1" not in client.get(reverse("acceptance")).content.decode()


@pytest.mark.usefixtures("clock")
def test_members_of_the_unit_see_what_it_answers_for_and_no_other_page(client, cast, promised, colleague):
    Promise.objects.filter(code="R3").update(unit=cast.business.unit, owner=None)
    url = reverse("promises", args=[promised.pk])
    for who, seen, unseen in ((colleague, "R1", "R3"), (cast.stranger, "R3", "R1")):
        client.force_login(who)
        page = client.get(url)
        assert f"Requirement {seen}" in page.content.decode()
        assert f"Requirement {unseen}" not in page.content.decode()
        assert client.get(reverse("promise", args=[promise_of(promised, unseen).pk])).status_code == 404
        assert all(client.get(tab["url"]).status_code == 200 for tab in page.context["tabs"])
        assert url in [tab["url"] for tab in page.context["tabs"] if tab["current"]]
    assert client.get(reverse("decision", args=[promised.pk])).status_code == 404


@pytest.mark.usefixtures("clock")
def test_the_page_says_what_keeps_the_system_from_going_live(client, cast, promised):
    client.force_login(cast.officer)
    url = reverse("promises", args=[promised.pk])
    page = client.get(url).content.decode()
    assert "2 gate promises keep this system from going live" in page
    assert "Every gate promise must be kept first" in page
    refused = client.post(reverse("go-live", args=[promised.pk]), {"password": PASSWORD, "version": 1})
    assert refused.status_code == 422
    assert "no exception covers them: R1, R2." in refused.content.decode()
    keep_gates(cast, promised)
    assert "Nothing keeps this system from going live" in client.get(url).content.decode()
    wrong = client.post(reverse("go-live", args=[promised.pk]), {"password": "wrong", "version": 1})
    assert wrong.status_code == 422
    assert not Acceptance.objects.get().live_by
    done = client.post(reverse("go-live", args=[promised.pk]), {"password": PASSWORD, "version": 1})
    assert done.status_code == 302
    assert "In operation: what Bedrock Security promised" in client.get(url).content.decode()


@pytest.mark.usefixtures("clock")
def test_the_list_over_all_tenders_is_narrowed(client, cast, promised):
    sign(cast.security, promise_of(promised, "R1"), "broken")
    client.force_login(cast.officer)

    def codes(**query):
        page = client.get(reverse("acceptance"), query).context["page"]
        return [row.code for row in page]

    assert codes() == ["R1", "R2", "R3"]
    assert codes(state="broken") == ["R1"]
    assert codes(state="open", gate="scored") == ["R3"]
    assert codes(state="late") == []
    assert codes(q="bedrock") == ["R1", "R2", "R3"]
    assert codes(q="ITS-2026-9999") == []
    assert codes(state="nonsense") == ["R1", "R2", "R3"]


@pytest.mark.usefixtures("clock")
def test_states_in_the_database_and_in_the_row_are_the_same(cast, promised):

    sign(cast.security, promise_of(promised, "R1"), "broken")
    sign(cast.security, promise_of(promised, "R1"), "kept")
    sign(cast.security, promise_of(promised, "R2"), at=DUE + timedelta(days=2))
    for today in (NOW.date(), DUE.date(), DUE.date() + timedelta(days=1)):
        rows = promises_visible_to(cast.officer)
        for state in PromiseState:
            found = set(search_promises(rows, today=today, state=state).values_list("code", flat=True))
            assert found == {row.code for row in rows if row.state(today) == state}


def test_what_waits_is_the_owners_or_the_units(cast, promised, colleague):
    Promise.objects.filter(code="R2").update(owner=None)
    assert [row.code for row in promises_to_sign(cast.security, NOW)] == ["R1", "R2", "R3"]
    assert [row.code for row in promises_to_sign(colleague, NOW)] == ["R2"]
    assert not promises_to_sign(cast.officer, NOW).exists()
    assert not due_promises(NOW.date()).exists()
    assert due_promises(DUE.date()).count() == 3


@pytest.mark.usefixtures("clock")
def test_a_page_costs_the_same_with_one_promise_and_with_three(
    client, cast, promised, django_assert_max_num_queries
):

    client.force_login(cast.officer)
    for url in (reverse("promises", args=[promised.pk]), reverse("acceptance")):
        client.get(url)
        counts = []
        for rows in (3, 1):
            with transaction.atomic():
                if rows == 1:
                    SignOff.objects.all().delete()
                    Promise.objects.exclude(code="R1").delete()
                with CaptureQueriesContext(
                    connection,
                ) as queries:
                    client.get(url)
                counts.append(len(queries))
                transaction.set_rollback(True)
        assert counts[0] == counts[1], url


def test_sign_offs_are_counted_from_one(cast, promised):
    promise = promise_of(promised, "R1")
    assert sign(cast.security, promise).number == 1
    assert sign(cast.security, promise, "broken").number == 2
    assert promise_of(promised, "R1").outcome == Outcome.BROKEN
