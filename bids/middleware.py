"""What of the bids is read, and by whom, goes on record."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from bids.actions.readings import ON_RECORD, record_reading
from procurement.choices import Role


class Readings:
    """An entry of the trail when somebody of the bank first reads something in a session.

    Vendors read what is their own. Nothing of a bid is shown before the opening, so nothing is recorded then
    either. Without an entry nothing is handed out: where the trail cannot be written the page is an error.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match and match.view_name in ON_RECORD and response.status_code == 200 and request.method == "GET":
            self._record(request, match.view_name, str(match.kwargs["pk"]))
        return response

    def _record(self, request: HttpRequest, route: str, key: str) -> None:
        if request.user.role == Role.VENDOR:
            return
        mark = f"{route} {key}"
        seen = request.session.get("read", [])
        if mark not in seen:
            record_reading(actor=request.user, route=route, key=key, now=request.now)
            request.session["read"] = [*seen, mark]
