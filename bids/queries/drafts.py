"""A vendor's unfinished work: sealed to each of its people, and opened for whoever's password is at hand."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import QuerySet

from bids.models import Bid, DraftKey, SealedDraft, StagedFile
from bids.sealing import drafts
from bids.sealing.parts import FileEntry
from bids.sealing.refusals import SealRefused
from procurement.models import User

from .keys import code_of

#: Pieces of a draft that are no file: what is being written, and what was handed in last.
ANSWERS, SENT = "answers", "sent"


@dataclass(frozen=True)
class OpenedKey:
    """A person's key of drafts, and its private half while the request lasts.

    `read` are the pieces that it has opened so far: a draft is read again once its tender is locked.
    """

    row: DraftKey
    private: bytes = field(repr=False)
    read: dict[tuple[str, str, bytes], Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class DraftFile:
    """A sealed file of the draft: the code of its requirement, its line of the manifest, and the SHA-256 that
    is stored beside the file, which a damaged row may differ in.
    """

    requirement: str
    entry: FileEntry
    stored: str

    @property
    def pk(self) -> str:
        """The key of the `StagedFile`."""
        return self.entry.part


@dataclass(frozen=True)
class Draft:
    """What a vendor has written: the answers by requirement code, the price as typed, the files in order.

    An answer is `{"answer", "note", "evidence", "until"}`; evidence and its day are empty where the answer is
    not "met". `sent` is what was handed in last, written the same way, and None before that.
    """

    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    price: str = ""
    files: tuple[DraftFile, ...] = ()
    sent: Mapping[str, Any] | None = None

    @property
    def written(self) -> dict[str, Any]:
        """What counts as the content of the draft: to compare with what was handed in, and to keep of it."""
        answers = {code: dict(said) for code, said in self.answers.items()}
        return {"answers": answers, "price": self.price, "files": sorted(file.pk for file in self.files)}

    def pieces(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """What is sealed, piece by piece: its subject and its value."""
        yield ANSWERS, {"answers": self.written["answers"], "price": self.price}
        if self.sent is not None:
            yield SENT, dict(self.sent)
        for file in self.files:
            yield file.pk, {"requirement": file.requirement, **asdict(file.entry)}


def draft_key_of(user: User) -> DraftKey | None:
    """The key that a vendor's person opens drafts with; None before the first sign-in."""
    return DraftKey.objects.filter(user=user, retired_at=None).first()


def draft_keys_for(bid: Bid) -> QuerySet[DraftKey]:
    """The keys of everybody who works on the bid: what is written is sealed to each of them."""
    people = User.objects.filter(vendor=bid.vendor_id, is_active=True)
    return DraftKey.objects.filter(user__in=people.values("pk"), retired_at=None)


def opened_key(user: User, kept: str) -> OpenedKey | None:
    """The person's key, opened with what the browser keeps; None where that does not open it."""
    row = draft_key_of(user) if kept else None
    if row is None:
        return None
    key = drafts.DraftKey(bytes.fromhex(row.public), row.locked)
    try:
        return OpenedKey(row, drafts.unlock_stretched(code_of(user), key, bytes.fromhex(kept)))
    except ValueError:  # SealRefused is one, too
        return None


def staged_files(bid: Bid) -> QuerySet[StagedFile]:
    """The files of the draft."""
    return bid.staged_files.filter(removed=False)


def draft_of(bid: Bid | None, opened: OpenedKey | None) -> Draft | None:
    """The draft as the person reads it; None where there is one that does not open to this person.

    That is so without the person's password, and until a colleague has saved once after the person's key was
    made. Nothing written yet is an empty draft to whoever has a key at hand.
    """
    if opened is None:
        return None
    if bid is None:
        return Draft()
    files = list(staged_files(bid))
    sealed = dict(SealedDraft.objects.filter(bid=bid, key=opened.row).values_list("subject", "sealed"))
    if not files and not sealed and not SealedDraft.objects.filter(bid=bid).exists():
        return Draft()
    try:
        return _read(bid, opened, sealed, files)
    except (KeyError, SealRefused):
        return None


def _read(
    bid: Bid, opened: OpenedKey, sealed: Mapping[str, bytes | memoryview], files: list[StagedFile]
) -> Draft:
    """The draft; `KeyError` where a piece is not sealed to this key, `SealRefused` where one is damaged."""

    def piece(subject: str) -> Any:
        known = str(bid.pk), subject, bytes(sealed[subject])
        if known not in opened.read:
            opened.read[known] = drafts.unseal(opened.private, known[2], owner=known[0], subject=subject)
        return opened.read[known]

    said = piece(ANSWERS)
    entries = [(dict(piece(str(file.pk))), file.digest) for file in files]
    return Draft(
        answers=said["answers"],
        price=said["price"],
        files=tuple(
            DraftFile(entry.pop("requirement"), FileEntry(**entry), stored) for entry, stored in entries
        ),
        sent=piece(SENT) if SENT in sealed else None,
    )
