"""What bidders have in common: pointed out to those who keep the papers, after the opening, and no more."""

import io
import zipfile
from datetime import timedelta

import docx
import pytest
from django.urls import reverse
from pypdf import PdfWriter

from bids.actions.relations import trace_files
from bids.files.traces import Traces, traces_of
from bids.models import Attachment, Bid
from bids.queries.relations import KINDS, compared, pairs
from procurement.models import AuditEntry, User
from procurement.rules import Forbidden
from tests.bids.companies import declared
from tests.bids.vendors import add_file, save, submit
from tests.cast import NOW, open_bids, publish

OTHER = {
    "address": "高雄市中正路1號",
    "phone": "07-9999-0000",
    "contact": "李小美",
    "email": "li@quickwin.example",
    "account": "812-9",
    "owners": [{"name": "李小美", "country": "TW", "share": "51"}],
}


def pdf(**said):
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({f"/{key}": value for key, value in said.items()})
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def word(author, editor):
    document = docx.Document()
    document.core_properties.author = author
    document.core_properties.last_modified_by = editor
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


# --- what files say ---------------------------------------------------------------------------------------
def test_a_pdf_says_author_program_and_moment():
    content = pdf(Author="Ann\n Chen", Producer="Acrobat", CreationDate="D:20260101120000+08'00'")
    assert traces_of("r.pdf", content) == Traces(
        author="Ann Chen", program="Acrobat", created="D:20260101120000+08'00'"
    )


def test_a_document_says_who_wrote_and_who_saved_it():
    said = traces_of("r.docx", word("Ann", "Bob")).to_document()
    assert (said["author"], said["editor"]) == ("Ann", "Bob")
    assert said["created"]


def bomb():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("docProps/core.xml", b"<a>" + b" " * 2_000_000 + b"</a>")
        archive.writestr("docProps/app.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a><Company>&b;</Company></a>')
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.pdf", b"%PDF-1.7 nothing else"),
        ("r.pdf", b""),
        ("r.docx", b"PK nothing else"),
        ("r.docx", bomb()),
        ("r.png", b"\x89PNG"),
        ("r", b"x"),
    ],
    ids=["broken", "empty", "no archive", "bomb", "picture", "no ending"],
)
def test_what_cannot_be_read_says_nothing(name, content):
    assert traces_of(name, content) == Traces()


# --- what is shared ---------------------------------------------------------------------------------------
def kinds(tender):
    return [row.kind for row in compared(tender).relations]


def test_bidders_with_nothing_in_common(cast, opened):
    declared(cast.vendor)
    declared(cast.rival, **OTHER)
    found = compared(opened)
    assert (found.relations, found.undeclared, found.files_left) == ([], [], 0)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"owners": [{"name": "王 大明", "country": "HK", "share": "30"}]}, "owner"),
        ({"owners": [{"name": "BEDROCK Security", "country": "TW", "share": "100"}]}, "owner"),
        ({"account": "004 123 456789"}, "account"),
        ({"address": "台北市 信義路五段７號"}, "address"),
        ({"phone": "+886 2 2345 6789"}, "phone"),
        ({"contact": "王大明"}, "contact"),
        ({"email": "WANG@bedrock.example"}, "email"),
        ({"subcontractors": [{"name": "bedrock security", "country": "TW", "work": "x"}]}, "subcontractor"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_both_declare_is_pointed_out(cast, opened, changes, kind):
    declared(cast.vendor)
    declared(cast.rival, **OTHER | changes)
    assert kinds(opened) == [kind]
    assert pairs(compared(opened).relations) == 1


def test_what_was_declared_before_counts_no_more(cast, opened):
    declared(cast.vendor)
    declared(cast.rival, **OTHER | {"contact": "王大明"})
    declared(cast.rival, at=NOW + timedelta(days=1), **OTHER)
    assert kinds(opened) == []


def test_people_with_one_email_address(cast, opened):
    User.objects.filter(pk__in=[cast.vendor.pk, cast.rival.pk]).update(email="one@hand.example")
    assert kinds(opened) == ["email"]
    assert {vendor.name for vendor in compared(opened).undeclared} == {
        "Bedrock Security",
        "Quickwin Technology",
    }


def test_it_asks_as_often_for_three_bidders_as_for_two(cast, opened, django_assert_num_queries):
    for person in (cast.vendor, cast.rival):
        declared(person)
    with django_assert_num_queries(4):
        assert len(compared(opened).relations) == 6


# --- the files --------------------------------------------------------------------------------------------
@pytest.fixture
def with_files(cast, draft):
    """Two bids with a file each that one hand made."""
    tender = publish(draft)
    for person, title in ((cast.vendor, "A"), (cast.rival, "B")):
        save(person, tender, price="7")
        add_file(person, tender, content=pdf(Author="Ann Chen", Producer="Acrobat", Title=title))
        submit(person, tender, price="7")
    tender.deadline = NOW - timedelta(seconds=1)
    tender.save()
    return open_bids(cast.officer, tender)


@pytest.mark.django_db
def test_files_of_one_hand(client, cast, with_files, clock):
    tender = with_files
    assert compared(tender).files_left == 2
    client.force_login(cast.officer)
    where = reverse("relations", args=[tender.pk])
    assert "Look into the files" in client.get(where).content.decode()
    assert client.post(reverse("relations-trace", args=[tender.pk])).url == where
    page = client.get(where).content.decode()
    assert "Ann Chen (r.pdf)" in page
    assert "Look into the files" not in page
    assert AuditEntry.objects.get(action="look into files of bids").payload == '{"files":"2"}'
    assert kinds(tender) == ["author"]
    assert set(Bid.objects.filter(tender=tender).values_list("status", flat=True)) == {"valid"}
    assert (
        "1 thing is shared by two bidders."
        in client.get(reverse("opening", args=[tender.pk])).content.decode()
    )


@pytest.mark.django_db
def test_one_after_the_other_where_there_is_no_time(cast, with_files):
    assert trace_files(actor=cast.auditor, tender=with_files, now=NOW, seconds=0) == 1
    assert trace_files(actor=cast.auditor, tender=with_files, now=NOW, seconds=0) == 0
    assert not Attachment.objects.filter(traces__isnull=True).exists()


# --- who --------------------------------------------------------------------------------------------------
def test_nobody_compares_before_the_opening(client, cast, named, clock):
    client.force_login(cast.officer)
    assert client.get(reverse("relations", args=[named.pk])).status_code == 403
    assert "Related bidders" not in client.get(reverse("opening", args=[named.pk])).content.decode()


@pytest.mark.parametrize(("part", "status"), [("security", 403), ("vendor", 403), ("approver", 200)])
@pytest.mark.usefixtures("clock")
def test_it_is_for_those_who_keep_the_papers(client, cast, opened, part, status):
    client.force_login(getattr(cast, part))
    assert client.get(reverse("relations", args=[opened.pk])).status_code == status
    with pytest.raises(Forbidden):
        trace_files(actor=getattr(cast, part), tender=opened, now=NOW, seconds=1)


def test_every_kind_has_a_name():
    assert all(str(label) for label in KINDS.values())
