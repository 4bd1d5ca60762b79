"""Templates of specifications, and drafts that start from one or from a past tender."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procurement.actions.picking import Choice, pick
from procurement.actions.reusing import (
    delete_template,
    document_of,
    save_template,
    start_from_template,
    start_from_tender,
)
from procurement.models import Criterion, CriterionUnit, SpecificationTemplate, Tender
from procurement.rules import Forbidden
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def rich(cast, units, draft):
    """A draft with a part of a part, anchors, marking units, and a picked requirement."""
    top = draft.criteria.get(code="S")
    part = Criterion.objects.create(
        tender=draft,
        position=9,
        code="S1",
        title="Keys",
        kind="security",
        weight="33.3",
        maximum="5",
        parent=top,
        anchors=[{"mark": "5", "text": "Tested"}],
        evidence_caps=False,
    )
    Criterion.objects.filter(pk=top.pk).update(kind="")
    CriterionUnit.objects.create(criterion=part, unit=units["security"], position=0)
    pick(actor=cast.officer, tender=draft, keys=["b:ASY-AC-03"], choice=Choice(criterion=part), now=NOW)
    Tender.objects.filter(pk=draft.pk).update(pass_mark={"points": "60", "on": "total", "rule": "mean"})
    draft.refresh_from_db()
    return draft


def keep(cast, tender, name="ATM"):
    return save_template(actor=cast.officer, tender=tender, name=name, note="Cash machines", now=NOW)


NEW = {"reference": "ITS-2026-901", "title": "Second"}


def test_a_template_gives_back_everything_but_dates_people_and_money(cast, rich):
    started = start_from_template(actor=cast.officer, template=keep(cast, rich), now=NOW, **NEW)
    new = started.tender
    assert document_of(new) == document_of(rich)
    assert (new.reference, new.title, new.stage, new.officer) == (*NEW.values(), "draft", cast.officer)
    assert (new.owner, new.approver, new.budget, new.deadline) == (None, None, None, None)
    assert (new.pass_mark["points"], new.total_points) == ("60", Decimal(100))
    part = new.criteria.get(code="S1")
    assert (part.parent.code, part.weight, part.tender_id) == ("S", Decimal("33.3"), new.pk)
    picked = new.requirements.get(code="ASY-AC-03")
    assert (picked.criterion, picked.owner, picked.entry) == (part, None, "ASY-AC-03")
    assert [blank["id"] for blank in picked.blanks] == ["hours"]
    assert not new.seats.exists()
    assert started.dropped == []


def test_a_template_stays_when_its_tender_changes(cast, rich):
    template = keep(cast, rich)
    before = document_of(rich)
    rich.requirements.all().delete()
    template.refresh_from_db()
    assert template.document == before
    assert (template.requirements, template.criteria) == (4, 4)


def test_a_past_tender_brings_the_people_who_are_still_there(cast, rich):
    cast.next_above.is_active = False
    cast.next_above.save()
    started = start_from_tender(actor=cast.officer, past=rich, now=NOW, **NEW)
    new = started.tender
    assert (new.owner, new.approver, new.escalation) == (cast.security, cast.approver, None)
    assert new.requirements.get(code="R1").owner == cast.security
    assert started.dropped == [str(cast.next_above)]


def test_who_left_or_changed_units_owns_nothing_in_the_new_draft(cast, units, rich):
    cast.security.unit = units["it"]
    cast.security.save()
    started = start_from_tender(actor=cast.officer, past=rich, now=NOW, **NEW)
    assert not started.tender.requirements.filter(owner__isnull=False).exists()
    assert started.tender.owner is None
    assert started.dropped == [str(cast.security)]


def test_a_unit_that_is_no_longer_there_is_left_out_and_said(cast, rich):
    template = keep(cast, rich)
    template.document["requirements"][0]["unit"] = "gone"
    template.save()
    started = start_from_template(actor=cast.officer, template=template, now=NOW, **NEW)
    assert started.dropped == ["gone"]
    assert started.tender.requirements.get(code="R1").unit is None


def test_a_reference_or_name_that_is_taken_is_refused_and_nothing_is_stored(cast, rich):
    template = keep(cast, rich)
    with pytest.raises(ValidationError):
        keep(cast, rich)
    with pytest.raises(ValidationError) as refusal:
        start_from_template(
            actor=cast.officer, template=template, now=NOW, reference=rich.reference, title="x"
        )
    assert "reference" in refusal.value.message_dict
    assert Tender.objects.count() == 1


def test_templates_are_for_officers(cast, rich):
    template = keep(cast, rich)
    with pytest.raises(Forbidden):
        save_template(actor=cast.security, tender=rich, name="x", note="", now=NOW)
    with pytest.raises(Forbidden):
        start_from_tender(actor=cast.security, past=rich, now=NOW, **NEW)
    with pytest.raises(Forbidden):
        delete_template(actor=cast.security, template=template, now=NOW)


# --- the pages ---------------------------------------------------------------------------------------------
def test_from_a_draft_to_a_template_to_a_draft(client, cast, rich):
    client.force_login(cast.officer)
    saved = client.post(reverse("template-save", args=[rich.pk]), {"name": "ATM", "note": "x"})
    assert saved.url == reverse("tender-start")
    template = SpecificationTemplate.objects.get()
    data = NEW | {"source": f"template:{template.pk}"}
    started = client.post(reverse("tender-start"), data)
    new = Tender.objects.get(reference=NEW["reference"])
    assert started.url == reverse("tender", args=[new.pk])
    again = client.post(reverse("template-save", args=[rich.pk]), {"name": "ATM"})
    assert again.status_code == 422
    client.post(reverse("template-delete", args=[template.pk]))
    assert not SpecificationTemplate.objects.exists()
    assert new.requirements.count() == 4


def test_from_a_past_tender_with_who_left_said(client, cast, rich):
    cast.next_above.is_active = False
    cast.next_above.save()
    client.force_login(cast.officer)
    where = reverse("tender-start")
    source = f"tender:{rich.pk}"
    assert "selected" in client.get(where, {"source": source}).content.decode()
    html = client.post(where, NEW | {"source": source}, follow=True).content.decode()
    assert "These are no longer there and were left out: Next_Above." in html


@pytest.mark.parametrize("source", ["", "template:9", "tender:x", "tender:", "x"])
def test_nothing_to_start_from_is_refused(client, cast, rich, source):
    client.force_login(cast.officer)
    assert client.get(reverse("tender-start"), {"source": source}).status_code == 200
    assert client.post(reverse("tender-start"), NEW | {"source": source}).status_code == 422
    assert Tender.objects.count() == 1


def test_the_page_makes_the_same_queries_for_one_template_and_three(client, cast, rich):
    client.force_login(cast.officer)
    where = reverse("tender-start")
    client.get(where)
    counts = []
    for names in (["A"], ["B", "C"]):
        for name in names:
            keep(cast, rich, name)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(where).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
