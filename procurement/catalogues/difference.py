"""What a newer version of a catalogue changes: rows that came, went, say something else, or moved."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from procurement.catalogues.entries import Entry, Kind

#: Words with the spaces behind them, because spaces alone would match everywhere; of Chinese every character.
_TOKENS = re.compile(r"[\u3400-\u9fff]\s*|[^\s\u3400-\u9fff]+\s*|\s+")
#: Pairs of equal tokens that are looked through; past that the frequent ones are left out of the search.
MOST_PAIRS = 20_000
#: Longer texts are shown whole, before and after: comparing them word by word takes too long.
MOST_TOKENS = 3000


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: in both versions (""), in the older only ("removed") or the newer ("added")."""

    text: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that both versions have."""

    before: Entry
    after: Entry

    @property
    def changed_text(self) -> bool:
        """Whether it says something else."""
        return text_of(self.before) != text_of(self.after)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The newer text with what was added and removed marked."""
        return marked(text_of(self.before), text_of(self.after))

    @property
    def moved_level(self) -> bool:
        """Whether other levels ask for it than before."""
        return set(self.before.levels) != set(self.after.levels)

    @property
    def changed_kind(self) -> bool:
        """Whether it became, for example, withdrawn."""
        return self.before.kind is not self.after.kind or self.before.retired != self.after.retired


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs, in the order of the newer version; what went, in that of the older."""

    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[Change, ...]
    same: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def compare(before: Sequence[Entry], after: Sequence[Entry]) -> Difference:
    """Compare two versions row by row, by identifier; headings count by their titles."""
    old = {entry.id: entry for entry in before}
    new = {entry.id: entry for entry in after}
    both = [(old[name], entry) for name, entry in new.items() if name in old]
    changes = [Change(one, other) for one, other in both]
    changed = tuple(one for one in changes if one.changed_text or one.moved_level or one.changed_kind)
    return Difference(
        added=tuple(entry for name, entry in new.items() if name not in old),
        removed=tuple(entry for name, entry in old.items() if name not in new),
        changed=changed,
        same=len(both) - len(changed),
    )


def text_of(entry: Entry) -> str:
    """What a row says, in one text."""
    if entry.kind is Kind.GROUP:
        return entry.title
    return "\n\n".join(piece for piece in (entry.title, entry.shown) if piece)


def marked(before: str, after: str) -> tuple[Piece, ...]:
    """The newer text with what was added marked, and what was removed in its place."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    if len(old) + len(new) > MOST_TOKENS:
        return (Piece(before, "removed"), Piece(after, "added"))
    pieces: list[Piece] = []
    counts = Counter(old)
    matcher = SequenceMatcher(None, old, new, autojunk=sum(counts[token] for token in new) > MOST_PAIRS)
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what == "equal":
            pieces.append(Piece("".join(new[new_from:new_to])))
            continue
        if old_to > old_from:
            pieces.append(Piece("".join(old[old_from:old_to]), "removed"))
        if new_to > new_from:
            pieces.append(Piece("".join(new[new_from:new_to]), "added"))
    return tuple(pieces)
