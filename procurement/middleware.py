"""What every request is told, and how refusals become pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from procurement.actions.locking import Stale

type_of_handler = Callable[[HttpRequest], HttpResponse]


class RequestFacts:
    """One reading of the clock (`request.now`), the person's language, no caching behind the sign-in."""

    def __init__(self, get_response: type_of_handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = timezone.now()
        if request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers["Cache-Control"] = "no-store"
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


class Refusals:
    """Answers a stale save with its own page (409) in place of an error."""

    def __init__(self, get_response: type_of_handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The 409 page for `Stale`; anything else goes its way."""
        if isinstance(exception, Stale):
            return render(request, "409.html", {"reason": str(exception)}, status=409)
        return None
