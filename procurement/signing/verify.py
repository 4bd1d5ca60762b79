"""Checks what Assay signs: receipts, refusals, checkpoints, closing records and whole evidence folders.

This one file needs Python 3.11 or newer and `cryptography`, no database and no other file of the project. The
site itself takes its definitions from here, so that there is one of each. Copy it, read it, and run it:

    python verify.py FOLDER             an evidence folder
    python verify.py FILE.json          one signed document, or the proof that a bid was in the closing record
    python verify.py --key KEY ...      ... signed by this key (64 hex digits, as the bank published it)

It prints what it found. Exit status 0: everything holds; 1: something does not; 2: it cannot be read.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Document = dict[str, Any]
RECEIPT, REFUSAL, CHECKPOINT = "assay-receipt/1", "assay-refusal/1", "assay-checkpoint/1"
CLOSING, INCLUSION = "assay-closing/1", "assay-inclusion/1"
EVIDENCE, TRAIL = "assay-evidence/1", "assay-trail/1"

_BOUND = {"tender", "reference", "package"}
#: What each signed document says besides its format, its key and its signature.
FIELDS = {
    RECEIPT: {"bid", "version", "kind", "parts", "received_at", "commitment"} | _BOUND,
    REFUSAL: {"reason", "digest", "received_at", "deadline"} | _BOUND,
    CHECKPOINT: {"number", "size", "head", "at", "reason", "previous"},
    CLOSING: {"deadline", "closed_at", "size", "root"} | _BOUND,
    EVIDENCE: {"tender", "reference", "title", "made_at", "files"},
}

#: What the first entry of a trail chains to, and what the first checkpoint names as the one before it.
GENESIS = "0" * 64


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
        if not all(isinstance(key, str) and key.isascii() for key in value):
            raise Fault(f"a key is not ASCII: {list(value)!r}")
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            _refuse_ambiguous(part)
    elif isinstance(value, int):
        if abs(value) >= 2**53:  # there readers of JSON differ (RFC 8785, 3.2.2.3)
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
def check_document(document: Document, wanted: str | None = None, trusted: Collection[str] = ()) -> str:
    """Return the key (hex) that signed a document with all the fields of its format; raises `Fault`.

    With `trusted` keys nobody else's signature counts; without, the caller has to look at the key.
    """
    known = document.get("format")
    if not isinstance(known, str) or known not in ({wanted} if wanted else FIELDS):
        raise Fault(f"not of format {wanted or ', '.join(FIELDS)}: {known!r}")
    odd = sorted(set(document) ^ (FIELDS[known] | {"format", "key", "signature"}))
    if odd:
        raise Fault(f"missing, or not of format {known}: {', '.join(odd)}")
    key, signature = _hex(document, "key", 32), _hex(document, "signature", 64)
    if trusted and key.hex() not in trusted:
        raise Fault(f"signed by a key that is not trusted: {key.hex()}")
    signed = canonical({name: value for name, value in document.items() if name != "signature"})
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError) as error:
        raise Fault("the signature does not match what it stands under") from error
    return key.hex()


def _hex(document: Document, name: str, size: int) -> bytes:
    text = document.get(name)
    if isinstance(text, str) and len(text) == 2 * size and not set(text) - set("0123456789abcdef"):
        return bytes.fromhex(text)
    raise Fault(f"{name} is not {size} bytes in hex")


# --- the trail --------------------------------------------------------------------------------------------
def tender_mark(tender: str) -> str:
    """What a link shows of the tender (a UUID with dashes) to who knows it; empty for an entry of none."""
    return hashlib.sha256(f"15:assay-tender/1{len(tender)}:{tender}".encode()).hexdigest() if tender else ""


def content_digest(  # noqa: PLR0917 - a million times a walk; keywords would cost a second
    tender: str, at: str, actor_name: str, actor_role: str, action: str, object: str, payload: str, salt: str
) -> str:
    """SHA-256 (hex) over a domain tag and what an entry says, each after its length in characters.

    The random salt keeps what others did from being guessed. `at` is as in 2026-01-31T12:00:00.000000+00:00.
    """
    said = f"{len(object)}:{object}{len(payload)}:{payload}{len(salt)}:{salt}".encode()
    about = _sized(tender) + f"{len(at)}:{at}".encode() + _sized(actor_name, actor_role, action)
    return hashlib.sha256(b"21:assay-audit-content/1" + about + said).hexdigest()


@lru_cache(1000)  # many entries have these in common
def _sized(*texts: str) -> bytes:
    return "".join(f"{len(text)}:{text}" for text in texts).encode()


def entry_hash(seq: int, mark: str, digest: str, prev_hash: str) -> str:
    """SHA-256 (hex) over a domain tag and a link of the chain, each after its length: number, tender's mark,
    digest of the content, hash of the entry before. What the entry says need not be known to follow it.
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


