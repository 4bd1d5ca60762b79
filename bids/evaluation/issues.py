"""What is wrong with a case, or worth knowing about it, in words that a page can translate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


def gettext_noop(message: str) -> str:
    """Mark a message for translation without translating it (this package knows no Django)."""
    return message


ERROR = "error"
WARNING = "warning"

_LONGEST_NAME = 80


def shown(text: str) -> str:
    """A name from a file as it may stand in a sentence: one line, printable, at most 80 characters."""
    clean = printable(text)
    return clean if len(clean) <= _LONGEST_NAME else clean[: _LONGEST_NAME - 1] + "…"


def printable(text: str) -> str:
    """The text with line breaks, control characters and lone surrogates written as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\u3000" else f"\\u{ord(c):04x}" for c in text)


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault (`error`, which refuses the case) or one `warning`, at a path such as `bids[0].price`."""

    level: str
    code: str
    path: str
    template: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The English sentence; a page fills `params` into its own translation of `template`."""
        return self.template.format(**self.params)

    def to_document(self) -> dict[str, str]:
        """The issue as it stands in the result file."""
        return {"level": self.level, "code": self.code, "path": self.path, "message": self.message}


def error(code: str, path: str, template: str, /, **params: str) -> Issue:
    """An issue that refuses the case."""
    return Issue(ERROR, code, path, template, params)


def warning(code: str, path: str, template: str, /, **params: str) -> Issue:
    """An issue that is reported and changes nothing."""
    return Issue(WARNING, code, path, template, params)


class Refused(Exception):
    """The case cannot be evaluated; `issues` holds every fault that was found, warnings too."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues: tuple[Issue, ...] = tuple(issues)
        super().__init__("; ".join(f"{issue.path}: {issue.message}" for issue in self.issues[:3]))
