"""The vendor's bid page."""

from django.urls import reverse

from bids.models import Bid, Submission


def form_of(tender, version=0, price="1,500 萬元", **answers):
    """What the bid page posts; every requirement met unless told otherwise."""
    data = {"version": version, "price": price}
    for row in tender.requirements.all():
        data[f"answer-{row.pk}"] = answers.get(row.code, "met")
        data[f"note-{row.pk}"] = answers.get(f"{row.code}_note", "")
    return data


def test_the_page_can_be_read_before_there_is_a_bid(client, clock, cast, published):
    client.force_login(cast.vendor)
    response = client.get(reverse("bid", args=[published.pk]))
    assert response.status_code == 200
    assert Bid.objects.count() == 0


def test_a_bid_is_handed_in_with_what_was_typed(client, clock, cast, published):
    client.force_login(cast.vendor)
    response = client.post(reverse("bid-submit", args=[published.pk]), form_of(published), follow=True)
    assert response.status_code == 200
    assert Submission.objects.get().number == 1
    assert "Version 1 is handed in" in response.content.decode()
