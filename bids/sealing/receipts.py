"""What a vendor gets in its hand: the signed receipt, the signed refusal, the proof of having been counted.

Each is a document of a format of `procurement.signing.verify`: canonical JSON whose signature covers all of
it. `text` is the file; anybody checks it with the verifier alone.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from bids.sealing import merkle
from bids.sealing.canonical import is_digest, timestamp
from bids.sealing.parts import PartDigest
from bids.sealing.refusals import SealRefused, gettext_noop
from procurement.signing.keys import SigningKey
from procurement.signing.verify import (
    CLOSING,
    INCLUSION,
    RECEIPT,
    REFUSAL,
    Document,
    Fault,
    canonical,
    check_document,
    read_document,
)

#: What a version of a bid is.
SUBMITTED, WITHDRAWN, CONFIRMED = "submitted", "withdrawn", "confirmed"

#: Why nothing was stored.
LATE = "late"


def receipt(
    key: SigningKey,
    *,
    kind: str,
    bid: str,
    version: int,
    tender: str,
    reference: str,
    package: str,
    parts: Sequence[PartDigest],
    received_at: datetime,
    commitment: str,
) -> Document:
    """Sign that a version of a bid was stored: which, under which package, and when, to the millisecond.

    `commitment` is that of the version (`bids.sealing.parts.commitment`), `parts` what it covers, in order.
    Raises `SealRefused` for a digest that is none.
    """
    if not (is_digest(package) and is_digest(commitment)):
        raise _no_digest()
    return key.sign(
        {
            "format": RECEIPT,
            "kind": kind,
            "bid": bid,
            "version": version,
            "tender": tender,
            "reference": reference,
            "package": package,
            "parts": [asdict(part) for part in parts],
            "received_at": timestamp(received_at),
            "commitment": commitment,
        }
    )


def refusal(
    key: SigningKey,
    *,
    tender: str,
    reference: str,
    package: str,
    reason: str,
    digest: str,
    received_at: datetime,
    deadline: datetime,
) -> Document:
    """Sign that something came and was not stored, and why: its digest and time are all that is kept of it.

    Raises `SealRefused` for a digest that is none.
    """
    if not (is_digest(package) and is_digest(digest)):
        raise _no_digest()
    return key.sign(
        {
            "format": REFUSAL,
            "tender": tender,
            "reference": reference,
            "package": package,
            "reason": reason,
            "digest": digest,
            "received_at": timestamp(received_at),
            "deadline": timestamp(deadline),
        }
    )


def closing_record(
    key: SigningKey,
    *,
    tender: str,
    reference: str,
    package: str,
    deadline: datetime,
    closed_at: datetime,
    leaves: Sequence[bytes],
) -> Document:
    """Sign the root over the leaves that `merkle.padded` gave, which are to be kept in that order."""
    return key.sign(
        {
            "format": CLOSING,
            "tender": tender,
            "reference": reference,
            "package": package,
            "deadline": timestamp(deadline),
            "closed_at": timestamp(closed_at),
            "size": len(leaves),
            "root": merkle.root(leaves).hex(),
        }
    )


def inclusion(leaves: Sequence[bytes], *, receipt: Document, closing: Document) -> Document:
    """The proof that what was acknowledged is in the tree that was closed: both signed documents, the place
    of the receipt's commitment among the leaves, and the hashes beside its way up. It needs no signature.

    Raises `ValueError` where the commitment is not among the leaves.
    """
    index = list(leaves).index(bytes.fromhex(receipt["commitment"]))
    return {
        "format": INCLUSION,
        "receipt": receipt,
        "closing": closing,
        "index": index,
        "proof": [step.hex() for step in merkle.inclusion_proof(leaves, index)],
    }


def text(document: Document) -> bytes:
    """A document as the file that is shown, mailed and fetched again."""
    return canonical(document)


def verify(content: bytes, key: str) -> Document:
    """Read a receipt or refusal and check that the public key (hex) signed it. Raises `SealRefused`."""
    try:
        document = read_document(content)
        if document.get("format") not in {RECEIPT, REFUSAL}:
            raise _unverified()
        check_document(document, trusted={key})
    except Fault as fault:
        raise _unverified() from fault
    return document


def _no_digest() -> SealRefused:
    return SealRefused(gettext_noop("A digest is missing, or is no SHA-256."))


def _unverified() -> SealRefused:
    return SealRefused(gettext_noop("This is no receipt of this site, or it was altered."))
