"""Every address of the site, and answers without what differs from one request to the next."""

import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.converters import IntConverter, UUIDConverter

from bids.models import Attachment, Bid
from procurement.models import Criterion, Question, Tender, User

#: Words that stand in addresses, by the name of the place.
WORDS = {
    "kind": ["requirements", "criteria", "bids", "marks", "case", "result", "waiver", "objection"],
    "extension": ["xlsx", "csv"],
    "side": ["security", "owner"],
}

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
            values = [_values(part, path, converter, tender) for part, converter in converters.items()]
            found += [reverse(name, args=chosen) for chosen in itertools.product(*values)]
    criteria = Criterion.objects.filter(tender=tender).values_list("pk", flat=True)
    asked = tender.requirements.values_list("pk", flat=True)
    pages = {"marks": [f"?criterion={pk}" for pk in criteria]}
    pages |= {"verification": [f"?requirement={pk}" for pk in asked]}
    bids = [f"?by=bid&bid={pk}" for pk in tender.bids.values_list("pk", flat=True)]
    found += [reverse(name, args=[tender.pk]) + query for name in pages for query in pages[name]]
    found += [reverse("marks", args=[tender.pk]) + query for query in bids]
    found += [reverse(name) + query for name in ("tenders", "objections") for query in SEARCHES]
    found += [reverse("tenders") + query for query in ("?late=on", "?begun=2026")]
    found += [reverse(name) + "?period=all" for name in ("board", "board-awards", "board-overruled")]
    return found


def _values(part: str, path: str, converter: Any, tender: Tender) -> list[Any]:
    """What may stand at one place of an address."""
    bids = list(Bid.objects.filter(tender=tender).values_list("pk", flat=True))
    if part == "bid":
        return bids
    if isinstance(converter, UUIDConverter):
        if path.startswith("questions/"):
            return list(Question.objects.filter(tender=tender).values_list("pk", flat=True)) or [tender.pk]
        files = list(Attachment.objects.values_list("pk", flat=True))
        return [tender.pk] if path.startswith("tenders/") and part == "pk" else [tender.pk, *bids, *files]
    if isinstance(converter, IntConverter):
        return _keys(part if part != "pk" else path.partition("/")[0])
    return WORDS.get(part, ["award", "en", "docx"])


def _keys(word: str) -> list[int]:
    """The keys of what a word in an address speaks of; 1 where there is none of it, or no such thing."""
    models = [*apps.get_app_config("bids").get_models(), *apps.get_app_config("procurement").get_models()]
    for model in models:
        if model.__name__.lower() in (word, word.removesuffix("s"), word.replace("criteria", "criterion")):
            return list(model._default_manager.values_list("pk", flat=True)) or [1]
    return [1]


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
