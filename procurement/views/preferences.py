"""The language and the colours that a person reads with."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from procurement.actions import people
from procurement.choices import Theme


def _back(request: HttpRequest) -> str:
    """Where the person came from, as long as that is this site."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else resolve_url("work")


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the language with the person, and in a cookie for the sign-in page."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise BadRequest
    if request.user.is_authenticated:
        people.set_language(actor=request.user, language=language)
    response = HttpResponseRedirect(_back(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 60 * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark or automatic with the person."""
    theme = request.POST.get("theme", "")
    if theme not in Theme.values:
        raise BadRequest
    people.set_theme(actor=request.user, theme=theme)
    return HttpResponseRedirect(_back(request))