def check_inclusion(document: Document, trusted: Collection[str] = ()) -> str:
    """The key that signed the closing record in which a proof shows a receipt to be; raises `Fault`."""
    names = ("receipt", "closing", "proof", "index")
    if set(document) != {"format", *names} or document["format"] != INCLUSION:
        raise Fault(f"not of format {INCLUSION}")
    receipt, closing, steps, index = (document[name] for name in names)
    if (type(receipt), type(closing), type(steps), type(index)) != (dict, dict, list, int):
        raise Fault("the inclusion proof cannot be read")
    check_document(receipt, RECEIPT, trusted)
    key = check_document(closing, CLOSING, trusted)
    proof = [_hex({"proof": step}, "proof", 32) for step in steps]
    root = root_of_proof(leaf_hash(_hex(receipt, "commitment", 32)), index, closing["size"], proof)
    if receipt["tender"] != closing["tender"] or root.hex() != closing["root"]:
        raise Fault("the commitment is not in the tree that was closed")
    return key


# --- evidence folders -------------------------------------------------------------------------------------
def check_folder(folder: Path, trusted: Collection[str] = ()) -> tuple[str, list[str]]:
    """The key (hex) that signed a folder's manifest, and what was found, in sentences; raises `Fault`."""
    manifest = _read(folder / "manifest.json")
    key = _signed("manifest.json", manifest, EVIDENCE, trusted)
    _check_files(folder, manifest)
    keys = {key, *_read(folder / "keys.json")["keys"]}
    checkpoints = _checkpoints(folder, keys)
    entries, links = _check_trail(folder, manifest["tender"], checkpoints)
    bids = _check_bids(folder, manifest["tender"], keys, entries)
    return key, [
        f"{manifest['reference']}: everything in this folder holds",
        f"{len(manifest['files'])} files are those of the manifest",
        f"{len(entries)} entries of the tender, in a chain of {links} without a gap",
        f"{len(checkpoints)} checkpoints, {bids}",
    ]


def _read(path: Path) -> Document:
    try:
        return read_document(path.read_bytes())
    except (OSError, Fault) as fault:
        raise Fault(f"{path.name}: {fault}") from fault


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _all(folder: Path, names: str = "*.json") -> list[Document]:
    return [_read(path) for path in sorted(folder.glob(names))]


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
    odd = sorted(set(there) ^ set(manifest["files"]))
    if odd:
        raise Fault(f"missing, or not in the manifest: {', '.join(odd)}")
    for name, path in there.items():
        if path.is_symlink() or _digest(path) != manifest["files"][name]:
            raise Fault(f"{name} is not what the manifest says")


def _checkpoints(folder: Path, trusted: Collection[str]) -> list[Document]:
    """Those of a folder: each is signed, names the one before it and is no smaller."""
    checkpoints = _all(folder / "checkpoints")
    for before, checkpoint in zip([None, *checkpoints], checkpoints, strict=False):
        name = f"checkpoint {checkpoint.get('number')}"
        _signed(name, checkpoint, CHECKPOINT, trusted)
        place = (checkpoint["number"], checkpoint["previous"])
        follows = before is None or place == (before["number"] + 1, digest_of(before))
        if not follows or (before is not None and checkpoint["size"] < before["size"]):
            raise Fault(f"{name} does not follow the one before it")
    return checkpoints


