"""Mails that say what is due: one a person and run, each matter at most once a day.

What reminds of something is a function in `SOURCES`, which gives the matters of everybody at a moment. A
matter names the tender and never a bidder, a number of bids or a price: mails leave the bank's walls.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bids import queries
from bids.models import Objection, Recusal, SentReminder, Waiver
from bids.models import Promise as Pledge
from bids.queries.promises import due_promises
from bids.queries.work import end_of
from procurement import audit
from procurement.choices import Stage
from procurement.models import Tender, User
from procurement.queries import entries_ending
from procurement.templatetags.figures import listed, moment

#: From how long before it is due something is reminded of.
SOON = timedelta(days=2)
#: On which days before its last one a certificate is reminded of.
_CERTIFICATE_DAYS = frozenset({30, 7, 1, 0})


@dataclass(frozen=True)
class Matter:
    """Something that a person has to do until a moment.

    `key` is kind and key of the row, the same from run to run; `what` is read in the person's language;
    `about` names the row, for example `OBJ-1`; `path` is the page.
    """

    person: User
    key: str
    what: str | Promise
    about: str
    tender: Tender | None
    due: datetime
    path: str
    #: How long before it is due it is mailed.
    ahead: timedelta = SOON


def answers(now: datetime) -> Iterator[Matter]:
    """Objections that wait for an answer: the approver's, and when it is overdue also of "next above"."""
    rows = (
        Objection.objects.filter(withdrawn_by="")
        .exclude(tender__stage__in=[Stage.AWARDED, Stage.CANCELLED])
        .select_related("tender__approver", "tender__escalation", "bid")
        .order_by("due_at", "pk")
    )
    for row in queries.standings(rows, now):
        tender, objection = row.objection.tender, row.objection
        called = [tender.approver, tender.escalation if row.is_overdue else None]
        for person in called if row.waits else []:
            if person is not None:
                yield Matter(
                    person=person,
                    key=f"objection {objection.pk}",
                    what=gettext_lazy("Answer an objection"),
                    about=str(objection),
                    tender=tender,
                    due=objection.due_at,
                    path=reverse("objection", args=[objection.pk]),
                )


def _kept_apart() -> set[tuple[object, object]]:
    """Keys of people and of the bids they are recused from: nothing about such a bid is mailed to them."""
    return set(Recusal.objects.values_list("seat__user", "bid"))


def conditions(_now: datetime) -> Iterator[Matter]:
    """Conditions of accepted risks, for their owners."""
    kept_apart = _kept_apart()
    for row in queries.conditions_open():
        objection = row.answer.objection
        if (row.owner_id, objection.bid_id) in kept_apart:
            continue
        yield Matter(
            person=row.owner,
            key=f"condition {row.pk}",
            what=gettext_lazy("Meet a condition"),
            about=str(objection),
            tender=objection.tender,
            due=end_of(row.due_on),
            path=reverse("objection", args=[objection.pk]),
        )


def promises(now: datetime) -> Iterator[Matter]:
    """Promises to sign, for their owners: one matter a tender, due with the first of them."""
    rows = due_promises(timezone.localdate(now + SOON)).filter(owner__isnull=False)
    groups: dict[tuple[User, Tender], list[Pledge]] = defaultdict(list)
    for row in rows:
        groups[row.owner, row.tender].append(row)
    for (owner, tender), found in groups.items():
        yield Matter(
            person=owner,
            key=f"promises {tender.pk}",
            what=gettext_lazy("Sign what was promised"),
            about=listed(row.code for row in found),
            tender=tender,
            due=end_of(found[0].due_on),
            path=reverse("promises", args=[tender.pk]),
        )


def exceptions(now: datetime) -> Iterator[Matter]:
    """Entries of the register of exceptions that end or should have been closed, for their owners."""
    for entry in entries_ending(timezone.localdate(now + SOON)):
        yield Matter(
            person=entry.owner,
            key=f"exception {entry.pk}",
            what=gettext_lazy("Close an exception, or ask anew"),
            about=f"{entry} {entry.system}",
            tender=None,
            due=end_of(entry.expires_on),
            path=reverse("register-entry", args=[entry.pk]),
        )


def waivers(now: datetime) -> Iterator[Matter]:
    """Waivers and accepted risks in force that end before the award, for who proposed or signed them."""
    today = timezone.localdate(now)
    ending = Waiver.objects.filter(expires_on__range=(today, timezone.localdate(now + SOON))).exclude(
        claim__bid__tender__stage__in=[Stage.AWARDED, Stage.CANCELLED]
    )
    people, kept_apart = ("proposer", "security_signer", "approver"), _kept_apart()
    for row in ending.select_related("claim__requirement", "claim__bid__tender", *people):
        signed = {row.proposer, row.security_signer, row.approver} if row.is_in_force(today) else set()
        for person in signed - {None}:
            if (person.pk, row.claim.bid_id) in kept_apart:
                continue
            yield Matter(
                person=person,
                key=f"waiver {row.pk}",
                what=gettext_lazy("A waiver ends"),
                about=row.claim.requirement.code,
                tender=row.claim.bid.tender,
                due=end_of(row.expires_on),
                path=reverse("waiver", args=[row.pk]),
            )


