"""HPKE against the official vector of its suite, and every way in which something sealed may be wrong."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.sealing import suite
from bids.sealing.refusals import SealRefused, Unopenable

#: From the test vectors that belong to RFC 9180 (test-vectors.json of the CFRG's draft-irtf-cfrg-hpke, as
#: shipped in cryptography-vectors 50.0.2): base mode, kem_id 16, kdf_id 1, aead_id 2, its first encryption.
VECTOR = {
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "skRm": "317f915db7bc629c48fe765587897e01e282d3e8445f79f27f65d031a88082b2",
    "pkRm": "04abc7e49a4c6b3566d77d0304addc6ed0e98512ffccf505e6a8e3eb25c685136f"
    "853148544876de76c0f2ef99cdc3a05ccf5ded7860c7c021238f9e2073d2356c",
    "enc": "04c06b4f6bebc7bb495cb797ab753f911aff80aefb86fd8b6fcc35525f3ab5f03e"
    "0b21bd31a86c6048af3cb2d98e0d3bf01da5cc4c39ff5370d331a4f1f7d5a4e0",
    "key": "ee16802a936d5f544771131900ee6973d0551de9e852ece2ef34bf0d5f9e1d1d",
    "nonce": "9bc50980832a7b4b58c40161",
    "aad": "436f756e742d30",
    "pt": "4265617574792069732074727574682c20747275746820626561757479",
    "ct": "58c61a45059d0c5704560e9d88b564a8b63f1364b8d1fcb3c4c6ddc1d291742465e902cd216f8908da49f8f96f",
}
OFFICIAL = {name: bytes.fromhex(digits) for name, digits in VECTOR.items()}
INFO = b"where it belongs"


@pytest.fixture(scope="module")
def pair():
    return suite.new_key_pair()


def altered(content, place):
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


# --- the official vector -----------------------------------------------------------------------------------
def test_the_vectors_private_key_has_the_vectors_public_key():
    assert suite.public_of(OFFICIAL["skRm"]) == OFFICIAL["pkRm"]


def test_the_official_vector_opens():
    """The vector seals with data beside it, which a part does not have. Under the vector's own key and nonce,
    which only the right key schedule finds again, the same text is sealed here without.
    """
    cipher = AESGCM(OFFICIAL["key"])
    assert cipher.encrypt(OFFICIAL["nonce"], OFFICIAL["pt"], OFFICIAL["aad"]) == OFFICIAL["ct"]
    box = cipher.encrypt(OFFICIAL["nonce"], OFFICIAL["pt"], None)
    sealed = bytes([suite.FORMAT]) + OFFICIAL["enc"] + box
    assert suite.unseal(OFFICIAL["skRm"], sealed, OFFICIAL["info"]) == OFFICIAL["pt"]


def test_the_official_vector_opens_with_its_info_only():
    box = AESGCM(OFFICIAL["key"]).encrypt(OFFICIAL["nonce"], OFFICIAL["pt"], None)
    with pytest.raises(Unopenable):
        suite.unseal(OFFICIAL["skRm"], bytes([suite.FORMAT]) + OFFICIAL["enc"] + box, b"Ode to a Nightingale")


# --- round trips -------------------------------------------------------------------------------------------
@settings(max_examples=50, deadline=None)
@given(content=st.binary(max_size=2000), info=st.binary(max_size=200))
def test_what_is_sealed_opens_and_has_the_length_that_is_said(pair, content, info):
    sealed = suite.seal(pair.public, content, info)
    assert sealed[0] == suite.FORMAT
    assert len(sealed) == len(content) + suite.OVERHEAD
    assert suite.unseal(pair.private, sealed, info) == content


def test_the_same_content_is_never_sealed_alike(pair):
    assert len({suite.seal(pair.public, b"same", INFO) for _ in range(20)}) == 20


def test_buffers_of_any_kind_are_sealed_and_opened(pair):
    for kind in (bytes, bytearray, memoryview):
        sealed = kind(suite.seal(pair.public, kind(b"content"), INFO))
        assert suite.unseal(pair.private, sealed, INFO) == b"content"


# --- tampering ---------------------------------------------------------------------------------------------
def test_every_single_altered_byte_is_refused(pair):
    sealed = suite.seal(pair.public, b"a price", INFO)
    for place in range(len(sealed)):
        with pytest.raises(Unopenable):
            suite.unseal(pair.private, altered(sealed, place), INFO)


def test_every_length_but_the_whole_is_refused(pair):
    sealed = suite.seal(pair.public, b"a price", INFO)
    for length in range(len(sealed)):
        with pytest.raises(Unopenable):
            suite.unseal(pair.private, sealed[:length], INFO)
    with pytest.raises(Unopenable):
        suite.unseal(pair.private, sealed + b"\0", INFO)


def test_another_info_and_another_key_are_refused(pair):
    sealed = suite.seal(pair.public, b"a price", INFO)
    with pytest.raises(Unopenable, match="altered or moved, or it is sealed to another key"):
        suite.unseal(pair.private, sealed, INFO + b" ")
    with pytest.raises(Unopenable, match="another key"):
        suite.unseal(suite.new_key_pair().private, sealed, INFO)


def test_an_unknown_format_is_named(pair):
    sealed = suite.seal(pair.public, b"a price", INFO)
    with pytest.raises(Unopenable) as refusal:
        suite.unseal(pair.private, b"\x07" + sealed[1:], INFO)
    assert str(refusal.value) == "This is sealed in format 7, which is not known here."


def test_a_refusal_repeats_nothing_of_the_content(pair):
    sealed = suite.seal(pair.public, b"SECRET-MARKER", INFO)
    with pytest.raises(Unopenable) as refusal:
        suite.unseal(pair.private, altered(sealed, -1 % len(sealed)), INFO)
    assert "SECRET" not in repr(refusal.value)


# --- keys --------------------------------------------------------------------------------------------------
def test_pairs_differ_and_do_not_show_their_private_half():
    one, other = suite.new_key_pair(), suite.new_key_pair()
    assert one.private != other.private
    assert suite.public_of(one.private) == one.public
    assert len(one.public) == suite.PUBLIC_BYTES
    assert one.private.hex() not in repr(one)
    assert str(one.private) not in repr(one)


@pytest.mark.parametrize("public", [b"", bytes(65), b"\x04" + bytes(64), b"\x04" + b"\xff" * 64])
def test_what_is_no_public_key_is_refused(public):
    with pytest.raises(SealRefused, match="not a key"):
        suite.seal(public, b"content", INFO)
    with pytest.raises(SealRefused, match="not a key"):
        suite.fingerprint(public)


def test_a_compressed_point_is_refused_since_a_key_has_one_form_only(pair):
    compressed = bytes([2 + pair.public[-1] % 2]) + pair.public[1:33]
    with pytest.raises(SealRefused, match="not a key"):
        suite.fingerprint(compressed)


@pytest.mark.parametrize("private", [b"", bytes(32), b"\xff" * 32, b"\x01" * 31, b"\x01" * 33])
def test_what_is_no_private_key_is_refused(private):
    with pytest.raises(SealRefused, match="not a key"):
        suite.public_of(private)


def test_a_fingerprint_is_the_digest_of_the_public_key(pair):
    assert suite.fingerprint(OFFICIAL["pkRm"]) == (
        "54e5b7a479cbf5a45020cbb57cb1262c7815481e2aed33e377a733bb374d81b7"
    )
    assert suite.fingerprint(pair.public) != suite.fingerprint(OFFICIAL["pkRm"])