def digest_of(document: Document) -> str:
    """SHA-256 (hex) of a signed document, signature included, in its canonical form."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _check_trail(folder: Path, tender: str, checkpoints: Sequence[Document]) -> tuple[list[Document], int]:
    """Follow the chain through every checkpoint; the entries of the tender, and how many there are in all."""
    heads = {checkpoint["size"]: checkpoint["head"] for checkpoint in checkpoints}
    published = folder / "publication.json"
    with (folder / "trail.jsonl").open(encoding="utf-8") as file:
        start = read_document(file.readline())
        if set(start) != {"format", "tender", "size", "head"} or start["format"] != TRAIL:
            raise Fault("trail.jsonl does not say where it begins")
        begun = size = start["size"]
        if start["tender"] != tender or start["head"] != (heads.get(size) if size else GENESIS):
            raise Fault("trail.jsonl does not begin at a checkpoint, or is of another tender")
        entries = []
        for line, head in _heads(file, tender, size, start["head"]):
            size = line["seq"]
            if heads.get(size, head) != head:
                raise Fault(f"the trail does not lead to the checkpoint at entry {size}")
            if "salt" not in line:
                continue
            entries.append(line | {"said": read_document(line["payload"])})
            said = entries[-1]["said"].get("fingerprint")
            same = not published.exists() or said == f"sha256:{_digest(published)}"
            if line["action"] == "publish tender" and not same:
                raise Fault("publication.json is not what the trail says was published")
    if size != max(heads, default=None):
        raise Fault("the trail does not end at the last checkpoint")
    return entries, size - begun


def _check_bids(folder: Path, tender: str, keys: set[str], entries: list[Document]) -> str:
    """What was acknowledged, refused, closed and opened is all that the trail says was: how many of it."""
    signed, proofs = _all(folder / "receipts"), _all(folder / "inclusion")
    closing, opening = _all(folder, "closing.json"), _all(folder, "opening.json")
    for row in [*signed, *closing]:
        _signed(f"{row.get('format')}", row, CLOSING if row in closing else str(row.get("format")), keys)
    packages = {_digest(path) for path in folder.glob("packages/*.json")}
    if any(row["tender"] != tender or row["package"] not in packages for row in [*signed, *closing]):
        raise Fault("a receipt, or the closing record, is of another tender or package")
    taken = [row for row in signed if row["format"] == RECEIPT and row["kind"] != "confirmed"]
    for what, name, rows, actions in (
        ("receipts", "commitment", taken, ("submit bid", "withdraw bid")),
        ("refusals", "digest", [row for row in signed if row["format"] == REFUSAL], ("refuse late bid",)),
        ("closing record", "root", closing, ("close bidding",)),
    ):
        told = [entry["said"][name] for entry in entries if entry["action"] in actions]
        if sorted(row[name] for row in rows) != sorted(told):
            raise Fault(f"the trail says otherwise than the {what}")
    for proof in proofs:
        check_inclusion(proof, keys)
        if [proof["closing"]] != closing or proof["receipt"] not in taken:
            raise Fault("a proof is of another closing record, or has no receipt")
    last = {row["bid"]: row["commitment"] for row in sorted(taken, key=lambda row: row["version"])}
    counted = sorted(proof["receipt"]["commitment"] for proof in proofs)
    for row in opening:
        if not counted == sorted(last.values()) == sorted(bid["commitment"] for bid in row["bids"]):
            raise Fault("what was opened is not what was closed")
    return f"{len(signed)} receipts or refusals, {len(proofs)} proofs"


# --- the command ------------------------------------------------------------------------------------------
def report(path: Path, trusted: Collection[str] = ()) -> list[str]:
    """Check a folder or a file and say what was found, a sentence each; raises `Fault`."""
    if path.is_dir():
        key, found = check_folder(path, trusted)
    else:
        document, found = _read(path), []
        if document.get("format") == INCLUSION:
            check_inclusion(document, trusted)
            document, found = document["receipt"], ["What this receipt says was in the closing record"]
        key = check_document(document, None, trusted)
        found.append(f"The signature holds ({document['format']})")
        for name in sorted(FIELDS[document["format"]]):
            found.append(f"{name}: {json.dumps(document[name], ensure_ascii=False)}")
    if not trusted:
        return [*found, f"signed by key {key}", "Compare this key with the one that the bank published."]
    return [*found, f"signed by key {key}"]


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
