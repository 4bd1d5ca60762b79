"""Checks what Assay signs: receipts, refusals, checkpoints, closing records and whole evidence folders.

This one file needs Python 3.11 or newer and `cryptography`, no database and no other file of the project. The
site itself takes its definitions from here, so that there is one of each. Copy it, read it, and run it:

    python verify.py FOLDER             an evidence folder
    python verify.py FILE.json          one signed document
    python verify.py --key KEY ...      ... signed by this key (64 hex digits, as the bank published it)

It prints what it found. Exit status 0: everything holds; 1: something does not; 2: it cannot be read.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Document = dict[str, Any]

RECEIPT = "assay-receipt/1"
REFUSAL = "assay-refusal/1"
CHECKPOINT = "assay-checkpoint/1"
CLOSING = "assay-closing/1"
INCLUSION = "assay-inclusion/1"
EVIDENCE = "assay-evidence/1"
TRAIL = "assay-trail/1"

#: What each signed document says besides its format, its key and its signature.
FIELDS: dict[str, frozenset[str]] = {
    RECEIPT: frozenset(
        {"bid", "version", "kind", "tender", "reference", "package", "parts", "received_at", "commitment"}
    ),
    REFUSAL: frozenset({"tender", "reference", "package", "reason", "digest", "received_at", "deadline"}),
    CHECKPOINT: frozenset({"number", "size", "head", "at", "reason", "previous"}),
    CLOSING: frozenset({"tender", "reference", "package", "deadline", "closed_at", "size", "root"}),
    EVIDENCE: frozenset({"tender", "reference", "title", "made_at", "files"}),
}

#: What the first entry of a trail chains to, and what the first checkpoint names as the one before it.
GENESIS = "0" * 64

_LARGEST = 2**53 - 1  # beyond it readers of JSON differ (RFC 8785, 3.2.2.3)


class Fault(ValueError):
    """Something does not hold, or cannot be read; `str()` says what, in English."""


# --- canonical JSON ---------------------------------------------------------------------------------------
def canonical(value: object) -> bytes:
    """RFC 8785 for what is signed here: objects with ASCII keys, lists, texts, whole numbers, truths, null.

    Raises `Fault` for anything else, a fraction above all: those may be written in more than one way.
    """
    _refuse_ambiguous(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Fault("a text is not valid Unicode") from error


def _refuse_ambiguous(value: object) -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise Fault(f"a key is not ASCII: {key!r}")
            _refuse_ambiguous(part)
    elif isinstance(value, list):
        for part in value:
            _refuse_ambiguous(part)
    elif isinstance(value, int):
        if abs(value) > _LARGEST:
            raise Fault(f"a number is too large: {value}")
    elif value is not None and not isinstance(value, str):
        raise Fault(f"this has no canonical form: {value!r}")


def _without_doubles(pairs: list[tuple[str, Any]]) -> Document:
    if len(dict(pairs)) != len(pairs):
        raise Fault("a key stands twice in one object")
    return dict(pairs)


def read_document(text: str | bytes) -> Document:
    """The JSON object in a text; raises `Fault` where there is none, or a key stands twice."""
    try:
        document = json.loads(text, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise Fault(f"cannot be read as JSON: {error}") from error
    if not isinstance(document, dict):
        raise Fault("not a JSON object")
    return document


# --- signatures -------------------------------------------------------------------------------------------
def signed_bytes(document: Document) -> bytes:
    """What the signature of a document covers: all of it but the signature."""
    return canonical({key: value for key, value in document.items() if key != "signature"})


def check_signature(document: Document, trusted: Collection[str] = ()) -> str:
    """Return the key (hex) that signed a document; raises `Fault`.

    With `trusted` keys nobody else's signature counts; without, the caller has to look at the key.
    """
    key, signature = _hex(document, "key", 32), _hex(document, "signature", 64)
    if trusted and key.hex() not in trusted:
        raise Fault(f"signed by a key that is not trusted: {key.hex()}")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed_bytes(document))
    except (InvalidSignature, ValueError) as error:
        raise Fault("the signature does not match what it stands under") from error
    return key.hex()


def check_document(document: Document, wanted: str | None = None, trusted: Collection[str] = ()) -> str:
    """Return the key that signed a document with all the fields of its format; raises `Fault`."""
    known = document.get("format")
    if not isinstance(known, str) or known not in ({wanted} if wanted else FIELDS):
        raise Fault(f"not of format {wanted or ', '.join(FIELDS)}: {known!r}")
    odd = sorted(set(document) ^ (FIELDS[known] | {"format", "key", "signature"}))
    if odd:
        raise Fault(f"missing, or not of format {known}: {', '.join(odd)}")
    return check_signature(document, trusted)


def _hex(document: Document, name: str, size: int) -> bytes:
    text = document.get(name)
    if isinstance(text, str) and len(text) == 2 * size and not set(text) - set("0123456789abcdef"):
        return bytes.fromhex(text)
    raise Fault(f"{name} is not {size} bytes in hex")


# --- the trail --------------------------------------------------------------------------------------------
def tender_mark(tender: str) -> str:
    """What a link of the chain shows of the tender (a UUID with dashes): those who know it find its entries,
    nobody else does. Empty for an entry of no tender.
    """
    return hashlib.sha256(f"15:assay-tender/1{len(tender)}:{tender}".encode()).hexdigest() if tender else ""


def content_digest(  # noqa: PLR0917 - a million times a walk; keywords would cost a second
    tender: str, at: str, actor_name: str, actor_role: str, action: str, object: str, payload: str, salt: str
) -> str:
    """SHA-256 (hex) over a domain tag and what an entry says, each after its length in characters.

    The random salt keeps what others did from being guessed out of the digest. `at` is ISO 8601 in UTC with
    microseconds and `+00:00`.
    """
    text = (
        f"21:assay-audit-content/1{len(tender)}:{tender}{len(at)}:{at}{len(actor_name)}:{actor_name}"
        f"{len(actor_role)}:{actor_role}{len(action)}:{action}{len(object)}:{object}"
        f"{len(payload)}:{payload}{len(salt)}:{salt}"
    )
    return hashlib.sha256(text.encode()).hexdigest()


def entry_hash(seq: int, mark: str, digest: str, prev_hash: str) -> str:
    """SHA-256 (hex) over a domain tag and one link of the chain: number, tender's mark, digest of the content
    and hash of the entry before, each after its length. What the entry says need not be known to follow it.
    """
    number = str(seq)
    link = f"{len(number)}:{number}{len(mark)}:{mark}{len(digest)}:{digest}{len(prev_hash)}:{prev_hash}"
    return hashlib.sha256(f"13:assay-audit/2{link}".encode()).hexdigest()


#: What a line of a trail file says of an entry of the tender; of others it says number, mark and digest.
SAID = ("tender", "at", "actor_name", "actor_role", "action", "object", "payload", "salt")


def _heads(lines: Iterator[str], tender: str, size: int, head: str) -> Iterator[tuple[Document, str]]:
    """Every line of a trail file with the hash that its entry has; raises `Fault` at a gap."""
    mark = tender_mark(tender)
    for text in lines:
        line = read_document(text)
        size += 1
        if line.get("seq") != size:
            raise Fault(f"entry {size} is missing")
        if set(line) == {"seq", *SAID} and all(isinstance(line[name], str) for name in SAID):
            if line["tender"] != tender:
                raise Fault(f"entry {size} is not of the tender")
            found, digest = mark, content_digest(*(line[name] for name in SAID))
        elif set(line) == {"seq", "mark", "digest"}:
            found, digest = str(line["mark"]), str(line["digest"])
            if found == mark:
                raise Fault(f"entry {size} is of the tender, and what it says is left out")
        else:
            raise Fault(f"entry {size} cannot be read")
        head = entry_hash(size, found, digest, head)
        yield line, head


# --- RFC 6962 hash trees ----------------------------------------------------------------------------------
def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two halves (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2); `leaf` is the hash of the leaf.

    Raises `Fault` where the proof is not as long as the place in the tree asks for.
    """
    if not 0 <= index < size:
        raise Fault(f"there is no leaf {index} among {size}")
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise Fault("the inclusion proof is too long")
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    if last:
        raise Fault("the inclusion proof is too short")
    return found


