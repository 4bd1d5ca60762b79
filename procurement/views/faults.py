"""What people are told when the site cannot do its part: that nothing was stored, and what to do."""

import errno
import logging
import sqlite3
import sys
from dataclasses import dataclass

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, UnreadablePostError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from procurement import throttle
from procurement.choices import Role
from procurement.signing.keys import UnsafeKey

logger = logging.getLogger(__name__)

#: Seconds after which whoever waited for the database in vain may try again.
RETRY_AFTER = 30

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
#: SQLite says the second of a disk that is full by a quota.
_NO_ROOM_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}
_NO_ROOM_POSTGRESQL = "53100"


@dataclass(frozen=True)
class Fault:
    """What the site could not do: the answer's status, and what it says."""

    status: int
    reason: str
    #: What the bank's own people are told on top.
    detail: str = ""
    retry_after: int | None = None


def fault_of(error: BaseException | None) -> Fault | None:
    """The fault that an exception stands for; None where it is a mistake in the program."""
    if isinstance(error, UnsafeKey):
        return Fault(
            503,
            _(
                "A key of the site is not at hand, so nothing was accepted and nothing was changed. Tell the "
                "bank at once."
            ),
            _(error.template) % error.params,
        )
    if _is_full(error):
        return Fault(
            507,
            _(
                "The site’s disk is full, so nothing of this was stored. What was acknowledged before is "
                "safe. Tell the bank at once."
            ),
        )
    if isinstance(error, OperationalError | InterfaceError):
        return Fault(
            503,
            _(
                "The site’s database does not answer, so nothing of this was stored. What was acknowledged "
                "before is safe. Try again in half a minute."
            ),
            retry_after=RETRY_AFTER,
        )
    return None


def _is_full(error: BaseException | None) -> bool:
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    if not isinstance(error, OperationalError):
        return False
    said = error.__cause__
    return (
        getattr(said, "sqlite_errorcode", None) in _NO_ROOM_SQLITE
        or getattr(said, "sqlstate", None) == _NO_ROOM_POSTGRESQL
    )


def answer(
    request: HttpRequest, error: BaseException | None, *, for_bank: bool = False
) -> HttpResponse | None:
    """The page of a fault, or its sentence for a script; None for what is no fault of this kind."""
    if isinstance(error, UnreadablePostError):
        return HttpResponseBadRequest()  # whoever sent it hung up
    fault = fault_of(error)
    if fault is None:
        return None
    logger.critical("%s could not be answered: %s", request.path, error, exc_info=error)
    reason = f"{fault.reason} {fault.detail}".strip() if for_bank else fault.reason
    if request.headers.get("HX-Request"):
        response = HttpResponse(reason, content_type="text/plain; charset=utf-8", status=fault.status)
    else:
        # Without the request: the frame would ask the database who is looking.
        page = render_to_string(f"{fault.status}.html", {"reason": reason})
        response = HttpResponse(page, status=fault.status)
    response.headers["Cache-Control"] = "no-store"
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


def is_of_bank(request: HttpRequest) -> bool:
    """Whether whoever asks is known to be one of the bank's own people."""
    return request.user.is_authenticated and request.user.role != Role.VENDOR


def broken(request: HttpRequest) -> HttpResponse:
    """The answer to what was raised outside of any view; the exception is the one being handled."""
    return answer(request, sys.exc_info()[1]) or server_error(request)


def too_often(request: HttpRequest, _answer: HttpResponse | None, _credentials: object) -> HttpResponse:
    """The answer to sign-ins that were guessed at too often."""
    response = render(request, "429.html", {"reason": throttle.refusal()}, status=429)
    response.headers["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return response
