"""Opening keys, by whom they belong to."""

from collections.abc import Iterable

from django.db.models import QuerySet

from bids.models import EnvelopeKey, OfficerKey, OpeningOfficer
from procurement.choices import Role, Stage
from procurement.models import Tender, User


def code_of(user: User) -> str:
    """What a person's opening key is bound to besides itself."""
    return str(user.pk)


def key_of(user: User) -> OfficerKey | None:
    """The key that a person opens bids with now; None before enrolment."""
    return OfficerKey.objects.filter(user=user, retired_at=None).first()


def to_be_opened_by(user: User) -> QuerySet[OpeningOfficer]:
    """The person's part in tenders whose prices are still closed, with the key that opens each of them.

    That is the key of their publication, also where the person has made a newer one since.
    """
    stages = (Stage.PUBLISHED, Stage.BIDDERS_NAMED, Stage.TECHNICAL_OPENED, Stage.TECHNICAL_LOCKED)
    rows = OpeningOfficer.objects.filter(
        user=user, replaced_at=None, key__isnull=False, tender__stage__in=stages
    )
    return rows.select_related("tender", "key").order_by("tender__reference")


def people_with_keys() -> QuerySet[User]:
    """Whoever of the bank may open bids, by name; whether a key is proved is asked at publication."""
    roles = (Role.OFFICER, Role.MEMBER, Role.APPROVER, Role.AUDITOR)
    return User.objects.filter(role__in=roles, is_active=True).select_related("unit").order_by("name", "pk")


def keys_in_use() -> QuerySet[OfficerKey]:
    """Every key that bids can be opened with at present, by the names of those who hold them."""
    rows = OfficerKey.objects.filter(retired_at=None, user__is_active=True)
    return rows.select_related("user__unit").order_by("user__name", "pk")


def last_opening_officers(tender: Tender) -> list[User]:
    """Those who were named for the last other tender of the same officer, in order."""
    rows = OpeningOfficer.objects.filter(tender__officer=tender.officer, replaced_at=None)
    others = rows.exclude(tender=tender).order_by("-tender__created_at", "position")
    last = others.values("tender")[:1]
    return [row.user for row in others.filter(tender__in=last).select_related("user__unit")]


def locked_envelopes(tenders: Iterable[Tender]) -> QuerySet[EnvelopeKey]:
    """Envelopes of the tenders that two officers have not unlocked, with the turns that were taken."""
    rows = EnvelopeKey.objects.filter(tender__in=tenders, opened_at=None)
    return rows.select_related("tender").prefetch_related("turns__officer").order_by("tender__reference")
