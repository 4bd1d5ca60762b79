"""A system key that never leaves an HSM, over PKCS#11.

The HSM holds one AES-256 key that is sensitive and cannot be extracted; wrapping and unwrapping are
AES-GCM inside it. What a bank's HSM has to offer is the mechanism ``CKM_AES_GCM`` for a user with a PIN.
The key needs a label and an identifier (``CKA_ID``) of its own; ``make_key`` makes such a key, or the
bank's own tools do. HSMs that insist on choosing the nonce themselves are not served.
"""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, cast

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass, Session, Token

from bids.sealing.canonical import sha256
from bids.sealing.refusals import KeyUnavailable, gettext_noop
from bids.sealing.wrapping import NONCE_BYTES, TAG_BYTES, altered, beside, labelled, unlabelled

_FORMAT = 2
_KEY_BITS = 256
#: A PKCS#11 login counts for the whole process, so one operation logs in, works and logs out at a time.
_ONE_AT_A_TIME = threading.Lock()


class _AesKey(Protocol):
    """What is used of a key inside the token."""

    id: bytes

    def encrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes: ...

    def decrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes: ...


class Pkcs11KeyWrapper:
    """A system key inside an HSM, found by the labels of token and key.

    Nothing is opened until the first use, and every use logs in and out again, so that a token which was
    restarted is found again. Stored is ``02 || key identifier (8 bytes) || nonce (12 bytes) || ciphertext
    || tag (16 bytes)``.
    """

    def __init__(self, library: str, *, token: str, key: str, pin: str) -> None:
        """Take the maker's library (a path), the labels of token and key, and the user's PIN."""
        self._library = library
        self._token = token
        self._key = key
        self._pin = pin
        self._process = os.getpid()

    @property
    def key_id(self) -> str:
        """The SHA-256 of the key's ``CKA_ID``, its first 16 digits. Raises ``KeyUnavailable``."""
        with self._session() as session:
            return _identifier(self._find(session))

    def make_key(self) -> None:
        """Make the key inside the token. Raises ``KeyUnavailable`` where one of that label is there."""
        with self._session(writing=True) as session:
            if list(
                session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: self._key})
            ):
                raise KeyUnavailable(
                    gettext_noop("The HSM has a key %(key)s already, and a system key is never overwritten."),
                    {"key": self._key},
                )
            session.generate_key(
                KeyType.AES,
                _KEY_BITS,
                id=secrets.token_bytes(8),
                label=self._key,
                store=True,
                template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )

    def wrap(self, content: bytes, context: str) -> bytes:
        with self._session() as session:
            key = self._find(session)
            nonce, box = _encrypt(key, content, context)
            return labelled(_FORMAT, _identifier(key), nonce, box)

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        with self._session() as session:
            key = self._find(session)
            nonce, box = unlabelled(_FORMAT, _identifier(key), wrapped)
            try:
                return key.decrypt(
                    box, mechanism=Mechanism.AES_GCM, mechanism_param=_parameters(nonce, context)
                )
            except pkcs11.PKCS11Error as error:
                # Makers answer differently where a tag does not fit, some as if they were out of order. If
                # the key still encrypts, what was wrapped is wrong; if not, the failure is the HSM's.
                _encrypt(key, b"", context)
                raise altered() from error

    def _find(self, session: Session) -> "_AesKey":
        found = session.get_key(object_class=ObjectClass.SECRET_KEY, key_type=KeyType.AES, label=self._key)
        key = cast("_AesKey", found)  # the library builds the class of a key when it finds it
        if not key.id:
            raise self._unavailable(gettext_noop("The HSM's key %(key)s has no identifier (CKA_ID)."))
        return key

    @contextmanager
    def _session(self, *, writing: bool = False) -> Iterator[Session]:
        with _ONE_AT_A_TIME:
            try:
                with self._found_token().open(rw=writing, user_pin=self._pin) as session:
                    yield session
            except pkcs11.NoSuchToken as error:
                raise self._unavailable(gettext_noop("The HSM has no token %(token)s.")) from error
            except pkcs11.NoSuchKey as error:
                raise self._unavailable(
                    gettext_noop("The HSM's token %(token)s has no key %(key)s.")
                ) from error
            except (pkcs11.MultipleTokensReturned, pkcs11.MultipleObjectsReturned) as error:
                raise self._unavailable(
                    gettext_noop("The HSM has more than one token %(token)s or key %(key)s.")
                ) from error
            except (pkcs11.PinIncorrect, pkcs11.PinLocked, pkcs11.PinExpired, pkcs11.PinLenRange) as error:
                raise self._unavailable(
                    gettext_noop("The HSM does not take the PIN for %(token)s.")
                ) from error
            except pkcs11.PKCS11Error as error:
                raise KeyUnavailable(
                    gettext_noop("The HSM does not answer (%(reason)s)."), {"reason": type(error).__name__}
                ) from error

    def _found_token(self) -> Token:
        if self._process != os.getpid():  # a child process has to introduce itself to the library anew
            pkcs11.unload(self._library)
            self._process = os.getpid()
        return pkcs11.lib(self._library).get_token(token_label=self._token)

    def _unavailable(self, template: str) -> KeyUnavailable:
        return KeyUnavailable(template, {"token": self._token, "key": self._key})


def _encrypt(key: "_AesKey", content: bytes, context: str) -> tuple[bytes, bytes]:
    nonce = secrets.token_bytes(NONCE_BYTES)
    box = key.encrypt(content, mechanism=Mechanism.AES_GCM, mechanism_param=_parameters(nonce, context))
    return nonce, box


def _parameters(nonce: bytes, context: str) -> GCMParams:
    return GCMParams(nonce=nonce, aad=beside(context), tag_bits=8 * TAG_BYTES)


def _identifier(key: "_AesKey") -> str:
    return sha256(key.id)[:16]
