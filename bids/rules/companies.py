"""Who declares what about a company, who lets companies in, and who is invited to bid."""

from django.utils.translation import gettext_lazy as _

from procurement.choices import Role
from procurement.models import Registration, Tender, User, Vendor
from procurement.rules import Verdict, can_edit_tender, has_role, no_unless

from .awards import PAPER_ROLES
from .bank import BANK


def can_declare_company(actor: User, vendor: Vendor | None) -> Verdict:
    """A vendor's own people; the bank's have no company."""
    return has_role(actor, Role.VENDOR) & no_unless(
        vendor is not None and actor.vendor_id == vendor.pk, _("This is another company’s.")
    )


def can_read_companies(actor: User) -> Verdict:
    """What companies declare is for the bank, as their records are."""
    return has_role(actor, *BANK)


def can_read_registrations(actor: User) -> Verdict:
    """Officers and administrators let companies in; auditors look on."""
    return has_role(actor, Role.OFFICER, Role.ADMINISTRATOR, Role.AUDITOR)


def can_decide_registration(actor: User, registration: Registration) -> Verdict:
    """Officers and administrators, once."""
    return has_role(actor, Role.OFFICER, Role.ADMINISTRATOR) & no_unless(
        registration.approved is None,
        _("%(name)s decided this already.") % {"name": registration.decided_by},
    )


def can_invite(actor: User, tender: Tender) -> Verdict:
    """Who edits the draft says who may bid; with the publication that is fixed for everybody."""
    return can_edit_tender(actor, tender)


def can_read_invitations(actor: User, tender: Tender) -> Verdict:  # noqa: ARG001 - rules of a tender take it
    """The bank; a vendor is not told who else is invited."""
    return has_role(actor, *BANK)


def can_read_relations(actor: User, tender: Tender) -> Verdict:
    """Those who keep the papers, once the bids are opened: who marks may not know the bidders' names yet."""
    return has_role(actor, *PAPER_ROLES) & no_unless(
        tender.is_opened, _("The bids have not been opened yet.")
    )


def can_trace_files(actor: User, tender: Tender) -> Verdict:
    """Officers and auditors look into the files."""
    return has_role(actor, Role.OFFICER, Role.AUDITOR) & can_read_relations(actor, tender)
