"""The pages of the intake: questionnaire, live explanation, result, blanks, and who sees what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bids.models import Incident
from procurement import intake as asking
from procurement.models import AuditEntry, Intake, Lowering, Tender
from tests.bids.asked import MILD, answer
from tests.cast import ANSWERS, NOW, PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def page(client, who, name, *at, **query):
    client.force_login(who)
    return client.get(reverse(name, args=at), query)


def send(client, who, name, *at, **data):
    client.force_login(who)
    return client.post(reverse(name, args=at), data)


# --- the questionnaire -------------------------------------------------------------------------------------
def test_a_new_tender_leads_to_the_questionnaire(client, cast, bare):
    answer_page = page(client, cast.officer, "intake", bare.pk)
    assert answer_page.url == reverse("intake-answers", args=[bare.pk])
    html = page(client, cast.officer, "intake-answers", bare.pk).content.decode()
    assert html.count("<fieldset") == 8
    assert "8 questions are open" in html


def test_answers_are_stored_and_lead_to_the_result(client, cast, bare):
    response = send(client, cast.officer, "intake-answers", bare.pk, **ANSWERS, version="")
    assert response.url == reverse("intake", args=[bare.pk])
    html = page(client, cast.officer, "intake", bare.pk).content.decode()
    assert "Class 1, protection level High (高), outsourcing risk Medium" in html
    assert "Security gets 45 of 100 points" in html
    assert "ASY-SI-04" in html


def test_what_was_chosen_stays_when_an_answer_is_missing(client, cast, bare):
    response = send(client, cast.officer, "intake-answers", bare.pk, **ANSWERS | {"data": ""})
    assert response.status_code == 422
    html = response.content.decode()
    assert html.count("Choose an answer.") == 1
    form = response.context["form"]
    assert [name for name in asking.BY_CODE if not form[name].value()] == ["data"]
    assert not Intake.objects.exists()


def test_the_explanation_follows_the_answers_and_stores_nothing(client, cast, bare):
    response = page(client, cast.officer, "intake-explained", bare.pk, data="personal", bought=["saas-cloud"])
    html = response.content.decode()
    assert "6 questions are open" in html
    assert "Personal data that leaks does serious harm" in html
    assert "A service from the cloud is the vendor’s operation." in html
    whole = page(client, cast.officer, "intake-explained", bare.pk, **MILD).content.decode()
    assert "Class 3" in whole
    assert "It raises nothing by itself." in whole
    assert not Intake.objects.exists()


def test_answers_nobody_offers_are_not_explained(client, cast, bare):
    html = page(client, cast.officer, "intake-explained", bare.pk, data="<b>x", bought=["y"]).content.decode()
    assert "8 questions are open" in html
    assert "<b>x" not in html


# --- the result --------------------------------------------------------------------------------------------
def test_taking_over_by_the_form_leads_to_the_blanks(client, cast, units, bare):
    answer(cast, bare)
    data = {
        "take-parts": ["rules", "criteria", "requirements", "panel"],
        "take-owner_security": cast.security.pk,
        "take-owner_it": "",
        "take-owner_business": cast.business.pk,
        "take-owner_procurement": cast.officer.pk,
        "take-seat_security": cast.security.pk,
        "take-seat_business": cast.business.pk,
    }
    response = send(client, cast.officer, "intake-take", bare.pk, **data)
    assert response.url == reverse("blanks", args=[bare.pk])
    assert bare.requirements.count() >= 40
    form = page(client, cast.officer, "blanks", bare.pk).context["form"]
    assert len(form.fields) >= 20
    assert form.unsuggested == 1
    assert [row.code for row, _fields in form.groups][:2] == ["ASY-SA-04", "ASY-AC-03"]
    values = {name: field.initial or "2026/11/01" for name, field in form.fields.items()}
    send(client, cast.officer, "blanks", bare.pk, **values)
    assert not any(row.blanks for row in bare.requirements.all())
    assert "No requirement has a blank." in page(client, cast.officer, "blanks", bare.pk).content.decode()


def test_a_faulty_blank_keeps_what_was_typed(client, cast, taken):
    row = taken.requirements.get(entry="ASY-SI-01")
    response = send(client, cast.officer, "blanks", taken.pk, **{f"blank-{row.pk}-critical": "[7]"})
    assert response.status_code == 422
    assert 'value="[7]"' in response.content.decode()
    assert "no square brackets" in response.content.decode()


def test_nobody_sits_for_a_side_that_is_not_theirs(client, cast, bare):
    answer(cast, bare)
    data = {"take-parts": ["panel"], "take-seat_security": cast.business.pk}
    response = send(client, cast.officer, "intake-take", bare.pk, **data)
    assert response.status_code == 422
    assert not bare.seats.exists()


def test_steps_are_confirmed_with_a_note_each_and_one_button(client, cast, bare):
    answer(cast, bare)
    assert send(client, cast.officer, "intake-steps", bare.pk, feasibility=" ").status_code == 422
    notes = {"feasibility": "Memo 115-3 of the CISO", "cost": "Budget line 7"}
    send(client, cast.officer, "intake-steps", bare.pk, **notes, concentration="")
    steps = Intake.objects.get().steps
    assert steps.keys() == notes.keys()
    assert steps["feasibility"]["by"] == "Officer (Procurement)"
    assert AuditEntry.objects.filter(action="confirm step").count() == 2
    response = page(client, cast.officer, "intake", bare.pk)
    assert "Memo 115-3 of the CISO" in response.content.decode()
    assert response.context["content"].open_steps == ["concentration"]


def test_what_is_written_about_a_step_stays_beside_a_faulty_one(client, cast, bare):
    answer(cast, bare)
    notes = {"feasibility": "Memo 115-3", "cost": "x" * 2001}
    response = send(client, cast.officer, "intake-steps", bare.pk, **notes)
    assert response.status_code == 422
    assert 'value="Memo 115-3"' in response.content.decode()
    assert Intake.objects.get().steps == {}


def test_a_step_that_is_not_asked_for_is_not_there(client, cast, bare):
    answer(cast, bare)
    assert send(client, cast.officer, "intake-steps", bare.pk, dance="Done").status_code == 422
    assert Intake.objects.get().steps == {}


def test_who_answers_and_who_sits_is_suggested(client, cast, bare):
    answer(cast, bare)
    initial = page(client, cast.officer, "intake", bare.pk).context["take_form"].initial
    assert initial["owner_procurement"] == cast.officer.pk
    assert initial["owner_security"] == cast.security.pk  # its head is no member
    assert initial["seat_security"] == cast.security.pk
    assert "seat_business" not in initial  # two of them could


# --- lowering ----------------------------------------------------------------------------------------------
def test_lowering_goes_to_security_and_comes_back(client, cast, bare):
    answer(cast, bare)
    data = {"items": ["ask:ASY-AC-06", "ask:ASY-AC-07"], "reason": "No remote access is bought."}
    assert send(client, cast.officer, "intake-lower", bare.pk, **data).status_code == 302
    row = Lowering.objects.get()
    assert [item["value"] for item in row.items] == ["", ""]

    client.force_login(cast.security)
    assert "Answer a lowered proposal" in client.get(reverse("work")).content.decode()
    html = page(client, cast.security, "intake", bare.pk).content.decode()
    assert "No remote access is bought." in html
    words = {f"lowering-{row.pk}-answer": "agreed", f"lowering-{row.pk}-version": row.version}
    wrong = words | {f"lowering-{row.pk}-password": "wrong"}
    assert send(client, cast.security, "lowering-answer", row.pk, **wrong).status_code == 422
    right = words | {f"lowering-{row.pk}-password": PASSWORD}
    assert send(client, cast.security, "lowering-answer", row.pk, **right).status_code == 302
    row.refresh_from_db()
    assert (row.answer, row.answered_by) == ("agreed", "Security (Security)")
    client.force_login(cast.security)
    assert "Answer a lowered proposal" not in client.get(reverse("work")).content.decode()


def test_the_reason_stays_when_nothing_was_ticked(client, cast, bare):
    answer(cast, bare)
    response = send(client, cast.officer, "intake-lower", bare.pk, reason="Because.")
    assert response.status_code == 422
    assert "Because." in response.content.decode()
    assert "Choose what is lowered." in response.content.decode()


def test_weights_are_lowered_in_criteria_and_not_before(client, cast, bare):
    answer(cast, bare)
    data = {"items": ["security_weight"], "reason": "Price is all."}
    assert send(client, cast.officer, "intake-lower", bare.pk, **data).status_code == 422
    assert not Lowering.objects.exists()


def test_only_what_is_lowered_can_be_asked_for(client, cast, taken):
    data = {"items": ["ask:ASY-AC-06"], "reason": "Why not."}
    assert send(client, cast.officer, "intake-lower", taken.pk, **data).status_code == 422
    assert not Lowering.objects.exists()


# --- who sees what -----------------------------------------------------------------------------------------
def test_who_reads_the_intake(client, cast, bare):
    answer(cast, bare)
    for who in (cast.officer, cast.security, cast.approver, cast.auditor, cast.security_head):
        assert page(client, who, "intake", bare.pk).status_code == 200, who
    for who in (cast.stranger, cast.vendor, cast.administrator):
        assert page(client, who, "intake", bare.pk).status_code in (403, 404), who


def test_a_vendor_reads_no_intake_of_a_published_tender(client, cast, published):
    assert page(client, cast.vendor, "intake", published.pk).status_code == 403
    html = page(client, cast.vendor, "tender", published.pk).content.decode()
    assert reverse("intake", args=[published.pk]) not in html


def test_others_are_told_who_answers(client, cast, bare):
    html = page(client, cast.approver, "intake", bare.pk).content.decode()
    assert "The officer answers eight questions here" in html


def test_a_loaded_case_says_that_it_has_none(client, cast, priced):
    Intake.objects.all().delete()
    html = page(client, cast.officer, "intake", priced.pk).content.decode()
    assert "it was loaded from a case file" in html


@pytest.mark.parametrize("name", ["intake-take", "intake-lower"])
def test_what_is_published_is_frozen(client, cast, published, name):
    assert send(client, cast.officer, name, published.pk).status_code == 403


# --- what similar tenders asked ----------------------------------------------------------------------------
def copy_of(tender, reference, **changes):
    return Tender.objects.create(
        reference=reference,
        title=f"Past {reference}",
        system=tender.system,
        system_class="1",
        stage="awarded",
        published_at=NOW,
        fingerprint="sha256:0",
        **changes,
    )


def test_similar_tenders_say_what_they_asked_and_what_went_wrong(client, cast, bare):
    answer(cast, bare)
    past = copy_of(bare, "ITS-2024-001")
    past.requirements.create(position=0, code="X1", title="Offline protection")
    Incident.objects.create(
        vendor=cast.vendor.vendor,
        tender=past,
        severity="high",
        happened_on=NOW.date(),
        what="Update servers were open to the internet",
        recorded_by="Security",
        recorded_at=NOW,
    )
    html = page(client, cast.officer, "intake", bare.pk).content.decode()
    assert "ITS-2024-001" in html
    assert "Same system" in html
    assert "Offline protection" in html
    assert "Update servers were open to the internet" in html


def test_other_classes_and_drafts_are_not_similar(client, cast, bare):
    answer(cast, bare)
    copy_of(bare, "ITS-2024-002").delete()
    Tender.objects.create(reference="ITS-2024-003", title="Other", system="HR", system_class="3")
    Tender.objects.create(reference="ITS-2024-004", title="Draft", system=bare.system, system_class="1")
    html = page(client, cast.officer, "intake", bare.pk).content.decode()
    assert "ITS-2024-00" not in html


def test_more_similar_tenders_need_no_more_queries(client, cast, bare):
    answer(cast, bare)

    def count():
        page(client, cast.officer, "intake", bare.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("intake", args=[bare.pk]))
        return len(queries)

    copy_of(bare, "ITS-2024-001").requirements.create(position=0, code="X1", title="One")
    one = count()
    for number in (2, 3):
        copy_of(bare, f"ITS-2024-00{number}").requirements.create(position=0, code="X1", title="One")
    assert count() == one
