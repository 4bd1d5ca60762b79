"""Signatures under drafts."""

from procurement.models import Clearance, Tender


def clearances_of(tender: Tender, fingerprint: str) -> dict[str, Clearance]:
    """The signatures under that very text, by side."""
    return {row.side: row for row in Clearance.objects.filter(tender=tender, fingerprint=fingerprint)}
