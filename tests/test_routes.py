"""Every route, as everybody, at every stage: who is let in, who is told no, and for whom nothing is there.

The routes come from the resolver: one without an entry in `tests.routes.ROUTES` fails, and so does an entry
without one.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from procurement import urls

from .asking import DATA, ON_RECORD, READ_OF_BIDS, asked
from .routes import ALL, ROUTES, STAGES, VENDORS, WALKERS, Route
from .walking import Walk

pytestmark = pytest.mark.django_db


# --- the resolver -----------------------------------------------------------------------------------------
def routes(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address of the site."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern)
        else:
            yield pattern


PATTERNS = {pattern.name: pattern for pattern in routes()}


def test_every_route_has_an_entry_and_every_entry_a_route():
    assert sorted(PATTERNS) == sorted({key.partition(":")[0] for key in ROUTES})
    assert len(PATTERNS) == len(list(routes())), "two routes have one name"
    assert set(DATA) | ON_RECORD <= set(ROUTES)


@pytest.fixture
def walk(clock, cast, units, draft):
    """At its beginning."""
    return Walk(cast, units, draft)


def address(walk: Walk, key: str) -> str:
    return walk.address(key, PATTERNS[key.partition(":")[0]])


# --- the walk ---------------------------------------------------------------------------------------------
#: 400 and 409 (a version is missing from the form) come after the question of who may.
ANSWERS = dict.fromkeys((200, 302, 400, 409, 422), "let in") | {403: "told no", 404: "nothing there"}


@pytest.fixture
def bare_refusals(monkeypatch, caplog):
    """Refusals without the page around them, and without a line in the log: most of what is asked ends so."""

    def told_no(_request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponse(str(exception), status=403 if str(exception) else 500)

    def nothing_there(_request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponse(status=404)

    monkeypatch.setattr(urls, "handler403", told_no, raising=False)
    monkeypatch.setattr(urls, "handler404", nothing_there, raising=False)
    caplog.set_level("CRITICAL", "django.request")


def met(client: Client, route: Route, url: str, data: dict[str, str]) -> tuple[str, list[str]]:
    """What the walker meets, and what the request wrote; all of it is taken back."""
    written: list[str] = []

    def watch(execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(sql)
        return execute(sql, *more)

    with transaction.atomic(), connection.execute_wrapper(watch):
        response = getattr(client, route.method)(url, data)
        b"".join(response)  # a file is closed when it was read to its end
        transaction.set_rollback(True)
    return ANSWERS.get(response.status_code, str(response.status_code)), written


def surprises(walk: Walk, who: str, letter: str) -> Iterator[str]:
    """Where one walker meets something else than the table says, or writes by reading."""
    client = Client()
    client.force_login(walk.people[who])
    data = DATA | {"bid-file-add": {"requirement": str(walk.rows["requirement"])}}
    for key in asked(who, letter):
        route = ROUTES[key]
        expected = route.expected(who, letter)
        result, written = met(client, route, address(walk, key), data.get(key, {}))
        if result != expected:
            yield f"{who} at {key}: {result}, not {expected}"
        if route.method == "get" and bool(written) != _goes_on_record(who, key, result):
            yield f"{who} at {key}: a GET wrote {written[:1]}"


def _goes_on_record(who: str, key: str, result: str) -> bool:
    """Refusals do, and what people of the bank read of bids; vendors read what is their own."""
    if result == "told no":
        return True
    return result == "let in" and key in ON_RECORD and not (who in VENDORS and key in READ_OF_BIDS)


@pytest.mark.parametrize("letter", ALL, ids=STAGES.values())
@pytest.mark.usefixtures("bare_refusals")
def test_the_walk(walk, letter):
    walk.to(letter)
    if letter == "P":
        walk.with_records()
    found = [surprise for who in WALKERS for surprise in surprises(walk, who, letter)]
    assert not found, "\n".join(found)


#: Where everybody gets without signing in, by how the key begins.
OPEN = ("sign-in", "set-language", "registration-new", "ocds-extension", "public-")


def test_nobody_gets_anywhere_else_without_signing_in(client, walk):
    walk.to("A")
    for key, route in ROUTES.items():
        if key.startswith(OPEN):
            continue
        response = getattr(client, route.method)(address(walk, key))
        assert response.status_code == 302, key
        assert response.url.startswith(reverse("sign-in")), key
    assert client.get(reverse("sign-in")).status_code == 200


def test_changes_are_no_links(client, walk):
    walk.to("O")
    for who in ("officer", "security", "vendor", "administrator"):
        client.force_login(walk.people[who])
        for key, route in ROUTES.items():
            if route.method == "post" and not key.endswith(":post"):
                assert client.get(address(walk, key)).status_code == 405, key


@pytest.mark.usefixtures("clock")
def test_a_no_comes_with_its_reason(client, cast, published):
    client.force_login(cast.security)
    for name in ("tender-edit", "tender-new", "people", "trail"):
        arguments = [published.pk] if name == "tender-edit" else []
        response = client.get(reverse(name, args=arguments))
        assert response.status_code == 403
        assert "This is for: " in response.content.decode()
    client.force_login(cast.officer)
    refused = client.get(reverse("tender-edit", args=[published.pk]))
    assert "The specification was published and is frozen." in refused.content.decode()
