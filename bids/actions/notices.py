"""Telling vendors what changed or was answered: all who may bid the same, whoever did and whoever did not."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bids import queries
from bids.choices import AmendmentKind
from bids.models import Amendment
from procurement.actions.mailing import send_or_log
from procurement.models import Question, Tender
from procurement.templatetags.figures import moment


def tell_vendors_later(amendments: Sequence[Amendment]) -> None:
    """Mail every vendor's people once the transaction is committed, one mail a person.

    A mail that fails stops nothing: the same stands on the tenders' pages.
    """
    transaction.on_commit(lambda: _tell(amendments), robust=True)


def _tell(amendments: Sequence[Amendment]) -> None:
    connection = get_connection()
    for person in queries.invited_people():
        rows = [row for row in amendments if queries.is_invited(person, row.tender)]
        if not rows:
            continue
        with translation.override(person.language or settings.LANGUAGE_CODE):
            mail = EmailMessage(*_letter(rows), None, [person.email], connection=connection)
        send_or_log(mail)


def _letter(amendments: Sequence[Amendment]) -> tuple[str, str]:
    """Subject and text in the language that is active."""
    if len(amendments) == 1:
        row = amendments[0]
        subject = _("%(reference)s: amendment %(n)d") % {"reference": row.tender.reference, "n": row.number}
    else:
        n = len(amendments)
        subject = ngettext("%(n)d tender has a later deadline", "%(n)d tenders have a later deadline", n)
        subject %= {"n": n}
    parts = [_paragraph(row) for row in amendments]
    if any(row.kind == AmendmentKind.DOCUMENTS for row in amendments):
        parts.append(
            _(
                "If you handed in a bid before this, confirm it or replace it before the deadline. Without "
                "either it is opened all the same and shown as not confirmed."
            )
        )
    parts.append(_("The same stands on the tender’s page."))
    return subject, "\n\n".join(parts) + "\n"


def _paragraph(row: Amendment) -> str:
    tender = row.tender
    lines = [
        f"{tender.reference} {tender.title}",
        _("Amendment %(n)d: %(kind)s") % {"n": row.number, "kind": row.get_kind_display()},
        row.text,
        _("Bids come in until %(moment)s.") % {"moment": moment(tender.deadline)},
        _("Package (SHA-256): %(digest)s") % {"digest": row.package.digest},
    ]
    return "\n".join(lines)


# --- invitations ------------------------------------------------------------------------------------------
def tell_invited_later(tender: Tender) -> None:
    """Mail the people of invited vendors once the transaction is committed; nobody where all may bid."""
    if tender.invited_only:
        transaction.on_commit(lambda: _tell_invited(tender), robust=True)


def _tell_invited(tender: Tender) -> None:
    connection = get_connection()
    for person in queries.invited_people().filter(vendor__in=tender.invited.all()):
        with translation.override(person.language or settings.LANGUAGE_CODE):
            subject = _("%(reference)s: you are invited to bid") % {"reference": tender.reference}
            parts = [
                f"{tender.reference} {tender.title}",
                _("Your company is invited to bid. Who else is invited is told to nobody."),
                _("Questions are taken until %(moment)s.") % {"moment": moment(tender.questions_end)},
                _("Bids come in until %(moment)s.") % {"moment": moment(tender.deadline)},
                _("Sign in to read what is asked; it stands under Tenders."),
            ]
            text = "\n".join(parts) + "\n"
            mail = EmailMessage(subject, text, None, [person.email], connection=connection)
        send_or_log(mail)


# --- answers ----------------------------------------------------------------------------------------------
def tell_of_answers_later(tender: Tender, questions: Sequence[Question]) -> None:
    """Mail released answers to every vendor's people once the transaction is committed."""
    transaction.on_commit(lambda: _tell_of_answers(tender, questions), robust=True)


def _tell_of_answers(tender: Tender, questions: Sequence[Question]) -> None:
    connection = get_connection()
    for person in queries.invited_people():
        if queries.is_invited(person, tender):
            with translation.override(person.language or settings.LANGUAGE_CODE):
                mail = EmailMessage(*_answers(tender, questions), None, [person.email], connection=connection)
            send_or_log(mail)


def _answers(tender: Tender, questions: Sequence[Question]) -> tuple[str, str]:
    """Subject and text in the language that is active."""
    n = len(questions)
    subject = ngettext("%(reference)s: %(n)d answer", "%(reference)s: %(n)d answers", n)
    subject %= {"reference": tender.reference, "n": n}
    parts = [f"{tender.reference} {tender.title}"]
    for row in questions:
        lines = [_("Question %(n)d") % {"n": row.number}, row.shown, _("Answer"), row.shown_answer]
        if row.amendment is not None:
            lines.append(_("See amendment %(n)d.") % {"n": row.amendment})
        parts.append("\n".join(lines))
    parts.append(_("The same stands on the tender’s page."))
    return subject, "\n\n".join(parts) + "\n"
