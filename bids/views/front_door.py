"""Coming in and going out, and one's own password: with a vendor's password its drafts open and close."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bids.actions.drafts import change_password, open_drafts
from bids.forms.front_door import OwnPasswordForm
from procurement.views.saving import attempt

#: What the browser of a vendor's person keeps for the session: 32 bytes in hex that open the key of drafts.
#: They are never stored, logged or put into the session here.
DRAFTS_COOKIE = "assay-drafts"


def keep_drafts_open(response: HttpResponse, kept: str) -> HttpResponse:
    """Give the browser what opens drafts; take it back where there is nothing to give."""
    if kept:
        response.set_cookie(
            DRAFTS_COOKIE, kept, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(DRAFTS_COOKIE, samesite="Lax")
    return response


class SignIn(LoginView):
    """Sign in; the password is at hand only here, so this is where drafts are opened."""

    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Let the person in, and hand out what opens the drafts."""
        response = super().form_valid(form)
        kept = open_drafts(
            actor=form.get_user(), password=form.cleaned_data["password"], now=self.request.now
        )
        return keep_drafts_open(response, kept)


class SignOut(LogoutView):
    """Sign out; drafts close with it."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """End the session."""
        return keep_drafts_open(super().post(request, *args, **kwargs), "")


@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; drafts stay open with the new one."""
    form = OwnPasswordForm(request.POST or None)
    if form.is_valid():
        kept = attempt(
            form,
            _change,
            request=request,
            old=form.cleaned_data["old"],
            new=form.cleaned_data["password"],
        )
        if kept:
            messages.success(request, _("Your password is changed."))
            return keep_drafts_open(redirect("password"), kept if isinstance(kept, str) else "")
    status = 422 if form.is_bound else 200
    return render(request, "bids/front_door/password.html", {"form": form}, status=status)


def _change(*, request: HttpRequest, old: str, new: str) -> str:
    kept = change_password(actor=request.user, old=old, new=new, now=request.now)
    update_session_auth_hash(request, request.user)
    return kept
