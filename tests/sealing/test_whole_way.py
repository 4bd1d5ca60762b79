"""From publication to opening with what would be stored, and what a thief of all of that can read."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations

import pytest

from bids.sealing import drafts, officers, package, parts, shares, suite
from bids.sealing.canonical import sha256
from bids.sealing.locking import Cost
from bids.sealing.parts import Binding, Envelope, FileEntry, Manifest
from bids.sealing.refusals import SealRefused
from bids.sealing.shares import EnvelopeKey, Officer, SealedHalf
from bids.sealing.wrapping import FileKeyWrapper

CHEAP = Cost(memory=32, passes=1, lanes=1)
UNITS = {"chen": "IT", "lin": "security", "wang": "business"}
TENDER, BID = "5c9c7d7e-5f0c-4d7e-9a55-4a0d4cf4b4e1", "f1b0a3de-66a0-4d0c-bb5f-2d4fc2d1c0aa"
PRICE, ANSWER, FILE = "1987654.00", "ANSWER-MARKER", b"%PDF-1.7 FILE-MARKER"
PASSWORD = "the vendor's password"


@dataclass
class Stored:
    """What lies in the database and in the media folder."""

    package: bytes = b""
    officers: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    wrapped: dict[str, bytes] = field(default_factory=dict)
    halves: dict[str, tuple[SealedHalf, ...]] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    draft_key: drafts.DraftKey | None = None
    draft: bytes = b""

    def bytes(self):
        """All of it in one piece, to be searched."""
        pieces = [self.package, self.draft, *self.wrapped.values(), *self.parts.values()]
        pieces += [half.sealed for halves in self.halves.values() for half in halves]
        pieces += [public + locked.encode() for public, locked in self.officers.values()]
        return b"|".join([*pieces, self.draft_key.public, self.draft_key.locked.encode()])


def published(stored, wrapper):
    """Enrol three officers and publish. Returns their passphrases, which only they have."""
    enrolled = {code: officers.enrol(code, cost=CHEAP) for code in UNITS}
    stored.officers = {code: (each.public, each.locked) for code, each in enrolled.items()}
    panel = [Officer(code, unit, enrolled[code].public) for code, unit in UNITS.items()]
    keys = {}
    for envelope in Envelope:
        split = shares.new_key(TENDER, envelope, panel)
        keys[envelope] = split.key.public
        stored.wrapped[envelope] = wrapper.wrap(split.system_share, shares.wrapping_context(split.key))
        stored.halves[envelope] = split.halves
    stored.package = package.Package(
        tender=TENDER,
        amendment=0,
        specification=sha256(b"specification"),
        deadline=datetime(2026, 12, 1, 9, tzinfo=UTC),
        envelopes=keys,
        officers=tuple(
            package.PublishedOfficer(each.code, each.code.title(), each.unit, suite.fingerprint(each.public))
            for each in panel
        ),
        pairs=shares.allowed_pairs(panel),
        system_key=wrapper.key_id,
    ).text()
    return {code: each.passphrase for code, each in enrolled.items()}


def binding(stored, envelope):
    return Binding(tender=TENDER, envelope=envelope, bid=BID, package=sha256(stored.package))


def submitted(stored):
    """Stage a file, keep its line with the draft, then seal both manifests as version 1."""
    keys = package.read(stored.package).envelopes
    stored.draft_key = drafts.new_key("vendor-1", PASSWORD, cost=CHEAP)
    staged = parts.seal_file(
        keys["technical"], FILE, binding=binding(stored, "technical"), part="part-1", name="NAME-MARKER.pdf"
    )
    stored.parts["file"] = staged.sealed
    draft = {"answer": ANSWER, "price": PRICE, "files": [vars(staged.entry)]}
    stored.draft = drafts.seal(stored.draft_key.public, draft, owner="vendor-1", subject=BID)

    private = drafts.unlock("vendor-1", stored.draft_key, PASSWORD)
    draft = drafts.unseal(private, stored.draft, owner="vendor-1", subject=BID)
    files = tuple(FileEntry(**line) for line in draft["files"])
    manifests = {
        Envelope.TECHNICAL: Manifest({"answer": draft["answer"]}, files),
        Envelope.PRICE: Manifest({"price": draft["price"]}),
    }
    for envelope, manifest in manifests.items():
        stored.parts[envelope] = parts.seal_manifest(
            keys[envelope], manifest, binding=binding(stored, envelope), version=1
        )


def opened(stored, wrapper, envelope, phrases):
    """The envelope's private key, from what is stored and what two officers type."""
    key = EnvelopeKey(TENDER, envelope, package.read(stored.package).envelopes[envelope])
    sessions = []
    for code, typed in phrases:
        public, locked = stored.officers[code]
        private = officers.unlock(code, public=public, locked=locked, typed=typed)
        sessions.append(shares.open_halves(private, stored.halves[envelope], officer=code, key=key))
    system_share = wrapper.unwrap(stored.wrapped[envelope], shares.wrapping_context(key))
    return shares.join(key, system_share, *sessions)


