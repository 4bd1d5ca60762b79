"""The officer's pages: the tender, its requirements, its criteria, its panel, and the door to publication."""

from playwright.sync_api import expect

from procurement.models import Tender
from tests.cast import PASSWORD, enter_intake
from tests.journeys.site import fill, in_taipei, store


def start_tender(page, unit, cast):
    """A tender with its rules and with nothing to ask yet; returns its address."""
    page.locator('nav.main a[href="/tenders/"]').click()
    page.locator('a[href="/tenders/new/"]').first.click()
    form = page.locator("main form")
    form.locator("details.folded > summary").click()
    fill(
        form,
        reference="ITS-2026-117",
        title="ATM 端點防護 ATM end-point protection",
        budget="1,850 萬元",
        deadline=in_taipei(hours=1),
        system="ATM",
        system_class="1",
        owner_unit=unit.pk,
        owner=cast.security.pk,
        approver=cast.approver.pk,
        escalation=cast.next_above.pk,
        profile="bank",
        method="total",
        price_formula="ceiling-linear",
        aggregation="mean",
        ceiling="NT$ 20,000,000",
        floor="10000000",
        tie_1="heaviest-criterion",
        tie_2="lots",
    )
    form.locator("button.btn-act").click()
    expect(page.locator("#explained")).to_be_visible()
    tender = Tender.objects.get(reference="ITS-2026-117")
    # This walk asks for what it likes; the intake has a journey of its own.
    enter_intake(tender)
    page.goto(page.url.replace("intake/answers/", ""))
    expect(page.locator("#requirements")).to_be_visible()
    return page.url


def add_requirement(page, **values):
    """A requirement, from the tender page and back to it."""
    page.locator('#requirements a[href$="/requirements/new/"]').first.click()
    store(page, **values)
    expect(page.locator("#requirements").get_by_role("link", name=values["code"], exact=True)).to_be_visible()


def add_criterion(page, units=(), **values):
    """A criterion with the units that mark it, from the tender page and back to it."""
    page.locator('#criteria a[href$="/criteria/new/"]').first.click()
    form = page.locator("main form")
    for unit in units:
        form.locator(f'[name=units][value="{unit.pk}"]').check()
    store(page, **values)
    expect(page.locator("#criteria").get_by_role("link", name=values["code"], exact=True)).to_be_visible()


def add_seat(page, person):
    """A seat for a member, from the tender page and back to it."""
    page.locator('#panel a[href$="/seats/new/"]').first.click()
    store(page, unit=person.unit.pk, user=person.pk)
    expect(page.locator("#panel").get_by_role("link", name=person.name)).to_be_visible()


def faults(page):
    """What stands against publication, a sentence each."""
    return page.locator("#checks li.no b")


def has_faults(page, *sentences):
    """Wait until these sentences, and no others, stand against publication."""
    expect(faults(page)).to_have_text(list(sentences))
    expect(page.locator("#checks li")).not_to_have_count(0)


def unsigned(walk):
    """What is said while neither side has signed."""
    sides = ("Security", "Accountable unit")
    return [walk.says("Not signed off: %(side)s.") % {"side": walk.says(side)} for side in sides]


def sign_off(walk, page):
    """Security and the accountable unit sign on their own pages; the officer then sees nothing missing."""
    has_faults(page, *unsigned(walk))
    for name, side in (("security", "security"), ("security_head", "owner")):
        own, place = walk.at(name), f"#sign-off-{side}"
        own.locator(f"{place} [type=password]").fill(PASSWORD)
        own.locator(f"{place} form button").click()
        expect(own.locator(f"{place} form")).to_have_count(0)
    page.reload()
    has_faults(page)


def publish(page):
    """Publish, once nothing stands against it."""
    page.locator('#checks form[action$="/publish/"] button').click()
    expect(page.locator("#published-title")).to_be_visible()