def check_inclusion(document: Document, closing: Document) -> None:
    """Hold an inclusion proof against a closing record that has been checked; raises `Fault`."""
    names = {"format", "tender", "bid", "version", "commitment", "index", "proof"}
    if document.get("format") != INCLUSION or set(document) != names:
        raise Fault(f"not of format {INCLUSION}")
    steps, index, size = document["proof"], document["index"], closing["size"]
    if not isinstance(steps, list) or type(index) is not int or type(size) is not int:
        raise Fault("the inclusion proof cannot be read")
    proof = [_hex({"proof": step}, "proof", 32) for step in steps]
    root = root_of_proof(leaf_hash(_hex(document, "commitment", 32)), index, size, proof)
    if document["tender"] != closing["tender"] or root.hex() != closing["root"]:
        raise Fault("the commitment is not in the tree that was closed")


# --- evidence folders -------------------------------------------------------------------------------------
def check_folder(folder: Path, trusted: Collection[str] = ()) -> tuple[str, list[str]]:
    """The key (hex) that signed a folder's manifest, and what was found, in sentences; raises `Fault`."""
    manifest = _read(folder / "manifest.json")
    key = _signed("manifest.json", manifest, EVIDENCE, trusted)
    _check_files(folder, manifest)
    keys = {key, *_read(folder / "keys.json")["keys"]}
    checkpoints = _all(folder / "checkpoints")
    _check_checkpoints(checkpoints, keys)
    entries, links = _check_trail(folder, manifest["tender"], checkpoints)
    receipts, proofs = _all(folder / "receipts"), _all(folder / "inclusion")
    for receipt in receipts:
        _signed("a receipt", receipt, REFUSAL if receipt.get("format") == REFUSAL else RECEIPT, keys)
    closing = _read(folder / "closing.json") if (folder / "closing.json").exists() else None
    if closing:
        _signed("closing.json", closing, CLOSING, keys)
    if any(row["tender"] != manifest["tender"] for row in [*receipts, *([closing] if closing else [])]):
        raise Fault("a receipt, or the closing record, is of another tender")
    _check_proofs(proofs, closing, receipts)
    return key, [
        f"{manifest['reference']}: everything in this folder holds",
        f"{len(manifest['files'])} files are those of the manifest",
        f"{entries} entries of the tender, in a chain of {links} without a gap",
        f"{len(checkpoints)} checkpoints, {len(receipts)} receipts or refusals, {len(proofs)} proofs",
    ]


