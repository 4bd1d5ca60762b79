"""Writing a specification in a browser: pick, drag, move by key, change many, weigh while typing, keep."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from procurement.actions.catalogues import load_catalogue
from procurement.catalogues import Catalogue, Entry, Kind
from procurement.models import SpecificationTemplate, Tender
from tests.journeys.site import sign_in, store


@pytest.fixture
def asvs(cast):
    """A catalogue of one row, which corresponds to a requirement of the baseline."""
    text = "Sessions end when an account is disabled."
    entry = Entry("V7.4.2", Kind.ASSESSABLE, 0, label="V7.4.2", text=text, shown=text)
    catalogue = Catalogue(code="ASVS", version="5.0.0", title="ASVS", entries=(entry,), language="en")
    load_catalogue(actor=cast.officer, catalogue=catalogue, files={}, now=timezone.now())


@pytest.mark.usefixtures("asvs")
def test_a_specification_is_picked_ordered_changed_weighed_and_kept(watch, cast, draft, look):
    page = watch(locale="en", viewport={"width": 1440, "height": 1100})
    sign_in(page, "officer")
    page.goto(f"/tenders/{draft.pk}/")
    page.get_by_role("link", name="Write the specification").click()
    _pick(page, look)
    assert _codes(draft) == ["R1", "R2", "R3", "ASY-AC-01", "ASY-AC-02", "ASY-AC-03", "V7.4.2"]
    _see_what_is_missing(page)
    _order(page, draft, look)
    _change(page, draft, cast)
    _weigh(page, draft, look)
    _keep_and_use(page, draft)


def _codes(draft):
    return list(draft.requirements.values_list("code", flat=True))


def _shown(page):
    return page.locator("tbody[data-rows] td.code").all_inner_texts()


def _pick(page, look):
    """Three rows with a click and a Shift click, by what is bought, level and family; one by words."""
    page.get_by_role("link", name="Pick requirements").first.click()
    page.get_by_label("Catalogue", exact=True).select_option("Built-in baseline")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("Asked where this is bought").select_option("atm-endpoint")
    page.get_by_label("Asked at level").select_option("basic")
    page.get_by_label("Family", exact=True).select_option("AC")
    page.get_by_role("button", name="Find").click()
    look(page, thoroughly=True)
    boxes = page.locator("tbody input[type=checkbox]")
    expect(boxes.nth(4)).to_be_visible()
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("button.btn-act [data-count]")).to_have_text("3")
    page.get_by_role("button", name="Add the chosen").click()
    expect(page.locator(".messages")).to_contain_text("3 requirements are added.")
    expect(page.get_by_text("there as ASY-AC-01")).to_be_visible()

    page.get_by_role("link", name="Show all").click()
    page.locator("main [name=q]").fill("sessions disabled")
    page.locator("main [name=q]").press("Enter")
    row = page.locator("tbody tr").filter(has_text="ASVS")
    expect(row).to_contain_text("Asks for the same as")
    expect(row).to_contain_text("ASY-AC-03: they correspond")
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Add the chosen").click()
    expect(page.locator(".messages")).to_contain_text("1 requirement is added.")
    page.get_by_role("link", name="Back to the 7 requirements").click()


def _see_what_is_missing(page):
    """Families without a requirement, and what is asked twice."""
    family = page.locator("#coverage tr").filter(has_text="Access control")
    expect(family.locator("td.num").first).to_have_text("4")
    expect(page.locator("#coverage tr").filter(has_text="nothing is asked")).to_have_count(6)
    expect(page.locator("#twins")).to_contain_text("ASY-AC-03")
    expect(page.locator("#twins")).to_contain_text("V7.4.2")


def _order(page, draft, look):
    """Alt and an arrow, then the mouse; what is shown is what is stored, and the choice stays."""
    look(page, thoroughly=True)
    rows = page.locator("tbody[data-rows] tr")
    box = rows.nth(2).locator("input[type=checkbox]")
    box.check()
    box.press("Alt+ArrowUp")
    expect(page.locator("tr.dropped .code")).to_have_text("R3")
    assert _codes(draft)[:3] == _shown(page)[:3] == ["R1", "R3", "R2"]
    moved = rows.nth(1).locator("input[type=checkbox]")
    expect(moved).to_be_checked()
    expect(moved).to_be_focused()
    rows.nth(5).locator("td.code").drag_to(rows.nth(0).locator("td.code"), target_position={"x": 4, "y": 2})
    expect(page.locator("tr.dropped .code")).to_have_text("ASY-AC-03")
    assert _codes(draft) == _shown(page)
    assert _codes(draft)[0] == "ASY-AC-03"


def _change(page, draft, cast):
    """What is chosen becomes scored beside a new criterion, with an owner and the owner's unit, at once."""
    page.get_by_text("Change the chosen at once").click()
    form = page.locator("form[data-order]")
    form.locator("[name=mandatory]").select_option("no")
    form.locator("[name=owner]").select_option(str(cast.business.pk))
    form.locator("[name=criterion]").select_option("new")
    form.get_by_text("A new criterion for them").click()
    form.locator("[name=new_title]").fill("Keys")
    form.locator("[name=new_weight]").fill("5")
    form.get_by_role("button", name="Change the chosen").click()
    expect(page.locator(".messages")).to_contain_text("1 requirement is changed.")
    row = draft.requirements.get(code="R3")
    assert (row.mandatory, row.criterion.title) == (False, "Keys")
    assert (row.owner, row.unit) == (cast.business, cast.business.unit)


