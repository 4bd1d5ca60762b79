"""Texts of catalogues: markdown that others wrote, through the allow-list."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from procurement.catalogues.markdown import to_html

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    """The HTML of a publisher's markdown. Whatever is not on the allow-list is gone or escaped."""
    return mark_safe(to_html(text))  # nothing but what the allow-list lets through
