"""What is published of tenders: open ones need no account, limited ones are for who may know of them."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from bids import queries
from procurement.choices import Stage
from procurement.queries import search_tenders
from procurement.views.lists import page_of

from .public_content import digest_of, formula_of, marking_units, public_specification, versions_of
from .specification_content import Content

JSON = "application/json; charset=utf-8"


@login_not_required
@require_safe
def public_tenders(request: HttpRequest) -> HttpResponse:
    """Tenders that everybody may bid for now."""
    text = request.GET.get("q", "").strip()
    rows = search_tenders(queries.public_open_tenders(request.now), text)
    context = {"page": page_of(request, rows), "q": text}
    return render(request, "bids/public/tenders.html", context)


@login_not_required
@require_safe
def public_tender(request: HttpRequest, pk: str) -> HttpResponse:
    """What is published of a tender."""
    row = get_object_or_404(queries.published_tenders(request.user), pk=pk)
    content = Content(row, of_bank=False)
    context = {
        "tender": row,
        "content": content,
        "formula": formula_of(row),
        "units": marking_units(row),
        "versions": versions_of(row),
        "released": list(queries.released_questions(row)),
        "cancelled": row.stage == Stage.CANCELLED,
        "public_digest": f"sha256:{digest_of(public_specification(row))}",
    }
    return render(request, "bids/public/tender.html", context)


@login_not_required
@require_safe
def public_specification_file(request: HttpRequest, pk: str) -> HttpResponse:
    """The frozen specification as JSON, without names and without the reserve price."""
    row = get_object_or_404(queries.published_tenders(request.user), pk=pk)
    return _file(public_specification(row), f"{row.reference}-specification.json")


@login_not_required
@require_safe
def public_package(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """A package as it was published, to the byte that its digest is of."""
    row = get_object_or_404(queries.published_tenders(request.user), pk=pk)
    found = row.packages.filter(amendment=number).first()
    if found is None:
        raise Http404
    return _file(found.text.encode(), f"{row.reference}-package-{number}.json")


def _file(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=JSON)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
