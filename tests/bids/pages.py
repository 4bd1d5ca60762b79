"""Every address of the site, and answers without what differs from one request to the next."""

import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.converters import UUIDConverter

from bids.actions import papers
from bids.choices import Envelope, LedgerKind
from bids.models import Attachment, LotDraw, OfficerReplacement, StagedFile
from bids.views.imports import KINDS as RECORDED
from procurement.imports import KINDS as IMPORTED
from procurement.models import Catalogue, Criterion, RegisterEntry, SpecificationTemplate, Tender, User

#: Words that stand in addresses, by the route and the name of the place.
WORDS: dict[tuple[str, str], Iterable[str]] = {
    ("tender-import", "kind"): IMPORTED,
    ("import-filled", "kind"): IMPORTED,
    ("import-template", "kind"): IMPORTED,
    ("import-template", "extension"): ("xlsx", "csv"),
    ("record-template", "kind"): RECORDED,
    ("record-template", "extension"): ("xlsx", "csv"),
    ("round-case", "kind"): ("case", "result"),
    ("ledger-row", "kind"): LedgerKind.values,
    ("paper", "paper"): papers.KINDS,
    ("envelope-unlock", "envelope"): Envelope.values,
    ("catalogue-template", "extension"): ("xlsx", "csv"),
    ("draft-sign-off", "side"): ("security", "owner"),
    ("ocds-extension", "document"): ("extension.json", "README.md"),
}

#: What a word before a key, or the key's own name, speaks of, where that is not the name of a model. A file
#: of a bid has the same key before the opening and after it.
SPOKEN_OF: dict[str, tuple[type[Model], ...]] = {
    "attachments": (Attachment, StagedFile),
    "file": (StagedFile,),
    "draw": (LotDraw,),
    "register": (RegisterEntry,),
    "replacements": (OfficerReplacement,),
    "other": (Catalogue,),
    "templates": (SpecificationTemplate,),
}

#: Numbers of versions and of rounds, keys of anything in the ledger, and one person of them all.
NUMBERS = {"number": [1, 2], "record": [1], "people": [1]}

#: What the lists and the pages of a tender can be asked for.
SEARCHES = ["?q=Bedrock", "?q=ITS-2026-900", "?stage=technical_opened&page=2", "?state=open&sort=-name"]


def routes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, path and converters of every address of the site."""
    known = get_resolver().reverse_dict
    for name in sorted(name for name in known if isinstance(name, str)):
        possibilities, _pattern, _defaults, converters = known.getlist(name)[0]
        yield name, possibilities[0][0], converters


def addresses(tender: Tender, *, left_out: frozenset[str] = frozenset()) -> list[str]:
    """Every address with every key that leads to something of the tender, and the lists with searches."""
    found = []
    for name, path, converters in routes():
        if name not in left_out:
            values = [_values(name, part, path, converter, tender) for part, converter in converters.items()]
            found += [reverse(name, args=chosen) for chosen in itertools.product(*values)]
    criteria = Criterion.objects.filter(tender=tender).values_list("pk", flat=True)
    asked = tender.requirements.values_list("pk", flat=True)
    pages = {"marks": [f"?criterion={pk}" for pk in criteria]}
    pages |= {"verification": [f"?requirement={pk}" for pk in asked]}
    bids = [f"?by=bid&bid={pk}" for pk in tender.bids.values_list("pk", flat=True)]
    found += [reverse(name, args=[tender.pk]) + query for name in pages for query in pages[name]]
    found += [reverse("marks", args=[tender.pk]) + query for query in bids]
    found += [reverse(name) + query for name in ("tenders", "objections") for query in SEARCHES]
    return found


def _values(name: str, part: str, path: str, converter: Any, tender: Tender) -> list[Any]:
    """What may stand at one place of an address."""
    if (name, part) in WORDS:
        return list(WORDS[name, part])
    word = part if part != "pk" else path.partition("/")[0]
    if word == "tenders":
        return [tender.pk]
    nobody = UUID(int=0) if isinstance(converter, UUIDConverter) else 1
    return NUMBERS.get(word) or _keys(word) or [nobody]


def _keys(word: str) -> list[Any]:
    """The keys of what a word in an address speaks of."""
    models = SPOKEN_OF.get(word) or (_named(word.replace("-", "").replace("criteria", "criterion")),)
    return [key for model in models for key in model._default_manager.values_list("pk", flat=True)]


def _named(word: str) -> type[Model]:
    """The model of that name, in the singular or in the plural."""
    models = [*apps.get_app_config("bids").get_models(), *apps.get_app_config("procurement").get_models()]
    (model,) = [row for row in models if row.__name__.lower() in (word, word.removesuffix("s"))]
    return model


def plain(response: HttpResponse) -> tuple[int, str | None, object]:
    """The answer without what differs from one request to the next; an office file by its parts."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    place = response.headers.get("Location")
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts.pop("docProps/core.xml", None)  # the moment at which it was written
        return response.status_code, place, parts
    text = data.decode(errors="surrogateescape")
    text = re.sub(r'(name="csrfmiddlewaretoken" value|"X-CSRFToken":) ?=?"[^"]+"', "", text)
    return response.status_code, place, re.sub(r'nonce="[^"]+"', "", text)


def everything(client: Client, person: User, where: list[str]) -> dict[str, tuple[int, str | None, object]]:
    """What the person reads at every one of the addresses."""
    client.force_login(person)
    return {address: plain(client.get(address)) for address in where}