def _read(path: Path) -> Document:
    try:
        return read_document(path.read_bytes())
    except OSError as error:
        raise Fault(f"{path.name} cannot be read: {error.strerror}") from error
    except Fault as fault:
        raise Fault(f"{path.name}: {fault}") from fault


def _all(folder: Path) -> list[Document]:
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def _signed(name: str, document: Document, wanted: str, trusted: Collection[str]) -> str:
    """`check_document`, its fault with the name of the file before it."""
    try:
        return check_document(document, wanted, trusted)
    except Fault as fault:
        raise Fault(f"{name}: {fault}") from fault


def _check_files(folder: Path, manifest: Document) -> None:
    """Every file of the manifest is there as it was, and there is no other."""
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    there.pop("manifest.json", None)
    if set(there) != set(manifest["files"]):
        odd = ", ".join(sorted(set(there) ^ set(manifest["files"])))
        raise Fault(f"missing, or not in the manifest: {odd}")
    for name, path in there.items():
        if path.is_symlink() or hashlib.sha256(path.read_bytes()).hexdigest() != manifest["files"][name]:
            raise Fault(f"{name} is not what the manifest says")


def _check_checkpoints(checkpoints: Sequence[Document], trusted: Collection[str]) -> None:
    """Each is signed, and each names the one before it and is no smaller."""
    for before, checkpoint in zip([None, *checkpoints], checkpoints, strict=False):
        name = f"checkpoint {checkpoint.get('number')}"
        _signed(name, checkpoint, CHECKPOINT, trusted)
        if before is not None and (
            checkpoint["previous"] != digest_of(before)
            or checkpoint["number"] != before["number"] + 1
            or checkpoint["size"] < before["size"]
        ):
            raise Fault(f"{name} does not follow the one before it")


