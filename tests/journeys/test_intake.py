"""From nothing to a whole specification by eight answers; security agrees to less, by name."""

import re

import pytest
from playwright.sync_api import expect

from procurement.models import Intake, Tender
from tests.cast import ANSWERS, PASSWORD
from tests.journeys.site import fill, in_taipei, sign_in, tab


@pytest.mark.usefixtures("units")
def test_eight_answers_make_a_specification(watch, cast, axe):
    page = watch(locale="en")
    sign_in(page, "officer")
    _start(page, cast)
    _answer(page, axe)
    _take_over(page, cast, axe)
    _fill_in(page)
    tender = Tender.objects.get()
    assert tender.requirements.count() >= 40
    assert not any(row.blanks for row in tender.requirements.all())

    _ask_for_less(page)
    other = watch(locale="en")
    sign_in(other, "security")
    other.get_by_role("link", name="Answer").first.click()
    form = other.locator('form[action*="/lowerings/"]')
    form.locator('[value="agreed"]').check()
    form.locator("[type=password]").fill(PASSWORD)
    form.locator("button").click()
    expect(other.locator("#lowering")).to_contain_text("Agreed")
    assert Intake.objects.get().lowerings.get().answered_by == "Security (Security)"


def _start(page, cast):
    page.goto("/tenders/new/")
    form = page.locator("main form")
    fill(
        form,
        reference="ITS-2026-118",
        title="Cash machine protection",
        budget="18500000",
        deadline=in_taipei(days=20),
        owner_unit=cast.security.unit_id,
        owner=cast.security.pk,
        approver=cast.approver.pk,
        escalation=cast.next_above.pk,
    )
    form.locator("button.btn-act").click()


def _answer(page, axe):
    """The explanation follows each answer; nothing is stored before the button."""
    expect(page.locator("#explained")).to_contain_text("8 questions are open")
    axe(page)
    for name, value in ANSWERS.items():
        option = value[0] if isinstance(value, list) else value
        page.locator(f'[name="{name}"][value="{option}"]').check()
    expect(page.locator("#explained")).to_contain_text("Security gets 45 of 100 points")
    assert not Intake.objects.exists()
    page.locator("form[data-keep] button.btn-act").click()
    expect(page.locator("h2.h-page")).to_contain_text("Class 1")


def _take_over(page, cast, axe):
    axe(page)
    form = page.locator('form[action$="/take/"]')
    fill(
        form,
        **{
            "take-owner_security": cast.security.pk,
            "take-owner_business": cast.business.pk,
            "take-seat_security": cast.security.pk,
            "take-seat_business": cast.business.pk,
        },
    )
    form.locator("button").click()
    expect(page).to_have_url(re.compile("/blanks/$"))


def _fill_in(page):
    """Suggestions stand in the fields; only the date of the list of bans is for the bank to know."""
    for field in page.locator("main form input[type=text]").all():
        if not field.input_value():
            field.fill("2026-11-01")
    page.locator("main form button.btn-act").click()
    expect(page.locator("#requirements")).to_be_visible()
    expect(page.locator("#checks")).not_to_contain_text("Blanks are not filled in")


def _ask_for_less(page):
    """The panel has nobody of IT; why that is enough goes to security."""
    tab(page, "/intake/")
    page.get_by_role("checkbox", name="Lower Panel: IT").check()
    page.locator("#lower [name=reason]").fill("IT takes part as an adviser.")
    page.locator("#lower button").click()
    expect(page.locator("#lowering")).to_contain_text("IT takes part as an adviser.")
