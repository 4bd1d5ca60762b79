"""The people of a walk, each at a window of their own, and the tender that they all look at."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import expect

from procurement.models import Tender
from tests.cast import Cast
from tests.journeys.site import sign_in, words


@dataclass
class Walk:
    """The people with a window each, and what they know of each other."""

    language: str
    watch: object
    look: object
    cast: Cast
    units: dict = field(default_factory=dict)
    windows: dict = field(default_factory=dict)
    passphrases: dict = field(default_factory=dict)
    address: str = ""

    def window(self, name):
        """A person's own window, signed in."""
        if name not in self.windows:
            self.windows[name] = self.watch(locale={"zh-hant": "zh-TW", "en": "en-GB"}[self.language])
            sign_in(self.windows[name], name)
            expect(self.windows[name].locator("html")).to_have_attribute("lang", self.language)
        return self.windows[name]

    def at(self, name, ending=""):
        """A person's window at a page of the tender, opened by its address."""
        page = self.window(name)
        page.goto(self.address + ending)
        return page

    @property
    def path(self):
        """The tender's address without the server's."""
        return urlsplit(self.address).path

    @property
    def tender(self):
        return Tender.objects.get()

    @property
    def requirements(self):
        return {row.code: row for row in self.tender.requirements.all()}

    def says(self, text):
        """A sentence in the language of the walk."""
        return words(self.language, text)