def digest_of(document: Document) -> str:
    """SHA-256 (hex) of a signed document, signature included, in its canonical form."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _check_trail(folder: Path, tender: str, checkpoints: Sequence[Document]) -> tuple[int, int]:
    """Follow the chain through every checkpoint; how many entries are the tender's, and how many in all."""
    heads = {checkpoint["size"]: checkpoint["head"] for checkpoint in checkpoints}
    published = folder / "publication.json"
    text = published.read_bytes() if published.exists() else b""
    with (folder / "trail.jsonl").open(encoding="utf-8") as file:
        start = read_document(file.readline())
        if set(start) != {"format", "tender", "size", "head"} or start["format"] != TRAIL:
            raise Fault("trail.jsonl does not say where it begins")
        begun = size = start["size"]
        if start["tender"] != tender or start["head"] != (heads.get(size) if size else GENESIS):
            raise Fault("trail.jsonl does not begin at a checkpoint, or is of another tender")
        entries = 0
        for line, head in _heads(file, tender, size, start["head"]):
            size = line["seq"]
            if heads.get(size, head) != head:
                raise Fault(f"the trail does not lead to the checkpoint at entry {size}")
            entries += "salt" in line
            if line.get("action") == "publish tender":
                said = read_document(line["payload"]).get("fingerprint")
                if text and said != f"sha256:{hashlib.sha256(text).hexdigest()}":
                    raise Fault("publication.json is not what the trail says was published")
    if size != max(heads, default=None):
        raise Fault("the trail does not end at the last checkpoint")
    return entries, size - begun


def _check_proofs(proofs: Sequence[Document], closing: Document | None, receipts: Sequence[Document]) -> None:
    """What each proof shows is in the tree that was closed, and was also acknowledged."""
    if proofs and closing is None:
        raise Fault("there are inclusion proofs and no closing record")
    known = {receipt["commitment"] for receipt in receipts if receipt["format"] == RECEIPT}
    for proof in proofs:
        check_inclusion(proof, closing or {})
        if proof["commitment"] not in known:
            raise Fault("a commitment in the tree has no receipt")


# --- the command ------------------------------------------------------------------------------------------
def report(path: Path, trusted: Collection[str] = ()) -> list[str]:
    """Check a folder or a file and say what was found, a sentence each; raises `Fault`."""
    if path.is_dir():
        key, found = check_folder(path, trusted)
    else:
        document = _read(path)
        key = check_document(document, None, trusted)
        said = sorted(FIELDS[str(document["format"])])
        found = [f"The signature holds ({document['format']})"]
        found += [f"{name}: {json.dumps(document[name], ensure_ascii=False)}" for name in said]
    found.append(f"signed by key {key}")
    if not trusted:
        found.append("Compare this key with the one that the bank published, or name that one with --key.")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    parser = argparse.ArgumentParser(prog="verify.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path, help="an evidence folder or a signed document")
    parser.add_argument("--key", action="append", default=[], help="trust this key only (64 hex digits)")
    options = parser.parse_args(arguments)
    try:
        found = report(options.path, [key.lower() for key in options.key])
    except Fault as fault:
        sys.stderr.write(f"NOT VERIFIED: {fault}\n")
        return 1
    except (OSError, UnicodeDecodeError, LookupError, TypeError) as error:
        sys.stderr.write(f"cannot be read: {error}\n")
        return 2
    sys.stdout.write("\n  ".join(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
