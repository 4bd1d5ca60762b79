"""Closing the bidding: one root over all that counts, signed, so that nothing comes or goes afterwards."""

import json
from datetime import datetime

from bids import queries
from bids.models import ClosingRecord
from bids.sealing import merkle, receipts
from procurement import audit
from procurement.audit.checkpoints import signing_key
from procurement.models import Tender


def close_bidding(tender: Tender, now: datetime) -> ClosingRecord:
    """The closing record of a tender whose deadline is over, written once; the tender is locked.

    Its tree holds the commitment of the last version of every bid, withdrawals included, among random leaves,
    so that it does not tell how many there are. Raises `procurement.signing.keys.UnsafeKey` where the site
    cannot sign.
    """
    known = ClosingRecord.objects.filter(tender=tender).first()
    if known is not None:
        return known
    commitments = [bytes.fromhex(last.commitment) for _bid, last in queries.handed_in(tender)]
    leaves = merkle.padded(commitments)
    document = receipts.closing_record(
        signing_key(),
        tender=str(tender.pk),
        reference=tender.reference,
        package=queries.current_package(tender).digest,
        deadline=tender.deadline,
        closed_at=now,
        leaves=leaves,
    )
    record = ClosingRecord.objects.create(
        tender=tender,
        at=now,
        root=merkle.root(leaves).hex(),
        leaves=json.dumps([leaf.hex() for leaf in leaves]),
        document=receipts.text(document).decode(),
    )
    audit.record(actor=None, action="close bidding", object=tender, now=now, tender=tender, root=record.root)
    return record
