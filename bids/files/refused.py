"""The refusal of this package, and its sentences: a file that is not taken, and why."""

from collections.abc import Mapping


def gettext_noop(message: str) -> str:
    """Mark a text for translation and return it as it is; the site translates it where it is shown."""
    return message


class FileRefused(ValueError):
    """A file that is not taken, and why.

    ``template`` is an English sentence marked for translation and ``params`` fills it, the file's name
    included: the site shows ``_(refusal.template) % refusal.params``. Nothing of the content is repeated but
    the address of a link.
    """

    def __init__(self, template: str, params: Mapping[str, str | int] | None = None) -> None:
        """Keep the sentence and what fills it apart."""
        super().__init__(template, params)
        self.template = template
        self.params: dict[str, str | int] = {"name": "…", **(params or {})}

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.template % self.params

    def of(self, name: str) -> "FileRefused":
        """The same refusal, naming the file."""
        return FileRefused(self.template, self.params | {"name": name})


KIND = gettext_noop("“%(name)s” is not taken. Files may be PDF, XLSX, DOCX, PNG or JPG.")
CONTENT = gettext_noop("“%(name)s” does not hold what its name says. Save it as %(kind)s again.")
DAMAGED = gettext_noop(
    "“%(name)s” is damaged: parts of it cannot be read. Open it, save it again and add that."
)
EMPTY = gettext_noop("“%(name)s” is empty.")
LARGE = gettext_noop("“%(name)s” has %(size)s MB; %(limit)s MB is the limit.")
LOCKED = gettext_noop("“%(name)s” is protected by a password. Save it without one.")
MACROS = gettext_noop("“%(name)s” contains macros. Save it as %(kind)s without them.")
SCRIPTS = gettext_noop("“%(name)s” contains scripts or actions that run on their own. Print it to a new PDF.")
FORM = gettext_noop("“%(name)s” is a form that changes or sends itself. Print it to a new PDF.")
EMBEDDED = gettext_noop(
    "“%(name)s” has other files or objects inside. Add them as files of their own, and charts as pictures."
)
OUTSIDE = gettext_noop(
    "“%(name)s” draws on something outside itself: %(what)s. Remove that and save it again."
)
LINK = gettext_noop(
    "“%(name)s” has a link that is neither a web page nor a mail address: %(what)s. Remove it and save again."
)
ENTITIES = gettext_noop("“%(name)s” declares entities, which no real document does; it is not opened.")
BOMB = gettext_noop("“%(name)s” is packed more tightly than any real file; it is not opened.")
UNPACKED = gettext_noop("“%(name)s” unpacks to more than %(limit)s MB.")
PARTS = gettext_noop("“%(name)s” consists of more than %(limit)s parts.")
PATHS = gettext_noop("“%(name)s” holds parts whose names lead elsewhere; it is not opened.")
HIDDEN = gettext_noop("“%(name)s” is more than one file at once; it is not opened.")
PIXELS = gettext_noop("“%(name)s” holds a picture of more than %(limit)s million pixels.")
COSTLY = gettext_noop(
    "“%(name)s” takes more memory or time to check than any sound file does; it is not taken."
)
CRASHED = gettext_noop("“%(name)s” stopped the check of files; it is not taken.")
NAME_SIGNS = gettext_noop("There is an invisible or control character in the file's name.")
NAME_LENGTH = gettext_noop("The file's name is longer than %(limit)s characters.")
NAME_PATH = gettext_noop(
    '“%(name)s” cannot be the name of a file everywhere. Names have no / \\ : * ? " < > |.'
)

#: How much of an address a sentence repeats.
_SHOWN = 80


def shown(text: str) -> str:
    """The text as a sentence may repeat it: one line, not long, nothing invisible."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