def _weigh(page, draft, look):
    """The points follow what is typed; they are stored by the button, and scales get their words."""
    page.get_by_role("link", name="Weights").first.click()
    look(page, thoroughly=True)
    points, keys = page.locator("#points"), page.get_by_role("textbox", name="Keys")
    price = page.locator(f"[name=weight-{draft.criteria.get(code='P').pk}]")
    expect(points).to_contain_text("weights add up to 105 5 too much")
    page.get_by_role("button", name="Spread evenly").click()
    expect(points).to_contain_text("weights add up to 100")
    expect(keys).to_have_value("25")
    keys.fill("0.")
    keys.press_sequentially("5")
    expect(points).to_contain_text("weights add up to 75.5 24.5 left")
    price.fill("")
    page.get_by_role("button", name="Spread what is left").click()
    expect(price).to_have_value("49.5")
    page.get_by_role("button", name="Store the weights").click()
    expect(points).to_contain_text("49.50")
    assert {row.code: str(row.weight) for row in draft.criteria.all()}["C1"] == "0.5"
    page.get_by_role("button", name="Give the usual words").click()
    expect(page.locator(".messages")).to_contain_text("3 criteria have words for their marks now.")
    assert Tender.objects.get().criteria.get(title="Keys").anchors[0]["mark"] == "0"


def _keep_and_use(page, draft):
    """Kept as a template, and another tender started from it: the same codes in the same order."""
    page.get_by_role("link", name="Back to the tender").click()
    page.get_by_role("link", name="Keep as a template").click()
    store(page, name="Cash machines", note="From ITS-2026-900")
    expect(page.locator(".messages")).to_be_visible()
    template = SpecificationTemplate.objects.get()
    page.locator("nav.main").get_by_role("link", name="Tenders").click()
    page.get_by_role("link", name="New tender").first.click()
    page.get_by_role("link", name=re.compile("template")).first.click()
    store(page, source=f"template:{template.pk}", reference="ITS-2026-901", title="More cash machines")
    expect(page.locator(".messages")).to_be_visible()
    made = Tender.objects.get(reference="ITS-2026-901")
    assert _codes(made) == _codes(draft)
    assert {row.code: row.weight for row in made.criteria.all()} == {
        row.code: row.weight for row in draft.criteria.all()
    }
