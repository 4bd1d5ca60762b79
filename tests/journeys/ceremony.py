"""The officers' pages: a key and its passphrase, who opens a tender's bids, and the turns at an envelope."""

from django.utils import timezone
from playwright.sync_api import expect

from bids.models import OfficerKey
from tests.cast import OPENERS, PASSPHRASES, PASSWORD, give_key


def make_key(page, look):
    """Make a key and prove it; returns the passphrase, which is on one page, once."""
    page.locator("details.menu summary").click()
    page.locator('details.menu a[href="/key/"]').click()
    look(page)
    form = page.locator('form[action="/key/make/"]')
    form.locator("[type=password]").fill(PASSWORD)
    form.locator("button").click()
    words = page.locator("ol.passphrase li")
    expect(words).to_have_count(7)
    passphrase = " ".join(words.all_inner_texts())
    look(page)
    page.locator('a.btn-act[href="/key/"]').click()
    _prove(page, passphrase.title())
    look(page)
    expect(page.locator("main")).not_to_contain_text(passphrase.split()[0])
    return passphrase


def _prove(page, passphrase):
    form = page.locator('form[action="/key/drill/"]')
    form.locator("[name=passphrase]").fill(passphrase)
    form.locator("button").click()
    expect(page.locator(".messages .note.ok")).to_be_visible()


def name_officers(page, people, look):
    """Name the three who open, from the tender page and back to it."""
    page.locator('#opening-officers a[href$="/officers/"]').first.click()
    form = page.locator("main form")
    for number, person in enumerate(people, start=1):
        form.locator(f"[name=officer_{number}]").select_option(str(person.pk))
    look(page)
    form.locator("button.btn-act").click()
    expect(page.locator("#opening-officers tbody tr")).to_have_count(len(people))


def take_turn(page, passphrase):
    """Take one's turn at the envelope that is locked; with the second one's it is open."""
    form = page.locator("#unlock form")
    form.locator("[name=passphrase]").fill(passphrase)
    form.locator("[name=password]").fill(PASSWORD)
    form.locator("button").click()
    expect(page.locator(".messages .note.ok")).to_be_visible()


def three_officers_have_keys(walk):
    """The first makes one on the pages; for the others they would be the same."""
    first, *others = OPENERS
    walk.passphrases[first] = make_key(walk.window(first), walk.look)
    assert OfficerKey.objects.get().is_drilled(timezone.now())
    for name in others:
        give_key(getattr(walk.cast, name), at=timezone.now())
        walk.passphrases[name] = PASSPHRASES[name]


def two_officers_unlock(walk, names):
    """Two of them, each in a window of the own, take their turns."""
    for name in names:
        page = walk.at(name, "opening/")
        take_turn(page, walk.passphrases[name])
        walk.look(page)
