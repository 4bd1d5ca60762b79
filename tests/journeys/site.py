"""What a person does on every page: sign in, fill in a form, follow a link."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from tests.cast import PASSWORD

TAIPEI = ZoneInfo("Asia/Taipei")


def sign_in(page, username):
    """Through the front door to one's own work."""
    page.goto("/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    expect(page.locator("form[data-sign-out]")).to_be_attached()


def fill(form, **values):
    """Fill in the named fields of a form, each in the way of its kind."""
    for name, value in values.items():
        field = form.locator(f'[name="{name}"]')
        kind = field.first.evaluate("node => node.type")
        if kind in {"radio", "checkbox"}:
            form.locator(f'[name="{name}"][value="{value}"]').check()
        elif kind == "select-one":
            field.select_option(str(value))
        else:
            field.fill(str(value))


def store(page, **values):
    """Fill in the one form of a page and send it off."""
    form = page.locator("main form")
    fill(form, **values)
    form.locator("button.btn-act").click()


def press(page, address):
    """Press the button of the form that goes to an address of that name."""
    page.locator(f'form[action*="/{address}/"] button.btn-act').click()


def tab(page, ending):
    """Change to another page of the tender."""
    page.locator(f'nav.tabs a[href$="{ending}"]').click()
    expect(page).to_have_url(re.compile(re.escape(ending) + r"$"))


def in_taipei(**ahead):
    """A moment as a date field wants it typed."""
    return (timezone.now() + timedelta(**ahead)).astimezone(TAIPEI).strftime("%Y-%m-%dT%H:%M")


def a_day(**ahead):
    """A day in Taipei as a date field wants it typed."""
    return in_taipei(**ahead)[:10]


def words(language, text):
    """What the site says in a language."""
    with translation.override(language):
        return gettext(text)
