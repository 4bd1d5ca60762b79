"""HPKE (RFC 9180) behind a format byte, and the P-256 keys that it works with.

Format 1 is base mode with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM: what is sealed is
``01 || enc (65 bytes) || ciphertext || tag (16 bytes)``. Another suite would get another first byte.

Keys travel as bytes: a public key is the uncompressed point (65 bytes, the KEM's own form), a private key
the scalar (32 bytes, big-endian).
"""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bids.sealing.canonical import sha256
from bids.sealing.refusals import SealRefused, Unopenable, gettext_noop

Buffer = bytes | bytearray | memoryview

FORMAT = 1
PUBLIC_BYTES = 65
PRIVATE_BYTES = 32
#: How much longer than its content a sealed thing is: format byte, encapsulated key, tag.
OVERHEAD = 1 + PUBLIC_BYTES + 16

_SUITE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_CURVE = ec.SECP256R1()


@dataclass(frozen=True)
class KeyPair:
    """A private key and the public key that belongs to it. Showing the pair shows only the public half."""

    public: bytes
    private: bytes = field(repr=False)


def new_key_pair() -> KeyPair:
    """Make a fresh pair."""
    key = ec.generate_private_key(_CURVE)
    private = key.private_numbers().private_value.to_bytes(PRIVATE_BYTES, "big")
    return KeyPair(public=_point(key.public_key()), private=private)


def public_of(private: bytes) -> bytes:
    """Return the public key of a private one. Raises ``SealRefused`` where it is no private key."""
    return _point(_read_private(private).public_key())


def fingerprint(public: bytes) -> str:
    """Return what people compare: the SHA-256 of the public key. Raises ``SealRefused`` where it is none."""
    return sha256(_point(_read_public(public)))


def seal(public: bytes, plaintext: Buffer, info: bytes) -> bytes:
    """Seal to a public key; ``info`` is not stored, and opening needs the very same.

    Raises ``SealRefused`` where ``public`` is no key.
    """
    return bytes([FORMAT]) + _SUITE.encrypt(plaintext, _read_public(public), info)


def unseal(private: bytes, sealed: Buffer, info: bytes) -> bytes:
    """Open what ``seal`` made.

    Raises ``Unopenable`` where the format is unknown, where anything was altered, or where key or
    ``info`` are others than those it was sealed with; and ``SealRefused`` where ``private`` is no key.
    """
    key = _read_private(private)
    view = memoryview(sealed)
    if len(view) < OVERHEAD:
        raise Unopenable(gettext_noop("This is too short to be something sealed."))
    if view[0] != FORMAT:
        raise Unopenable(
            gettext_noop("This is sealed in format %(format)s, which is not known here."), {"format": view[0]}
        )
    try:
        return _SUITE.decrypt(view[1:], key, info)
    except InvalidTag as error:
        raise Unopenable(
            gettext_noop("This does not open: it was altered or moved, or it is sealed to another key.")
        ) from error


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _read_public(public: bytes) -> ec.EllipticCurvePublicKey:
    if len(public) != PUBLIC_BYTES:
        raise _no_key()
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, public)
    except ValueError as error:
        raise _no_key() from error


def _read_private(private: bytes) -> ec.EllipticCurvePrivateKey:
    if len(private) != PRIVATE_BYTES:
        raise _no_key()
    try:
        return ec.derive_private_key(int.from_bytes(private, "big"), _CURVE)
    except ValueError as error:
        raise _no_key() from error


def _no_key() -> SealRefused:
    return SealRefused(gettext_noop("This is not a key for sealing."))
