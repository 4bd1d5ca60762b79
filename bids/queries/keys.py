"""Opening keys, by whom they belong to."""

from bids.models import OfficerKey
from procurement.models import User


def code_of(user: User) -> str:
    """What a person's opening key is bound to besides itself."""
    return str(user.pk)


def key_of(user: User) -> OfficerKey | None:
    """The key that a person opens bids with now; None before enrolment."""
    return OfficerKey.objects.filter(user=user, retired_at=None).first()
