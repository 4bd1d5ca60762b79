"""Hands that count every click, choice and keystroke of a journey, and the time that a person needs for it.

The time is that of the keystroke-level model (Card, Moran and Newell 1980, Communications of the ACM 23(7),
pages 396 to 410): what is typed, pointed at and clicked, hands that change between keyboard and mouse, and
thinking before each step. It knows nothing of reading, nor of waiting for pages.
"""

from dataclasses import dataclass
from decimal import Decimal

from playwright.sync_api import expect

#: Seconds: a key of an average typist who is no secretary, pointing, a click, a hand's change, and thinking.
KEYSTROKE, POINTING, CLICK, HOMING, THINKING = map(Decimal, ("0.28", "1.1", "0.2", "0.4", "1.35"))


@dataclass
class Hands:
    """A person's hands on a page. A step is a field filled in, an option chosen, a button, or a look."""

    page: object
    steps: int = 0
    clicks: int = 0
    keystrokes: int = 0
    changes: int = 0
    on_keys: bool = False

    @property
    def seconds(self):
        """What a person needs for all that was done, reading and waiting aside."""
        moved = self.clicks * (POINTING + CLICK) + self.changes * HOMING
        return self.steps * THINKING + moved + self.keystrokes * KEYSTROKE

    def press(self, place):
        """Point at a button, a link or a box and click it."""
        self._point(1)
        place.click()

    def choose(self, place, value):
        """Open a list, point at the option, and click it."""
        self._point(2)
        place.select_option(str(value))

    def type(self, place, text):
        """Click into a field and type; what stands there is marked before, with two keys."""
        self._point(1)
        place.click()
        stood = place.input_value()
        self._hit(len(text) + (2 if stood else 0))
        if stood:
            place.press("ControlOrMeta+a")
        place.press_sequentially(text)
        expect(place).to_have_value(text)

    def type_moment(self, place, moment):
        """Type a date and a time into a field that puts the signs between them by itself."""
        self._point(1)
        self._hit(sum(sign.isdigit() for sign in moment) + 1)  # one key goes on from the year to the month
        place.fill(moment)

    def enter(self, place):
        """Send off the field that was just typed in."""
        self.steps += 1
        self._hit(1)
        place.press("Enter")

    def reload(self):
        """Ask for the page again."""
        self.steps += 1
        self._hit(1)
        self.page.reload()

    def look(self, place):
        """Look at something that is there without a click."""
        self.steps += 1
        place.wait_for()

    def _point(self, times):
        self.steps += 1
        self.clicks += times
        self._change(on_keys=False)

    def _hit(self, keys):
        self.keystrokes += keys
        self._change(on_keys=True)

    def _change(self, *, on_keys):
        self.changes += self.on_keys != on_keys
        self.on_keys = on_keys


def told(who, *hands):
    """What the hands of one or several people did, in a line."""
    steps, clicks, keystrokes = (
        sum(getattr(one, name) for one in hands) for name in ("steps", "clicks", "keystrokes")
    )
    seconds = sum(one.seconds for one in hands)
    return f"{who}: {steps} steps, {clicks} clicks, {keystrokes} keystrokes, {seconds:.0f} s for a person"
