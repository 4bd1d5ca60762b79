"""Receipts and refusals, to be fetched again at any time by the vendor they were given to."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from bids import queries
from bids.actions import closing as closing_steps
from bids.actions.receipts import file_name, refusal_name
from procurement.views.saving import said


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
    return _file(row.refusal, refusal_name(row))


@require_GET
def closing(request: HttpRequest, pk: str) -> HttpResponse:
    """The signed closing record, as it was mailed: for those who bid, and for the bank."""
    row = get_object_or_404(queries.closing_records_visible_to(request.user), tender=pk)
    return _file(row.document, closing_steps.file_name(row.tender))


@require_GET
def proof(request: HttpRequest, pk: str) -> HttpResponse:
    """The proof that what the vendor handed in last was closed with the rest, once the bids are opened."""
    sent = queries.submissions_visible_to(request.user).filter(bid__tender=pk, bid__opened_at__isnull=False)
    row = sent.order_by("-number").first()
    if row is None:
        raise Http404
    try:
        name = f"proof-{file_name(row.bid.tender, row.number).removeprefix('receipt-')}"
        return _file(closing_steps.proof_of(row), name)
    except ValidationError as error:
        messages.error(request, said(error))
        return redirect("bid", pk=pk)
