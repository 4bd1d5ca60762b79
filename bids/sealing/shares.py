"""An envelope's private key split between the system and any two officers.

The private key is ``system share XOR quorum share``. For every allowed pair of officers the quorum share
is again one half XOR another, and each half is sealed to one of the two. So an opening needs the system
and two officers; an officer's halves, also with the system's share, are random numbers; and with three
officers any one of them may be lost. Each share is as long as the key and drawn afresh.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from bids.sealing import suite
from bids.sealing.canonical import bound_to, sha256
from bids.sealing.refusals import SealRefused, Unopenable, gettext_noop

#: The codes of two officers, in alphabetical order.
Pair = tuple[str, str]

FEWEST_OFFICERS = 3


@dataclass(frozen=True)
class Officer:
    """An opening officer: a code that never changes, the unit, and the public key."""

    code: str
    unit: str
    public: bytes


@dataclass(frozen=True)
class EnvelopeKey:
    """Which key is split: the tender, the envelope, and the public key that bids are sealed to."""

    tender: str
    envelope: str
    public: bytes


@dataclass(frozen=True)
class SealedHalf:
    """What is stored for one officer of one pair."""

    officer: str
    pair: Pair
    sealed: bytes


@dataclass(frozen=True)
class Half:
    """An officer's half for one pair, opened."""

    officer: str
    pair: Pair
    value: bytes = field(repr=False)


@dataclass(frozen=True)
class SplitKey:
    """A key in pieces: the system share goes under the system key, the halves are stored as they are."""

    key: EnvelopeKey
    system_share: bytes = field(repr=False)
    halves: tuple[SealedHalf, ...]
    #: By which the quorum's share is known again without the system's; it is random, so this tells nothing.
    check: str


def allowed_pairs(officers: Sequence[Officer], pairs: Iterable[Pair] | None = None) -> tuple[Pair, ...]:
    """Return the pairs that may open, in order: those given, or any two of the officers.

    Raises ``SealRefused`` where there are fewer than three officers, where one stands there twice, where
    all are of one unit, where a pair names somebody else, or where the loss of one officer would leave no
    pair.
    """
    codes = sorted(officer.code for officer in officers)
    if len(set(codes)) < max(FEWEST_OFFICERS, len(codes)):
        raise SealRefused(
            gettext_noop("At least %(fewest)s different officers are needed."), {"fewest": FEWEST_OFFICERS}
        )
    if len({officer.unit for officer in officers}) < 2:
        raise SealRefused(gettext_noop("The officers must not all be of one unit."))
    every = set(combinations(codes, 2))
    chosen = every if pairs is None else {_ordered(pair) for pair in pairs}
    if chosen - every:
        raise SealRefused(gettext_noop("A pair consists of two of the officers."))
    for code in codes:
        if not any(code not in pair for pair in chosen):
            raise SealRefused(gettext_noop("No pair could open any more if one of the officers were lost."))
    return tuple(sorted(chosen))


def standing_pairs(pairs: Iterable[Pair], able: Collection[str]) -> tuple[Pair, ...]:
    """Return the pairs of which both officers are able to open.

    Raises ``SealRefused`` in plain words where there is none: then nobody can open, and no officer can be
    replaced.
    """
    standing = tuple(pair for pair in pairs if pair[0] in able and pair[1] in able)
    if not standing:
        raise SealRefused(
            gettext_noop(
                "Two officers are needed to open, and too few can still use their keys (%(count)s). What is "
                "sealed for this tender stays sealed: nobody can open it, administrators included."
            ),
            {"count": len(set(able))},
        )
    return standing


def new_key(
    tender: str, envelope: str, officers: Sequence[Officer], pairs: Iterable[Pair] | None = None
) -> SplitKey:
    """Make an envelope's key and split it at once; the whole private half is not returned.

    Raises ``SealRefused`` as ``allowed_pairs`` does, and where an officer's public key is none.
    """
    pair = suite.new_key_pair()
    key = EnvelopeKey(tender, envelope, pair.public)
    system_share = secrets.token_bytes(suite.PRIVATE_BYTES)
    return _hand_out(key, system_share, _xor(pair.private, system_share), officers, pairs)


def open_halves(
    private: bytes, halves: Iterable[SealedHalf], *, officer: str, key: EnvelopeKey
) -> tuple[Half, ...]:
    """Open the halves of one officer with the officer's private key, one for each pair the officer is in.

    Raises ``SealRefused`` where the officer has none, and ``Unopenable`` where one of them does not open:
    it was altered or moved, or the key is another officer's.
    """
    own = [half for half in halves if half.officer == officer]
    if not own:
        raise SealRefused(gettext_noop("This officer holds no part of the envelope's key."))
    try:
        return tuple(
            Half(officer, half.pair, suite.unseal(private, half.sealed, _info(key, officer, half.pair)))
            for half in own
        )
    except Unopenable as error:
        raise Unopenable(
            gettext_noop("The officer's part of the envelope's key does not open with this officer's key.")
        ) from error


