"""The vendor's bid page as every view of it answers: whose bid, which draft, and what is shown of them."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bids import queries, rules
from bids.actions import drafts
from bids.forms.submission import DraftForm, HandInForm, OpenDraftForm
from bids.models import Bid
from bids.queries.drafts import Draft, OpenedKey
from procurement.models import Tender
from procurement.queries import tenders_visible_to

from .front_door import DRAFTS_COOKIE
from .head import tender_head
from .submission_content import BidContent

LOCKED = gettext_lazy("Your draft is locked: type your password to open it. Nothing was saved.")


class Desk:
    """A vendor's person at one tender, for one request; made anew after the draft was changed."""

    def __init__(self, request: HttpRequest, pk: str) -> None:
        self.request = request
        self.tender: Tender = get_object_or_404(tenders_visible_to(request.user).select_related(None), pk=pk)
        rules.can_read_own_bid(request.user).enforce()

    @cached_property
    def bid(self) -> Bid | None:
        """The vendor's bid; None before anything was saved."""
        return queries.own_bid(self.request.user, self.tender)

    @cached_property
    def opened(self) -> OpenedKey | None:
        """The person's key of drafts, where the browser brought what opens it."""
        return queries.opened_key(self.request.user, self.request.COOKIES.get(DRAFTS_COOKIE, ""))

    @cached_property
    def draft(self) -> Draft | None:
        """The draft, where it opens."""
        return queries.draft_of(self.bid, self.opened)

    def form(self, data: Any = None) -> DraftForm:
        """The answers and the price."""
        requirements = list(self.tender.requirements.select_related("unit").order_by("position"))
        return DraftForm(data, requirements=requirements, bid=self.bid, draft=self.draft or Draft())

    def holds(self, form: DraftForm) -> bool:
        """Whether what was typed is what the draft says already, as the browser saved it meanwhile."""
        if self.bid is None or self.draft is None or not form.is_valid():
            return False
        if form.cleaned_data["version"] != self.bid.version or form.cleaned_data["price"] != self.draft.price:
            return False
        return drafts.as_kept(form.answers) == self.draft.answers

    def hand_in_form(self, data: Any = None) -> HandInForm:
        """The signature beside the draft, with the tick for amendments of documents where there are any."""
        asked = queries.confirmation_asked(self.tender)
        return HandInForm(data, actor=self.request.user, form_id="draft", asked=asked)

    def content(self, form: DraftForm) -> BidContent:
        """What the page says."""
        return BidContent(self.tender, form, self.draft or Draft(), timezone.localdate(self.request.now))

    def page(self, form: DraftForm, status: int = 200, **more: Any) -> HttpResponse:
        """The whole page."""
        request, tender = self.request, self.tender
        context = {
            "content": self.content(form),
            "form": form,
            "can_bid": rules.can_bid(request.user, tender, request.now),
            "locked": self.draft is None,
            "has_key": self.opened is not None,
            "open_form": OpenDraftForm(actor=request.user, prefix="open"),
            "hand_in_form": self.hand_in_form(),
            "withdraw_form": HandInForm(actor=request.user, prefix="withdraw"),
            "confirm_form": HandInForm(actor=request.user, prefix="confirm"),
        }
        context |= tender_head(request, tender, "bid") | more
        return render(request, "bids/submission/bid.html", context, status=status)