def drills(now: datetime) -> Iterator[Matter]:
    """Passphrases to prove, for those who have still to open bids; once it is late the officer is told."""
    for place in queries.drills_ending(now + SOON):
        due, tender = place.key.drill_ends_at or place.key.made_at, place.tender
        yield Matter(
            person=place.user,
            key=f"drill {place.key_id}",
            what=gettext_lazy("Prove your passphrase"),
            about=place.key.fingerprint[:8],
            tender=tender,
            due=due,
            path=reverse("opening-key"),
        )
        if due <= now and tender.officer is not None:
            yield Matter(
                person=tender.officer,
                key=f"drill {place.key_id} {tender.pk}",
                what=gettext_lazy("An opening key is not proved"),
                about=str(place.user),
                tender=tender,
                due=due,
                path=reverse("replacement", args=[tender.pk]),
            )


def certificates(now: datetime) -> Iterator[Matter]:
    """Certificates that end, for the vendor's people: a month, a week, a day before, and on the last day."""
    today = timezone.localdate(now)
    for vendor, certificate, _left in queries.certificates_ending(today, _CERTIFICATE_DAYS):
        for person in User.objects.filter(vendor=vendor, is_active=True).order_by("pk"):
            yield Matter(
                person=person,
                key=f"certificate {vendor.pk} {certificate['number'][:100]}",
                what=gettext_lazy("A certificate ends: declare the next one"),
                about=f"{certificate['name']} {certificate['number']}",
                tender=None,
                due=end_of(certificate["day"]),
                path=reverse("company"),
                ahead=timedelta(days=max(_CERTIFICATE_DAYS) + 1),
            )


#: Everything that mails remind of. A new kind is one more function here.
SOURCES: list[Callable[[datetime], Iterator[Matter]]] = [
    answers,
    conditions,
    waivers,
    promises,
    exceptions,
    drills,
    certificates,
]


@dataclass
class Run:
    """What a run did: mails and matters sent, people without an address, and addresses that were refused."""

    mails: int = 0
    matters: int = 0
    without_address: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def send_reminders(*, now: datetime, address: str = "") -> Run:
    """Remind everybody of what is due within two days or overdue, and was not mailed today.

    `address` is where the site is reached, put before the paths. A mail that cannot be handed over is not
    recorded, so that the next run tries again, and stops no other.
    """
    run = Run()
    for person, matters in _due(now).items():
        if not person.email:
            run.without_address.append(person.username)
            continue
        try:
            sent = _remind(person, matters, now, address)
        except (SMTPException, OSError):
            run.failed.append(person.username)
            continue
        run.mails += bool(sent)
        run.matters += sent
    with transaction.atomic():
        audit.record(
            actor=None,
            action="send reminders",
            object=timezone.localdate(now).isoformat(),
            now=now,
            mails=str(run.mails),
            matters=str(run.matters),
            without_address=run.without_address,
            failed=run.failed,
        )
    return run


def _due(now: datetime) -> dict[User, list[Matter]]:
    """By person what is due, the first due first; people who left are not mailed."""
    found: dict[User, list[Matter]] = defaultdict(list)
    for source in SOURCES:
        for matter in source(now):
            if matter.due <= now + matter.ahead and matter.person.is_active:
                found[matter.person].append(matter)
    return {person: sorted(rows, key=lambda row: row.due) for person, rows in found.items()}


def _remind(person: User, matters: list[Matter], now: datetime, address: str) -> int:
    """Mail what was not mailed today, and remember it; how many matters that were."""
    today = timezone.localdate(now)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)  # two runs at a time do not say it twice
        known = set(SentReminder.objects.filter(person=person, day=today).values_list("matter", flat=True))
        fresh = {matter.key: matter for matter in matters if matter.key not in known}
        if fresh:
            SentReminder.objects.bulk_create(
                SentReminder(person=person, day=today, matter=key) for key in fresh
            )
            with translation.override(person.language or settings.LANGUAGE_CODE):
                send_mail(*_letter(list(fresh.values()), now, address), None, [person.email])
    return len(fresh)


def _letter(matters: list[Matter], now: datetime, address: str) -> tuple[str, str]:
    """Subject and text in the language that is active."""
    count = len(matters)
    subject = ngettext("%(n)d thing waits for you", "%(n)d things wait for you", count) % {"n": count}
    parts = [_paragraph(matter, now, address) for matter in matters]
    parts.append(
        _("Everything that waits for you stands under “My work”: %(page)s") % {"page": address + "/"}
    )
    return subject, "\n\n".join(parts) + "\n"


def _paragraph(matter: Matter, now: datetime, address: str) -> str:
    """What, on which tender, until when, and where."""
    when = _("overdue since %(moment)s") if matter.due <= now else _("due %(moment)s")
    tender = f"{matter.tender.reference} {matter.tender.title}" if matter.tender else ""
    lines = [
        f"{matter.what}: {matter.about}, {when % {'moment': moment(matter.due)}}",
        tender,
        address + matter.path,
    ]
    return "\n".join(line for line in lines if line)
