"""What of a tender's evidence its sealed bids leave: documents by their path in the folder."""

from typing import Any

from bids import queries
from bids.actions.closing import proof_of
from bids.models import Bid, LateBid, Submission
from bids.queries import OpeningFacts
from bids.sealing.canonical import timestamp
from procurement.models import Tender
from procurement.signing.verify import Document, canonical

#: The format of what `opening.json` says; the folder's manifest signs it.
OPENING = "assay-opening/1"


def sealed_documents(tender: Tender) -> dict[str, bytes]:
    """Packages, receipts and refusals as they were given, the closing record, and once the bids are opened
    the proof of each and the opening record.

    Nothing of it is for before the opening: receipts tell of bids. Raises `ValidationError` where a bid that
    was opened is not in the closing record.
    """
    facts = queries.opening_facts(tender)
    late = LateBid.objects.filter(tender=tender)
    documents = {f"packages/{row.amendment}.json": row.text for row in facts.packages}
    for row in Submission.objects.filter(bid__tender=tender):
        documents[f"receipts/{row.bid_id}-{row.number}.json"] = row.receipt
        if row.confirmation:
            documents[f"receipts/{row.bid_id}-{row.number}-confirmed.json"] = row.confirmation
    documents |= {f"receipts/late-{number}.json": row.refusal for number, row in enumerate(late, 1)}
    if facts.closing is not None:
        documents["closing.json"] = facts.closing.document
    found = {name: text.encode() for name, text in documents.items()}
    if tender.opened_at is not None and facts.closing is not None:
        handed_in = queries.handed_in(tender)
        found |= {f"inclusion/{bid.pk}.json": proof_of(last).encode() for bid, last in handed_in}
        found["opening.json"] = canonical(_opening(tender, facts, handed_in))
    return found


def _opening(tender: Tender, facts: OpeningFacts, handed_in: list[tuple[Bid, Submission]]) -> Document:
    """Who unlocked what and when, what was opened, and what came in late."""
    return {
        "format": OPENING,
        "tender": str(tender.pk),
        "opened_at": timestamp(tender.opened_at),
        "priced_at": timestamp(tender.priced_at) if tender.priced_at else None,
        "system_key": facts.system_key,
        "root": facts.closing.root,
        "officers": {
            unlocked.envelope.value: [
                {
                    "name": turn.signed_by,
                    "unit": turn.officer.unit_code,
                    "key": turn.officer.key.fingerprint,
                    "at": timestamp(turn.at),
                }
                for turn in unlocked.turns
            ]
            for unlocked in facts.unlocked
        },
        "bids": [_bid(bid, last) for bid, last in handed_in],
        "late": [
            {"vendor": row.bid.vendor.name, "digest": row.digest, "received_at": timestamp(row.at)}
            for row in facts.late
        ],
    }


def _bid(bid: Bid, last: Submission) -> dict[str, Any]:
    return {
        "bid": str(bid.pk),
        "vendor": bid.vendor.name,
        "version": last.number,
        "received_at": timestamp(last.at),
        "commitment": last.commitment,
        "package": last.package.digest,
        "confirmed": last.confirmed.digest if last.confirmed else None,
        "status": bid.status,
        "reason": bid.reason,
    }
