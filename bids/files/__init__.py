"""What may come in: PDF, XLSX, DOCX, PNG and JPG, by content as well as by name. Nothing here knows Django.

``inspect``           looks at a file in memory and says its kind, or raises `FileRefused`
``inspect_in_child``  the same in a process of its own with little memory, little time and no files or network
``Inspector``         such a process for many files, one after the other
``too_large``         the refusal of a file by its size alone
``tidy_name``         the file's name as it is kept, or `FileRefused`

What is refused, whatever the kind: other kinds of content than the name says, more than 20 MB, passwords,
macros and scripts, objects and files inside, relations to anything outside the file, and bytes that form an
archive of their own. Links that a reader clicks on are taken where they lead to a web page or an address
(`http`, `https`, `mailto`, `tel`) or to a place in the file itself, and refused where they lead to files,
shares and programs.
"""

from bids.files.child import Inspector, Limits, inspect_in_child
from bids.files.inspection import MEGABYTE, MOST_BYTES, inspect, too_large
from bids.files.kinds import Kind
from bids.files.names import MOST_NAME, tidy_name
from bids.files.refused import FileRefused

__all__ = [
    "MEGABYTE",
    "MOST_BYTES",
    "MOST_NAME",
    "FileRefused",
    "Inspector",
    "Kind",
    "Limits",
    "inspect",
    "inspect_in_child",
    "tidy_name",
    "too_large",
]
