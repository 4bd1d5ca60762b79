"""Receipts and refusals, to be fetched again at any time by the vendor they were given to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from bids import queries
from bids.actions.receipts import file_name


def _file(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/json")
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


@require_GET
def receipt(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """The signed receipt of a version, as it was given."""
    row = get_object_or_404(queries.submissions_visible_to(request.user), bid__tender=pk, number=number)
    return _file(row.receipt, file_name(row.bid.tender, number))


@require_GET
def confirmation(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """The signed receipt of a version's last confirmation, as it was given."""
    rows = queries.submissions_visible_to(request.user).exclude(confirmation="")
    row = get_object_or_404(rows, bid__tender=pk, number=number)
    return _file(row.confirmation, file_name(row.bid.tender, number))


@require_GET
def refusal(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed refusal of what came in late, as it was given."""
    row = get_object_or_404(queries.late_bids_visible_to(request.user), pk=pk)
    return _file(row.refusal, f"refusal-{row.pk}.json")
