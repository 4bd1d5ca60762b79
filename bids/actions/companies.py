"""What companies declare, who is let in, and who is invited to bid."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from bids import rules
from bids.queries import latest_profile
from procurement import audit
from procurement.actions.changes import as_payload, entered, only, signature
from procurement.actions.locking import Stale, advance, enforce_and_lock
from procurement.actions.mailing import send_or_log
from procurement.choices import Role
from procurement.models import CompanyProfile, Registration, Tender, User, Vendor
from procurement.sheets.names import case_key

#: What a company declares; each declaration holds all of it.
PROFILE = (
    *("country", "address", "phone", "contact", "email", "account", "no_large_owner", "control"),
    *("owners", "subcontractors", "origins", "certificates"),
)
REGISTRATION = ("name", "tax_id", "country", "person", "email", "phone", "words")
#: Registrations from one address in a day, and undecided ones in all: a site that is flooded hears no more.
MOST_A_DAY = 5
MOST_WAITING = 500


def declare_company(
    *, actor: User, vendor: Vendor, values: Mapping[str, Any], seen: int, now: datetime
) -> CompanyProfile | None:
    """Put a new declaration on record; None where it says what the last one says.

    `seen` is the number of the declaration on the actor's screen, 0 without one. Raises `ValidationError` and
    `Stale`.
    """
    values = only(values, PROFILE)
    with transaction.atomic():
        vendor = enforce_and_lock(rules.can_declare_company, actor, vendor)
        last = latest_profile(vendor)
        number = last.number if last else 0
        if number != seen:
            raise Stale(_("Somebody of your company declared something else meanwhile. Load it again."))
        changed = [name for name in PROFILE if last is None or getattr(last, name) != values[name]]
        if not changed:
            return None
        profile = CompanyProfile(
            vendor=vendor, number=number + 1, declared_by=signature(actor), declared_at=now, **values
        )
        profile.full_clean()
        profile.save(force_insert=True)
        audit.record(
            actor=actor,
            action="declare company",
            object=vendor,
            now=now,
            number=str(profile.number),
            changed=changed,
        )
    return profile


# --- being let in -----------------------------------------------------------------------------------------
def ask_registration(
    *, values: Mapping[str, Any], password: str, language: str, address: str | None, now: datetime
) -> Registration:
    """Put on record that a company asks to be let in; nobody can sign in by that.

    Whether the company or the address of its person is known here is not said. Raises `ValidationError`, at
    `password` where it is too weak.
    """
    values = only(values, REGISTRATION)
    values["email"] = values["email"].lower()
    _check_flood(address, now)
    try:
        validate_password(password, User(username=values["email"], name=values["person"]))
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    registration = Registration(language=language, address=address, asked_at=now, **values)
    registration.password = make_password(password)
    with transaction.atomic():
        registration.full_clean()
        registration.save(force_insert=True)
        audit.record(
            actor=User(name=values["person"], role=Role.VENDOR, vendor=Vendor(name=values["name"])),
            action="ask for registration",
            object=registration,
            now=now,
            **entered(only(values, ("name", "tax_id", "country", "person"))),
        )
    return registration


def _check_flood(address: str | None, now: datetime) -> None:
    """Raise `ValidationError` where too many were asked for."""
    day = Registration.objects.filter(asked_at__gt=now - timedelta(days=1), address=address)
    waiting = Registration.objects.filter(approved__isnull=True)
    if day.count() >= MOST_A_DAY or waiting.count() >= MOST_WAITING:
        raise ValidationError(_("Too many registrations came in. Try again tomorrow, or call the bank."))


def approve_registration(
    *, actor: User, registration: Registration, vendor: Vendor | None, reason: str, seen: int, now: datetime
) -> User:
    """Let the company in, or its person as one more of a `vendor` that is here; the person is mailed.

    Raises `ValidationError` where name, tax id or email address are taken, and `Stale`.
    """
    with transaction.atomic():
        row = enforce_and_lock(rules.can_decide_registration, actor, registration)
        advance(row, seen)
        home = vendor or _new_vendor(row)
        person = User(
            username=row.email,
            name=row.person,
            email=row.email,
            role=Role.VENDOR,
            vendor=home,
            language=row.language,
            password=row.password,
        )
        if User.objects.filter(username__iexact=row.email).exists():
            raise ValidationError(_("Somebody signs in with this email address already."))
        person.full_clean()
        person.save(force_insert=True)
        row.approved, row.vendor, row.reason = True, home, reason
        _decided(actor, row, now, "approve registration", vendor=str(home))
    return person


def _new_vendor(row: Registration) -> Vendor:
    vendor = Vendor(name=row.name, tax_id=row.tax_id)
    if case_key(row.name) in map(case_key, Vendor.objects.values_list("name", flat=True)):
        raise ValidationError(_("“%(code)s” is there already.") % {"code": row.name})
    vendor.full_clean()
    vendor.save(force_insert=True)
    return vendor


def refuse_registration(
    *, actor: User, registration: Registration, reason: str, seen: int, now: datetime
) -> None:
    """Do not let the company in; it is mailed the reason. Raises `ValidationError` and `Stale`."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; the company is told.")})
    with transaction.atomic():
        row = enforce_and_lock(rules.can_decide_registration, actor, registration)
        advance(row, seen)
        row.approved, row.reason = False, reason.strip()
        _decided(actor, row, now, "refuse registration", reason=row.reason)


def _decided(actor: User, row: Registration, now: datetime, action: str, **said: str) -> None:
    """Save who decided when; the hash of the password is not needed any more."""
    row.decided_by, row.decided_at, row.password = signature(actor), now, ""
    row.save(
        update_fields=["approved", "vendor", "reason", "decided_by", "decided_at", "password", "version"]
    )
    audit.record(actor=actor, action=action, object=row, now=now, **said)
    transaction.on_commit(lambda: _tell(row), robust=True)


def _tell(row: Registration) -> None:
    with translation.override(row.language or settings.LANGUAGE_CODE):
        if row.approved:
            subject = _("%(company)s can sign in") % {"company": row.name}
            text = _("Sign in with your email address and the password that you chose: %(page)s") % {
                "page": settings.SITE_ADDRESS
            }
        else:
            subject = _("%(company)s was not registered") % {"company": row.name}
            text = _("The bank says why: %(reason)s") % {"reason": row.reason}
    send_or_log(EmailMessage(subject, text + "\n", None, [row.email]))


# --- who may bid ------------------------------------------------------------------------------------------
def invite_vendors(
    *,
    actor: User,
    tender: Tender,
    invited_only: bool,
    vendors: Iterable[Vendor],
    seen: int,
    now: datetime,
) -> Tender:
    """Say who may bid on a draft: everybody, or the vendors. Raises `ValidationError` and `Stale`."""
    chosen = sorted(vendors, key=lambda vendor: vendor.pk) if invited_only else []
    if invited_only and not chosen:
        raise ValidationError({"vendors": _("Choose who is invited, or leave the tender open.")})
    with transaction.atomic():
        tender = enforce_and_lock(rules.can_invite, actor, tender)
        advance(tender, seen)
        before = list(tender.invited.order_by("pk"))
        if (tender.invited_only, before) == (invited_only, chosen):
            return tender
        tender.invited_only = invited_only
        tender.save(update_fields=["invited_only", "version"])
        tender.invited.set(chosen)
        audit.record(
            actor=actor,
            action="invite vendors",
            object=tender,
            now=now,
            tender=tender,
            invited_only=invited_only,
            vendors=as_payload(chosen),
        )
    return tender
