"""Asking for the pages of a meeting, and what its forms send."""

from django.urls import reverse

from .meeting import item


def text_of(response):
    return response.content.decode()


def get(client, person, name, *arguments, query="", **more):
    client.force_login(person)
    return client.get(reverse(name, args=arguments) + query, **more)


def post(client, person, name, *arguments, data=None, **more):
    client.force_login(person)
    return client.post(reverse(name, args=arguments), data or {}, **more)


def minutes(tender, kind, *, code="S", **more):
    """What the form of a resolution about an item sends."""
    about = item(tender, code)
    seats = list(tender.seats.values_list("pk", flat=True))
    return {
        "kind": kind,
        "criterion": about["criterion"].pk,
        "bid": about["bid"].pk,
        "present": seats,
        "in_favour": len(seats),
        "against": 0,
        "reason": "talked over",
        "seen": tender.resolutions.count(),
    } | more


def query_of(tender, code="S", position=0):
    about = item(tender, code, position)
    return f"?criterion={about['criterion'].pk}&bid={about['bid'].pk}"
