"""The hash tree of RFC 6962, by the reference vectors of Certificate Transparency, and its padding."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.sealing import merkle
from procurement.signing.verify import Fault, leaf_hash, root_of_proof

#: Leaves, roots and proofs of the reference implementation's own test (merkle_tree_test).
LEAVES = [
    bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
] + [bytes.fromhex("606162636465666768696a6b6c6d6e6f")]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PROOFS = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_reference(size):
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_an_empty_tree_has_the_hash_of_nothing():
    assert merkle.root([]) == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("place", PROOFS)
def test_the_proofs_are_those_of_the_reference(place):
    index, size = place
    assert [step.hex() for step in merkle.inclusion_proof(LEAVES[:size], index)] == PROOFS[place]


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
@settings(max_examples=60, deadline=None)
def test_every_leaf_is_proved_and_nothing_else_is(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, proof = merkle.root(leaves), merkle.inclusion_proof(leaves, index)
    held = {"index": index, "size": len(leaves), "proof": proof, "tree_root": root}
    assert merkle.is_included(leaves[index], **held)
    assert not merkle.is_included(leaves[index] + b"x", **held)
    assert not merkle.is_included(leaves[index], **held | {"tree_root": bytes(32)})
    assert not merkle.is_included(leaves[index], **held | {"proof": [*proof, root]})
    if proof:
        assert not merkle.is_included(leaves[index], **held | {"proof": proof[:-1]})
        flipped = bytes([proof[0][0] ^ 1]) + proof[0][1:]
        assert not merkle.is_included(leaves[index], **held | {"proof": [flipped, *proof[1:]]})


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index):
    with pytest.raises(IndexError):
        merkle.inclusion_proof(LEAVES[:3], index)
    with pytest.raises(Fault):
        root_of_proof(leaf_hash(b""), index, 3, [])


@pytest.mark.parametrize(("bids", "size"), [(0, 64), (1, 64), (64, 64), (65, 128)])
def test_a_tree_tells_of_no_number_of_bids(bids, size):
    commitments = [hashlib.sha256(bytes([number])).digest() for number in range(bids)]
    leaves = merkle.padded(commitments)
    assert len(leaves) == len(set(leaves)) == size
    assert set(commitments) <= set(leaves)


def test_the_padding_is_never_the_same_and_the_place_is_left_to_chance():
    commitment = hashlib.sha256(b"").digest()
    trees = [merkle.padded([commitment]) for _ in range(40)]
    assert len({merkle.root(tree) for tree in trees}) == 40
    assert len({tree.index(commitment) for tree in trees}) > 1


@pytest.mark.parametrize("commitments", [[b"short"], [bytes(32), bytes(32)]])
def test_what_is_no_commitment_is_refused(commitments):
    with pytest.raises(ValueError, match="commitment"):
        merkle.padded(commitments)
