"""What the working group thought of the bids before anybody marked them."""

from django.db.models import QuerySet

from bids.models import FirstOpinion
from procurement.choices import Role
from procurement.models import User

from .bids import bids_visible_to


def first_opinions_visible_to(user: User) -> QuerySet[FirstOpinion]:
    """First opinions on the bids that a person of the bank sees; nothing for vendors."""
    if user.role == Role.VENDOR:
        return FirstOpinion.objects.none()
    return FirstOpinion.objects.filter(bid__in=bids_visible_to(user).values("pk"))
