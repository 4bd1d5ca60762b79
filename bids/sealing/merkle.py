"""The tree of commitments that is closed at the deadline: RFC 6962 hashing, padded so that it counts no bids.

How a leaf and a node are hashed, and how a proof is followed, stands in the verifier, which runs by itself.
"""

import secrets
from collections.abc import Sequence

from procurement.signing.verify import Fault, leaf_hash, node_hash, root_of_proof

#: A tree of commitments has a multiple of so many leaves, and never none.
STEP = 64

#: Bytes of a commitment, and of a random leaf.
LEAF_SIZE = 32

#: Root of a tree without leaves (RFC 6962, 2.1): SHA-256 of nothing.
EMPTY_ROOT = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


def root(leaves: Sequence[bytes]) -> bytes:
    """Merkle tree hash of the leaves, in their order (RFC 6962, 2.1)."""
    if not leaves:
        return EMPTY_ROOT
    return _subtree(leaves)


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Audit path of a leaf (RFC 6962, 2.1.1): the hashes beside the way up, lowest first.

    Raises `IndexError` where there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    half = _split(len(leaves))
    if index < half:
        return [*inclusion_proof(leaves[:half], index), _subtree(leaves[half:])]
    return [*inclusion_proof(leaves[half:], index - half), _subtree(leaves[:half])]


def is_included(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], tree_root: bytes) -> bool:
    """Whether a proof leads from the leaf, at its place in a tree of that size, to the root."""
    try:
        return root_of_proof(leaf_hash(leaf), index, size, proof) == tree_root
    except Fault:
        return False


def padded(commitments: Sequence[bytes]) -> list[bytes]:
    """The leaves of the tree that is closed: the commitments and random leaves of the same size, shuffled.

    There are at least 64 and always a multiple of 64, so that neither size nor place of a leaf tells how many
    bids there are. Raises `ValueError` for a commitment that is no SHA-256, or stands there twice.
    """
    if any(len(leaf) != LEAF_SIZE for leaf in commitments) or len(set(commitments)) != len(commitments):
        raise ValueError("a commitment is no SHA-256, or stands there twice")
    size = STEP * max(1, -(-len(commitments) // STEP))
    leaves = [*commitments, *(secrets.token_bytes(LEAF_SIZE) for _ in range(size - len(commitments)))]
    secrets.SystemRandom().shuffle(leaves)
    return leaves


def _subtree(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    half = _split(len(leaves))
    return node_hash(_subtree(leaves[:half]), _subtree(leaves[half:]))


def _split(size: int) -> int:
    """The largest power of two that is smaller than the size (2 or more)."""
    return 1 << (size - 1).bit_length() - 1
