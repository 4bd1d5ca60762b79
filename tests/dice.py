"""How random processes are drawn: each by itself, and from the same seed the same ones in every run.

Hypothesis varies what it has just tried, and draws numbers out of the modules that happen to be loaded: most
processes would be nearly the same as the one before, and which they are would depend on what ran before.
"""

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

#: The name of this way to draw, for `settings(backend=DICE)`.
DICE = "dice"


class Dice(HypothesisProvider):
    """Even chances, and nothing but chance."""

    def _maybe_draw_constant(self, *args, **kwargs):
        return None


AVAILABLE_PROVIDERS[DICE] = Dice
