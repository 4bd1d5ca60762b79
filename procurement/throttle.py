"""Guesses are counted, of an account and from an address together; after five of them nothing is heard there.

Sign-in itself is watched by django-axes. What is asked for later (one's password as a signature, an officer's
passphrase) is counted in the same table. A person's password counts once, wherever it is typed; passphrases
count apart. So whoever guesses from elsewhere locks out nobody but themselves.

Nothing here may be asked inside a transaction that a wrong guess ends: it would take the count back, too.
"""

from ipaddress import ip_address

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from procurement.models import User

#: What is counted apart from passwords.
PASSPHRASE = " passphrase"  # noqa: S105 - the word, and no secret


def address_of(request: HttpRequest) -> str | None:
    """Where a request comes from; behind a proxy, what the proxy added at the end of the list it forwards."""
    here = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        here = request.META.get("HTTP_X_FORWARDED_FOR", here).rpartition(",")[2].strip()
    try:
        return str(ip_address(here))
    except ValueError:
        return None  # on a socket, or a proxy that says nothing


def refusal() -> str:
    """What whoever guessed too often is told."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return _("Too many wrong tries from here. Wait %(n)d minutes, then try again.") % {"n": minutes}


def knows_password(person: User, typed: str) -> bool:
    """Whether it is the person's password. Raises `ValidationError` where that was guessed too often."""
    check(person)
    known = person.check_password(typed)
    if known:
        forget(person)
    else:
        count(person)
    return known


def check(person: User, what: str = "") -> None:
    """Raise `ValidationError` where too many guesses of this kind came from where the person is."""
    request, credentials = _attempt(person, what)
    if AxesProxyHandler.is_locked(request, credentials):
        raise ValidationError(refusal())


def count(person: User, what: str = "") -> None:
    """Count a wrong guess."""
    request, credentials = _attempt(person, what)
    AxesProxyHandler.user_login_failed(__name__, credentials, request)


def forget(person: User, what: str = "") -> None:
    """Begin to count anew, after a right one."""
    request, credentials = _attempt(person, what)
    counted = AccessAttempt.objects.filter(ip_address=request.axes_ip_address, **credentials)
    if counted.exists():  # else there is nothing to write, and so nothing to wait in line for
        counted.delete()


def _attempt(person: User, what: str) -> tuple[HttpRequest, dict[str, str]]:
    """A request with nothing but an address, and the account.

    What is counted keeps what was posted with it, and with a password a whole bid may be.
    """
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": person.address or "", "HTTP_X_FORWARDED_FOR": person.address or ""}
    AxesProxyHandler.update_request(request)
    return request, {"username": person.username + what}
