"""The papers of a tender: chosen, printed, and taken as `.docx`. Each one taken is an entry of the trail."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from bids import queries, rules
from bids.actions.papers import KINDS, can_take_letter, losers_of, produce, produce_letter
from bids.models import Bid
from bids.papers.document import Paper
from bids.papers.docx import docx, page_words
from procurement.choices import Role
from procurement.models import Tender
from procurement.queries import tenders_visible_to

from .head import tender_head

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

NAMES = {
    "opening-record": _("Opening record"),
    "minutes": _("Minutes of the panel"),
    "award-paper": _("Award paper"),
    "award-notice": _("Award notice"),
}


@require_GET
def papers(request: HttpRequest, pk: str) -> HttpResponse:
    """Which papers there are for this person, in which languages."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    rules.can_see_papers(request.user, tender).enforce()
    rows = [
        (name, NAMES[name], kind.rule(request.user, tender))
        for name, kind in KINDS.items()
        if request.user.role != Role.VENDOR or name == "award-notice"
    ]
    letters = _letters(request, tender)
    context = {
        "rows": rows,
        "letters": letters,
        "languages": settings.LANGUAGES,
        "lettered": request.user.role != Role.VENDOR,
    }
    return render(request, "bids/papers/papers.html", context | tender_head(request, tender, "papers"))


def _letters(request: HttpRequest, tender: Tender) -> list[Bid]:
    """The bids to which there is a letter that this person may take."""
    award = queries.award_of(tender)
    return [bid for bid in losers_of(award) if can_take_letter(request.user, bid)] if award else []


@require_GET
def paper(request: HttpRequest, pk: str, paper: str) -> HttpResponse:
    """One paper as a page to print, or as a file."""
    tender = get_object_or_404(tenders_visible_to(request.user), pk=pk)
    if paper not in KINDS:
        raise Http404
    language, form = _asked(request)
    made = produce(
        actor=request.user,
        tender=tender,
        kind=paper,
        language=language,
        form=form,
        lettered="letters" in request.GET,
        now=request.now,
    )
    return _shown(request, tender, made, form)


@require_GET
def letter(request: HttpRequest, pk: str) -> HttpResponse:
    """The letter to one bid that was not awarded."""
    bid = get_object_or_404(queries.bids_visible_to(request.user), pk=pk)
    language, form = _asked(request)
    made = produce_letter(actor=request.user, bid=bid, language=language, form=form, now=request.now)
    return _shown(request, bid.tender, made, form)


def _asked(request: HttpRequest) -> tuple[str, str]:
    """Language and form of the paper; the reader's language and print unless told otherwise."""
    wanted = request.GET.get("language", "")
    known = {code for code, _name in settings.LANGUAGES}
    language = wanted if wanted in known else get_language() or settings.LANGUAGE_CODE
    return language, "docx" if request.GET.get("form") == "docx" else "print"


def _shown(request: HttpRequest, tender: Tender, made: Paper, form: str) -> HttpResponse:
    with override(made.language):
        if form == "docx":
            response = HttpResponse(docx(made), content_type=DOCX)
            name = f"{tender.reference}-{made.kind}-{made.language}.docx"
            response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
            return response
        context = {"paper": made, "tender": tender, "of": len(made.sheets), "page_words": page_words()}
        return render(request, "bids/papers/paper.html", context)
