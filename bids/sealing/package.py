"""What is published with a tender and what every bid is sealed under: the package and its digest."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bids.sealing import suite
from bids.sealing.canonical import Json, bound_to, canonical, is_digest, moment_of, parse, sha256, timestamp
from bids.sealing.parts import Envelope
from bids.sealing.refusals import SealRefused, gettext_noop
from bids.sealing.shares import Officer, Pair, allowed_pairs

FORMAT = 1


@dataclass(frozen=True)
class PublishedOfficer:
    """An opening officer as everybody may know them. ``fingerprint`` is that of the public key."""

    code: str
    name: str
    unit: str
    fingerprint: str


@dataclass(frozen=True)
class Package:
    """What a bidder relies on.

    ``amendment`` counts from 0 at the publication; ``specification`` is the fingerprint of what is asked
    for; ``envelopes`` are the two public keys; ``pairs`` are the officers who may open together;
    ``system_key`` is the identifier of the system key under which the system's shares lie; ``deadline``
    counts to the millisecond; ``notice`` is the digest of what the amendment says (`notice_of`), empty at the
    publication.
    """

    tender: str
    amendment: int
    specification: str
    deadline: datetime
    envelopes: Mapping[str, bytes]
    officers: tuple[PublishedOfficer, ...]
    pairs: tuple[Pair, ...]
    system_key: str
    notice: str = ""

    def __post_init__(self) -> None:
        """Refuse what nobody should rely on: ``SealRefused``, or ``ValueError`` for a time without zone."""
        if set(self.envelopes) != set(Envelope) or len(set(self.envelopes.values())) != len(Envelope):
            raise SealRefused(gettext_noop("A package has two keys: a technical one and one for the price."))
        for public in self.envelopes.values():
            suite.fingerprint(public)
        if not is_digest(self.specification) or type(self.amendment) is not int or self.amendment < 0:
            raise _unreadable()
        if bool(self.notice) != bool(self.amendment) or (self.notice and not is_digest(self.notice)):
            raise _unreadable()
        if not all(is_digest(officer.fingerprint) for officer in self.officers):
            raise _unreadable()
        if len({officer.fingerprint for officer in self.officers}) != len(self.officers):
            raise SealRefused(gettext_noop("Two officers have the same key."))
        known = [Officer(code=officer.code, unit=officer.unit, public=b"") for officer in self.officers]
        if self.pairs != allowed_pairs(known, self.pairs):
            raise _unreadable()
        timestamp(self.deadline)

    def text(self) -> bytes:
        """Return the canonical text, which is what is published and kept."""
        return canonical(
            {
                "format": FORMAT,
                "tender": self.tender,
                "amendment": self.amendment,
                "specification": self.specification,
                "deadline": timestamp(self.deadline),
                "envelopes": {str(name): public.hex() for name, public in self.envelopes.items()},
                "officers": [asdict(officer) for officer in self.officers],
                "pairs": [list(pair) for pair in self.pairs],
                "system_key": self.system_key,
                "notice": self.notice,
            }
        )

    def digest(self) -> str:
        """Return the SHA-256 of the text: the package that parts, receipts and minutes name."""
        return sha256(self.text())


def notice_of(**said: Json) -> str:
    """Return the digest of what an amendment says, which its package carries: it cannot be reworded later."""
    return sha256(bound_to("notice", **said))


def read(text: bytes) -> Package:
    """Return the package of which ``text`` is the canonical text.

    Raises ``SealRefused`` where it is written otherwise, lacks something, or is one that cannot be relied on.
    """
    try:
        fields: Any = parse(text)
        if fields.pop("format") != FORMAT:
            raise _unreadable()
        deadline = moment_of(fields.pop("deadline"))
        envelopes = {name: bytes.fromhex(public) for name, public in fields.pop("envelopes").items()}
        officers = tuple(PublishedOfficer(**officer) for officer in fields.pop("officers"))
        pairs = tuple((one, other) for one, other in fields.pop("pairs"))
        package = Package(deadline=deadline, envelopes=envelopes, officers=officers, pairs=pairs, **fields)
        exact = package.text() == bytes(text)
    except SealRefused:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _unreadable() from error
    if not exact:
        raise _unreadable()
    return package


def _unreadable() -> SealRefused:
    return SealRefused(gettext_noop("This is not a package of a tender as it has to be written."))
