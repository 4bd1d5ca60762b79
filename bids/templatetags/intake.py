"""The words of the built-in baseline in the reader's language: `{% load intake %}`."""

from django import template
from django.utils.translation import get_language

from procurement.catalogues.baseline import Requirement

register = template.Library()


@register.inclusion_tag("bids/intake/_words.html")
def requirement_words(entry: Requirement, *, short: bool = False) -> dict[str, object]:
    """The demand, and folded behind it why, when it is met and what shows it; `short` is without."""
    language = get_language() or ""
    texts = {"text": entry.text, "why": entry.why, "test": entry.test}
    return {name: entry.shown(words).of(language) for name, words in texts.items()} | {
        "asks": entry.asks.of(language),
        "source": entry.sources.of(language),
        "short": short,
    }
