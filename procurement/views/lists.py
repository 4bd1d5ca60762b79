"""Lists by pages."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PAGE = 25


def page_of(request: HttpRequest, rows: Any) -> Page:
    """The page that the query string names; the nearest one where it names none that exists."""
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))
