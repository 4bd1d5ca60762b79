"""The decision page: who is first, what price alone would have bought, and who answers for what."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bids import queries, rules
from bids.actions.awards import present_ranking
from bids.actions.exporting import export, export_workbook
from bids.cases import sentence
from bids.evaluation import Case, Refused, Result, case_file
from bids.exports import WorkbookTooLarge
from bids.models import Award, Claim
from bids.papers.after_marks import figure_word
from bids.queries.objections import standings
from bids.templatetags.charts import turning_sentence
from procurement.choices import Method, Role
from procurement.models import Tender, Unit
from procurement.queries import tenders_visible_to
from procurement.views.saving import said

from .decision_content import Content
from .firmness import firmness, price_and_security, turning_roots
from .head import tender_head
from .rankings import compared

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def decision(request: HttpRequest, pk: str) -> HttpResponse:
    """The ranking, for the bank; a vendor that took part sees the outcome after the award."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_see_ranking(request.user, tender).enforce()
    award = queries.award_of(tender)
    context = {"tender": tender, "award": award} | tender_head(request, tender, "decision")
    try:
        rankings = compared(tender, award, request.now)
    except Refused as refusal:
        of_bank = request.user.role != Role.VENDOR  # a fault may name other bidders
        context["refused"] = [(i.path, sentence(i.template, i.params)) for i in refusal.issues if of_bank]
        context["not_evaluated"] = True
        return render(request, "bids/decision/decision.html", context)
    case, result = rankings.shown.case, rankings.shown.result
    context |= {"result": result, "figure_word": figure_word(result)}
    if request.user.role == Role.VENDOR:
        context["outcome"] = list(_outcome(request.user.vendor.name, context["award"], result))
        return render(request, "bids/decision/outcome.html", context)
    content = content_of(request, tender, case, result)
    context |= {"rankings": rankings} | ranking_context(request, tender, content)
    return render(request, "bids/decision/decision.html", context)


def content_of(request: HttpRequest, tender: Tender, case: Case, result: Result) -> Content:
    """What the page shows of a result, with the names that only the database knows."""
    objections = queries.objections_visible_to(request.user).filter(tender=tender)
    return Content(
        case,
        result,
        claims=Claim.objects.filter(bid__tender=tender)
        .select_related("bid__vendor", "requirement")
        .prefetch_related("waivers"),
        objections=standings(objections.order_by("number"), request.now),
        units={unit.code: unit.name for unit in Unit.objects.all()},
    )


def ranking_context(request: HttpRequest, tender: Tender, content: Content) -> dict[str, Any]:
    """What the decision page and the award page show, and what their reader may do."""
    can_award = rules.can_award(request.user, tender, request.now)
    return _figures(content) | {
        "objections": content.objections,
        "open_objections": [standing for standing in content.objections if standing.freezes],
        "owners": content.owners(tender),
        "method_words": _method_words(tender),
        "can_object": rules.can_object(request.user, tender),
        "can_present": rules.can_present(request.user, tender),
        "can_award": can_award,
        "award_verdict": can_award,
    }


def _figures(content: Content) -> dict[str, Any]:
    """Everything on the page that follows from the case and its result."""
    case, result = content.case, content.result
    lines, out_lines, alone = content.lines(), content.out_lines(), content.alone()
    roots = turning_roots(case, result)
    reasons = {line.vendor: line.failures[0].code or line.failures[0].text for line in out_lines}
    sentences = [turning_sentence(root) for root in roots]
    moving = [text for text, root in zip(sentences, roots, strict=True) if len(root["bands"]) > 1]
    return {
        "lines": lines,
        "first": content.first,
        "first_parts": lines[0].parts if lines else [],
        "out_lines": out_lines,
        "kinds": content.kinds(),
        "of": content.of,
        "alone": alone,
        "alone_severities": content.severity_words(alone),
        "firmness": firmness(result, roots),
        "turning_roots": roots,
        "turning_sentences": moving[:1],
        "all_turning_sentences": sentences,
        "scatter": price_and_security(case, result, reasons),
        "budget": case.budget,
        "splits": content.unit_splits(),
        "warnings": content.warnings(),
        "needs": content.needs(),
    }


def _method_words(tender: Tender) -> str:
    """Method, aggregation and price formula, as one line."""
    words = [tender.get_method_display(), tender.get_aggregation_display()]
    if tender.method in {Method.TOTAL, Method.BEST_FAIR_PRICE, Method.RANK_SUM}:
        words.append(tender.get_price_formula_display())
    return " · ".join(words)


def _outcome(vendor: str, award: Award | None, result: Result) -> Iterator[dict[str, Any]]:
    """The winner's price and figure, and the vendor's own line. Nothing of anybody else."""
    won = award.bid.vendor.name if award else ""
    for row in result.ranking:
        if row.vendor in {won, vendor}:
            yield {
                "vendor": row.vendor,
                "price": row.price,
                "figure": row.figure,
                "place": row.place,
                "won": row.vendor == won,
            }
    for out in result.excluded:
        if out.vendor == vendor:
            yield {"vendor": vendor, "reasons": [sentence(r.template, r.params) for r in out.reasons]}


def or_say_why(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead to the decision page, which says why, where the tender cannot be evaluated."""

    @wraps(view)
    def guarded(request: HttpRequest, pk: str) -> HttpResponse:
        try:
            return view(request, pk)
        except Refused:
            return redirect("decision", pk=pk)

    return guarded


@require_POST
@or_say_why
def present(request: HttpRequest, pk: str) -> HttpResponse:
    """Put the ranking before the approver."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    try:
        present_ranking(actor=request.user, tender=tender, now=request.now)
    except ValidationError as refusal:
        messages.error(request, said(refusal))
    return redirect("decision", pk=pk)


@require_GET
@or_say_why
def workbook(request: HttpRequest, pk: str) -> HttpResponse:
    """The ranking as a workbook whose formulas are live."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    language = get_language() or settings.LANGUAGE_CODE
    try:
        data = export_workbook(actor=request.user, tender=tender, language=language, now=request.now)
    except WorkbookTooLarge:
        messages.error(request, _("This case is too large for a workbook; its case file holds all of it."))
        return redirect("decision", pk=pk)
    return _download(HttpResponse(data, content_type=XLSX), tender, "xlsx")


@require_GET
@or_say_why
def case_json(request: HttpRequest, pk: str) -> HttpResponse:
    """The tender as a case file, which anybody can recompute with no database."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    asked = {"kind": "case", "waivers": not _as_scored(request)}
    document, _result = export(actor=request.user, tender=tender, now=request.now, **asked)
    return _download(_json(case_file(document)), tender, _ending(request, "case.json"))


@require_GET
@or_say_why
def result_json(request: HttpRequest, pk: str) -> HttpResponse:
    """What the arithmetic makes of the tender."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    asked = {"kind": "result", "waivers": not _as_scored(request)}
    _case, outcome = export(actor=request.user, tender=tender, now=request.now, **asked)
    return _download(_json(outcome.to_document()), tender, _ending(request, "result.json"))


def _as_scored(request: HttpRequest) -> bool:
    """Whether the query string asks for the ranking without waivers and accepted risks."""
    return request.GET.get("ranking") == "as-scored"


def _ending(request: HttpRequest, ending: str) -> str:
    return f"as-scored.{ending}" if _as_scored(request) else ending


def _json(document: dict[str, Any]) -> JsonResponse:
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _download(response: HttpResponse, tender: Tender, ending: str) -> HttpResponse:
    """The response as a file named after the tender."""
    name = f"{tender.reference}.{ending}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
