"""What the tests of the bid page post, and the page itself."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bids.models import Bid
from procurement.models import User
from tests.bids.vendors import draft_of
from tests.cast import PASSWORD, sign_in

HTMX = {"HX-Request": "true"}


def form_of(tender, version=0, price="1,500 萬元", **answers):
    """What the bid page posts; every requirement met unless told otherwise."""
    data = {"version": version, "price": price}
    for row in tender.requirements.all():
        data[f"answer-{row.pk}"] = answers.get(row.code, "met")
        for name in ("note", "evidence", "until"):
            data[f"{name}-{row.pk}"] = answers.get(f"{row.code}_{name}", "")
    return data


def signed(data, **more):
    """What is posted to hand in: with the password and a fresh key."""
    return data | {"password": PASSWORD, "key": str(uuid4())} | more


def post_bid(client, tender, version=0, *, follow=False, password=PASSWORD, key=None, **answers):
    """Hand in what the form holds."""
    data = signed(form_of(tender, version, **answers), password=password, key=str(key or uuid4()))
    return client.post(reverse("bid-submit", args=[tender.pk]), data, follow=follow)


def post_signed(client, name, tender):
    """Withdraw or confirm."""
    data = {f"{name}-password": PASSWORD, f"{name}-key": str(uuid4())}
    return client.post(reverse(f"bid-{name}", args=[tender.pk]), data, follow=True)


def vendor():
    return User.objects.get(username="vendor")


def drafted():
    """What the vendor's draft says."""
    return draft_of(vendor(), Bid.objects.get())


@pytest.fixture
def page(client, clock, cast, published):
    """The address of the bid page, with the vendor signed in."""
    sign_in(client, cast.vendor)
    return reverse("bid", args=[published.pk])


def text_of(response):
    return response.content.decode()


def upload(client, tender, name, content, code="R1", **more):
    requirement = tender.requirements.get(code=code)
    data = {"requirement": requirement.pk, "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("bid-file-add", args=[tender.pk]), data, **more)
