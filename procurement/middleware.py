"""What every request is told, and how refusals become pages."""

import gc
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from procurement import audit, clock, throttle
from procurement.actions.locking import Stale
from procurement.choices import Role
from procurement.models import Tender
from procurement.views import faults

logger = logging.getLogger(__name__)

type_of_handler = Callable[[HttpRequest], HttpResponse]

#: Set in the surroundings of a request whose traces are to be removed from memory once it is answered.
_FORGET = "assay.forget"


class RequestFacts:
    """One reading of the clock (`request.now`), the person's language, no caching behind the sign-in."""

    def __init__(self, get_response: type_of_handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = clock.read()
        request.user.address = throttle.address_of(request)
        if request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers["Cache-Control"] = "no-store"
            if request.user.role == Role.VENDOR:
                request.META[_FORGET] = True
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


class Forgetting:
    """The whole site, which keeps nothing of a vendor's request in memory once it is answered.

    Forms, requests and the people who sign in refer to each other in circles, and Python would come round to
    them some day. Started as `make demo` does it, memory that is given back is overwritten at once.
    """

    def __init__(self, site: Callable[..., Any]) -> None:
        self.site = site

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self.site(environ, start_response)
        return _Forgotten(answer) if environ.get(_FORGET) else answer


class _Forgotten:
    """An answer after which everything that nobody needs any more is given back."""

    def __init__(self, answer: Iterable[bytes]) -> None:
        self._answer: Iterable[bytes] = answer

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        """End the request, and forget it."""
        answer, self._answer = self._answer, ()
        if hasattr(answer, "close"):
            answer.close()
        del answer
        gc.collect()


class Refusals:
    """Puts on record who was told no (403); a stale save (409) and what the site cannot do have own pages."""

    def __init__(self, get_response: type_of_handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 403 and request.user.is_authenticated and request.resolver_match:
            self._record(request)
        return response

    def _record(self, request: HttpRequest) -> None:
        """An entry of the trail; where it cannot be written the person is told no all the same."""
        tender = Tender.objects.only("pk").filter(pk=_tender_key(request)).first()
        try:
            audit.record_refusal(
                actor=request.user,
                route=request.resolver_match.view_name,
                method=request.method,
                tender=tender,
                now=request.now,
            )
        except DatabaseError:
            logger.exception("A refusal was not recorded")

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The 409 page for `Stale`, and those of faults of the site; anything else goes its way."""
        if isinstance(exception, Stale):
            return render(request, "409.html", {"reason": str(exception)}, status=409)
        return faults.answer(request, exception, for_bank=faults.is_of_bank(request))


def _tender_key(request: HttpRequest) -> UUID | None:
    """The key in the address where it may be a tender's: those of tenders are UUIDs."""
    key = request.resolver_match.kwargs.get("pk")
    return key if isinstance(key, UUID) else None
