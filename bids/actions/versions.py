"""A version of a bid, sealed: both envelopes, the digests of their parts, and the commitment to all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bids.choices import Envelope
from bids.models import Bid, Package
from bids.queries.drafts import Draft
from bids.sealing import package as published
from bids.sealing import parts
from bids.sealing.canonical import Json, sha256
from bids.sealing.parts import Binding, Manifest, PartDigest
from bids.sealing.refusals import SealRefused
from procurement.models import User
from procurement.models.fields import plain


@dataclass(frozen=True)
class Place:
    """Which version of which bid, under which package: what an envelope is sealed for."""

    bid: Bid
    package: Package
    number: int


@dataclass(frozen=True)
class Version(Place):
    """A version, from whom and received when."""

    actor: User
    at: datetime

    def commitment(self, digests: Sequence[PartDigest]) -> str:
        """The SHA-256 of everything about the version that may be shown."""
        return parts.commitment(
            bid=str(self.bid.pk),
            version=self.number,
            package=self.package.digest,
            parts=digests,
            received_at=self.at,
        )


@dataclass(frozen=True)
class SealedEnvelope:
    """One envelope of a version: the sealed manifest, and the digests of all parts, the manifest's first."""

    envelope: Envelope
    sealed: bytes
    digests: tuple[PartDigest, ...]


def in_order(envelopes: Sequence[SealedEnvelope]) -> list[PartDigest]:
    """The digests of all parts: technical manifest, its files, price manifest."""
    return [digest for row in envelopes for digest in row.digests]


def seal_version(
    place: Place, draft: Draft, codes: Sequence[str], price: Decimal | None
) -> list[SealedEnvelope]:
    """Both envelopes, technical first, with answers and files to the requirements of these codes.

    `price` is what the draft's price was read as; None leaves it as typed, which only what came in late
    may be. Raises `ValidationError` where it cannot be sealed.
    """
    files = tuple(file.entry for file in draft.files if file.requirement in codes)
    manifests = {
        Envelope.TECHNICAL: Manifest(_technical(place.bid, draft, codes), files),
        Envelope.PRICE: Manifest(_price(place.bid, draft, price)),
    }
    try:
        keys = published.read(place.package.text.encode()).envelopes
        return [_seal(place, keys[name.value], name, manifest) for name, manifest in manifests.items()]
    except SealRefused as refusal:
        raise ValidationError(_(refusal.template) % refusal.params) from refusal


def _seal(place: Place, public: bytes, envelope: Envelope, manifest: Manifest) -> SealedEnvelope:
    bid = place.bid
    binding = Binding(str(bid.tender_id), envelope.value, str(bid.pk), place.package.digest)
    sealed = parts.seal_manifest(public, manifest, binding=binding, version=place.number)
    digests = [sha256(sealed), *(entry.sealed_digest for entry in manifest.files)]
    return SealedEnvelope(envelope, sealed, tuple(PartDigest(envelope.value, digest) for digest in digests))


def _technical(bid: Bid, draft: Draft, codes: Sequence[str]) -> dict[str, Json]:
    """What is opened first: every answer with the keys of its files, and what was published."""
    return {
        "publication": bid.tender.fingerprint,
        "answers": [
            {
                "requirement": code,
                **draft.answers[code],
                "files": [file.pk for file in draft.files if file.requirement == code],
            }
            for code in codes
        ],
    }


def _price(bid: Bid, draft: Draft, price: Decimal | None) -> dict[str, Json]:
    """What is opened last: the price in plain digits."""
    return {"currency": bid.tender.currency, "price": draft.price if price is None else plain(price)}
