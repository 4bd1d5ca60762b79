"""The nouns of the procurement wing."""

from .audit import AuditEntry, AuditHead
from .catalogue import Catalogue, CatalogueEntry, CatalogueUpload
from .clearance import Clearance
from .clock import ClockMark
from .company import CompanyProfile, Registration
from .intake import Intake, Lowering
from .people import Unit, User, Vendor
from .question import Question
from .register import RegisterEntry
from .specification import Criterion, CriterionUnit, Requirement
from .template import SpecificationTemplate
from .tender import Seat, Tender

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Catalogue",
    "CatalogueEntry",
    "CatalogueUpload",
    "Clearance",
    "ClockMark",
    "CompanyProfile",
    "Criterion",
    "CriterionUnit",
    "Intake",
    "Lowering",
    "Question",
    "RegisterEntry",
    "Registration",
    "Requirement",
    "Seat",
    "SpecificationTemplate",
    "Tender",
    "Unit",
    "User",
    "Vendor",
]