@pytest.fixture
def wrapper(tmp_path):
    FileKeyWrapper.make(tmp_path / "system.key")
    return FileKeyWrapper(tmp_path / "system.key", apart_from=[])


@pytest.fixture
def story(wrapper):
    stored = Stored()
    phrases = published(stored, wrapper)
    submitted(stored)
    return stored, phrases


@pytest.mark.parametrize("two", list(combinations(UNITS, 2)))
def test_two_officers_open_first_the_answers_and_later_the_price(wrapper, story, two):
    stored, phrases = story
    typed = [(code, phrases[code]) for code in two]
    technical = opened(stored, wrapper, Envelope.TECHNICAL, typed)
    place = binding(stored, Envelope.TECHNICAL)
    manifest = parts.open_manifest(technical, stored.parts["technical"], binding=place, version=1, parts=2)
    assert manifest.content == {"answer": ANSWER}
    (entry,) = manifest.files
    assert entry.name == "NAME-MARKER.pdf"
    assert parts.open_file(technical, stored.parts["file"], binding=place, entry=entry) == FILE

    place = binding(stored, Envelope.PRICE)
    with pytest.raises(SealRefused):
        parts.open_manifest(technical, stored.parts["price"], binding=place, version=1, parts=1)
    price = opened(stored, wrapper, Envelope.PRICE, typed)
    assert parts.open_manifest(price, stored.parts["price"], binding=place, version=1, parts=1).content == {
        "price": PRICE
    }


def test_what_is_stored_shows_nothing_of_the_bid(story):
    stored, phrases = story
    everything = stored.bytes()
    for secret in (PRICE, ANSWER, "FILE-MARKER", "NAME-MARKER", PASSWORD, *phrases.values(), sha256(FILE)):
        assert secret.encode() not in everything


def test_a_thief_of_all_that_is_stored_and_of_the_system_key_opens_nothing(wrapper, story):
    """What the thief lacks is a passphrase. What can be made without one is tried as a key."""
    stored, _ = story
    made = {secrets.token_bytes(32)}
    for envelope in Envelope:
        key = EnvelopeKey(TENDER, envelope, package.read(stored.package).envelopes[envelope])
        made.add(wrapper.unwrap(stored.wrapped[envelope], shares.wrapping_context(key)))
    made |= {bytes(a ^ b for a, b in zip(*two, strict=True)) for two in combinations(sorted(made), 2)}
    made |= {bytes.fromhex(json.loads(locked)["box"])[:32] for _, locked in stored.officers.values()}
    assert len(made) == 9
    for private in made:
        for code in UNITS:
            with pytest.raises(SealRefused):
                shares.open_halves(private, stored.halves["price"], officer=code, key=key)
        place = binding(stored, Envelope.PRICE)
        with pytest.raises(SealRefused):
            parts.open_manifest(private, stored.parts["price"], binding=place, version=1, parts=1)


@pytest.mark.parametrize("code", UNITS)
def test_one_officer_and_the_system_key_open_nothing(wrapper, story, code):
    stored, phrases = story
    with pytest.raises(SealRefused, match="Two different officers"):
        opened(stored, wrapper, Envelope.PRICE, [(code, phrases[code])] * 2)
