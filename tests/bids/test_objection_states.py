"""What a reader is shown of the case as it was answered, beside the case as it is."""

import pytest
from django.urls import reverse

from tests.bids.objecting import answer, object_to

pytestmark = pytest.mark.django_db


def test_other_rules_show_in_words_beside_those_that_were_answered(client, clock, cast, draft):
    objection = object_to(draft, cast.security, vendor="")
    answer(objection, cast.approver)
    type(draft).objects.filter(pk=draft.pk).update(method="lowest-price", masked_bidders=False)
    draft.criteria.filter(code="S").update(maximum="5")
    client.force_login(cast.approver)
    page = client.get(reverse("objection", args=[objection.pk])).content.decode()
    for words in ("Highest total", "Lowest price", "bidders are named by letter", "top of the scale 5"):
        assert words in page
