"""The way from a ranking to a final award, on any page of a tender: `{% load awards %}{% award_next %}`."""

from django import template

from bids.views.awards_content import Progress

register = template.Library()


@register.inclusion_tag("bids/award/_steps.html", takes_context=True)
def award_next(context: template.Context) -> dict[str, object]:
    """Who still has to sign and why it cannot go on; after the award its state, complaints and papers.

    Needs `tender` and `request` in the page's context.
    """
    request, tender = context["request"], context["tender"]
    return {
        "progress": Progress(request.user, tender, request.now),
        "tender": tender,
        "user": request.user,
        "request": request,
        "csrf_token": context.get("csrf_token", ""),
    }