def join(key: EnvelopeKey, system_share: bytes, first: Iterable[Half], second: Iterable[Half]) -> bytes:
    """Return the envelope's private key from the system's share and what two officers opened.

    Raises ``SealRefused`` where these are not the two officers of one allowed pair, and ``Unopenable``
    where the pieces do not make this envelope's key.
    """
    one, other = _of_one_pair(first, second)
    private = _xor(system_share, _xor(one.value, other.value))
    try:
        fits = suite.public_of(private) == key.public
    except SealRefused:
        fits = False
    if not fits:
        raise Unopenable(gettext_noop("The pieces do not make this envelope's key: one is of another."))
    return private


def quorum_of(key: EnvelopeKey, first: Iterable[Half], second: Iterable[Half], *, check: str) -> bytes:
    """Return the quorum's share from what two officers opened: without the system's share it opens nothing.

    Raises ``SealRefused`` where these are not the two officers of one allowed pair, and ``Unopenable`` where
    what they opened is not the share that ``check`` was kept of.
    """
    one, other = _of_one_pair(first, second)
    quorum_share = _xor(one.value, other.value)
    if _check(key, quorum_share) != check:
        raise Unopenable(gettext_noop("The pieces do not make this envelope's key: one is of another."))
    return quorum_share


def hand_out_anew(
    key: EnvelopeKey,
    system_share: bytes,
    quorum_share: bytes,
    officers: Sequence[Officer],
    pairs: Iterable[Pair] | None = None,
) -> SplitKey:
    """Hand the quorum's share out anew, for other officers; system and quorum are never joined for it.

    The same random number is added to both shares, so that their sum, the envelope's key, stays what it was,
    bids stay as they are, and halves that were handed out before open nothing beside the new system's share.
    Raises ``SealRefused`` as ``allowed_pairs`` does, and ``Unopenable`` for a share that is damaged.
    """
    drawn = secrets.token_bytes(suite.PRIVATE_BYTES)
    return _hand_out(key, _xor(system_share, drawn), _xor(quorum_share, drawn), officers, pairs)


def wrapping_context(key: EnvelopeKey) -> str:
    """Return what a ``KeyWrapper`` binds the system's share to."""
    return bound_to(
        "system share", tender=key.tender, envelope=key.envelope, key=suite.fingerprint(key.public)
    ).decode()


def _hand_out(
    key: EnvelopeKey,
    system_share: bytes,
    quorum_share: bytes,
    officers: Sequence[Officer],
    pairs: Iterable[Pair] | None,
) -> SplitKey:
    public = {officer.code: officer.public for officer in officers}
    halves = []
    for pair in allowed_pairs(officers, pairs):
        value = secrets.token_bytes(suite.PRIVATE_BYTES)
        for code, half in zip(pair, (value, _xor(quorum_share, value)), strict=True):
            sealed = suite.seal(public[code], half, _info(key, code, pair))
            halves.append(SealedHalf(officer=code, pair=pair, sealed=sealed))
    return SplitKey(key, system_share, tuple(halves), _check(key, quorum_share))


def _check(key: EnvelopeKey, quorum_share: bytes) -> str:
    """Return the digest of a quorum's share, bound to its key."""
    info = bound_to("quorum", tender=key.tender, envelope=key.envelope, key=suite.fingerprint(key.public))
    return sha256(info + quorum_share)


def _of_one_pair(first: Iterable[Half], second: Iterable[Half]) -> tuple[Half, Half]:
    ones, others = tuple(first), {half.pair: half for half in second}
    for one in ones:
        other = others.get(one.pair)
        if other is not None and {one.officer, other.officer} == set(one.pair):
            return one, other
    raise SealRefused(gettext_noop("Two different officers who may open together are needed."))


def _info(key: EnvelopeKey, officer: str, pair: Pair) -> bytes:
    return bound_to(
        "half share",
        tender=key.tender,
        envelope=key.envelope,
        key=suite.fingerprint(key.public),
        officer=officer,
        pair=list(pair),
    )


def _ordered(pair: Pair) -> Pair:
    one, other = sorted(pair)
    return one, other


def _xor(one: bytes, other: bytes) -> bytes:
    if len(one) != suite.PRIVATE_BYTES or len(other) != suite.PRIVATE_BYTES:
        raise Unopenable(gettext_noop("The pieces do not make this envelope's key: one is damaged."))
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
