"""A file of the standard, read strictly, down to the one release that a tender is taken from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bids.evaluation.issues import ERROR, Issue, Refused, error, gettext_noop, shown, warning
from bids.evaluation.json_text import Numeral, parse

MOST_BYTES = 10 * 1024 * 1024
#: More processes, or releases of one, than a file for one tender has.
MOST_RELEASES = 1000

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """The release with its path in the file, and what is worth knowing about how it was chosen."""

    release: Document
    path: str
    notes: tuple[Issue, ...] = ()


def read_release(data: bytes, *, ocid: str = "") -> Found:
    """The release of a file: a release, a release package, or a record package; UTF-8, at most 10 MB.

    Of several releases of one process it is the latest with a tender. Of several processes `ocid` names one.
    Raises `bids.evaluation.Refused` with every fault that was found: no JSON, too large, too deep, a key
    given twice, a number that is none (NaN), no release in it, several processes.
    """
    if len(data) > MOST_BYTES:
        template = gettext_noop("The file has {size} bytes; {most} are allowed.")
        raise Refused([error("too_large", "", template, size=str(len(data)), most=str(MOST_BYTES))])
    document, issues = parse(data)
    faults = [issue for issue in issues if issue.level == ERROR] + list(_no_numbers(document))
    if faults:
        raise Refused(faults)
    candidates = [(one, path) for one, path in _candidates(document) if _text(one, "ocid")]
    if not candidates:
        template = gettext_noop(
            "This is no OCDS release, release package or record package with a release in it."
        )
        raise Refused([error("no_release", "", template)])
    return _chosen(candidates, ocid)


def _no_numbers(document: object) -> Iterator[Issue]:
    """NaN and the infinities, which JSON does not have."""
    waiting: list[tuple[object, str]] = [(document, "")]
    template = gettext_noop("{text} is not a number.")
    while waiting:
        value, path = waiting.pop()
        if isinstance(value, Numeral) and value in {"NaN", "Infinity", "-Infinity"}:
            yield error("not_a_number", path, template, text=str(value))
        elif isinstance(value, dict):
            waiting += [(inner, f"{path}.{shown(key)}".lstrip(".")) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(inner, f"{path}[{place}]") for place, inner in enumerate(value)]


def _candidates(document: object) -> Iterator[tuple[Document, str]]:
    """Every release that the file itself holds; releases that are only linked are not there."""
    if not isinstance(document, dict):
        return
    yield from _releases(document, "")
    for place, record in enumerate(_rows(document, "records")):
        compiled = record.get("compiledRelease")
        if isinstance(compiled, dict):
            yield compiled, f"records[{place}].compiledRelease"
        else:
            yield from _releases(record, f"records[{place}].")
    if "tender" in document:
        yield document, ""


def _releases(holder: Document, before: str) -> Iterator[tuple[Document, str]]:
    for place, one in enumerate(_rows(holder, "releases")):
        yield one, f"{before}releases[{place}]"


def _rows(holder: Document, key: str) -> list[Document]:
    rows = holder.get(key)
    if not isinstance(rows, list):
        return []
    if len(rows) > MOST_RELEASES:
        template = gettext_noop("There are {number} entries; at most {most} are read.")
        raise Refused([error("too_many", key, template, number=str(len(rows)), most=str(MOST_RELEASES))])
    return [row for row in rows if isinstance(row, dict)]


def _text(holder: Document, key: str) -> str:
    """A text, and no number; empty where there is none."""
    value = holder.get(key)
    return value if isinstance(value, str) and not isinstance(value, Numeral) else ""


def _chosen(candidates: Iterable[tuple[Document, str]], ocid: str) -> Found:
    """The latest release with a tender of the process that is asked for, or of the only one."""
    processes: dict[str, list[tuple[Document, str]]] = {}
    for one, path in candidates:
        processes.setdefault(_text(one, "ocid"), []).append((one, path))
    if ocid and ocid not in processes:
        template = gettext_noop("The file has no process “{ocid}”. It has: {known}.")
        raise Refused([error("no_process", "", template, ocid=shown(ocid), known=_named(processes))])
    if not ocid and len(processes) > 1:
        template = gettext_noop("The file has {number} processes. Name the one to take: {known}.")
        number = str(len(processes))
        raise Refused([error("many_processes", "", template, number=number, known=_named(processes))])
    rows = processes[ocid or next(iter(processes))]
    tenders = [(one, path) for one, path in rows if isinstance(one.get("tender"), dict)]
    if not tenders:
        raise Refused([error("no_tender", rows[0][1], gettext_noop("The release says nothing of a tender."))])
    release, path = max(tenders, key=lambda row: _text(row[0], "date"))
    if len(rows) == 1:
        return Found(release, path)
    template = gettext_noop(
        "The file has {number} releases of the process; the latest with a tender was read."
    )
    return Found(release, path, (warning("many_releases", path, template, number=str(len(rows))),))


def _named(processes: Iterable[str]) -> str:
    """Up to five of them."""
    known = [shown(one) for one in processes]
    return ", ".join(known[:5]) + (" …" if len(known) > 5 else "")
