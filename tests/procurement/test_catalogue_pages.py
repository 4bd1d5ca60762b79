"""The pages of catalogues: the list, one of them, an upload from the file to the store, a newer edition."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procurement.actions import catalogues as steps
from procurement.models import Catalogue, CatalogueUpload
from tests.cast import NOW
from tests.procurement.catalogue_files import ANNEX_CSV, LIST, LIST_METADATA, OSCAL, TABLE, dumped, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def store(name, content, **naming):
    data = content if isinstance(content, bytes) else dumped(content)
    catalogue = steps.read_files({name: data}, naming)
    return steps.load_catalogue(actor=None, catalogue=catalogue, files={name: data}, now=NOW)[0]


def listed(client, row, **query):
    page = client.get(reverse("catalogue", args=[row.pk]), query).context["page"]
    return [entry.identifier for entry in page]


def hand_in(client, *files, **more):
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    data = {"code": "", "version": "", "language": ""} | more | {"files": uploads}
    return client.post(reverse("catalogue-new"), data)


def test_the_list(client, cast):
    client.force_login(cast.stranger)
    assert (
        "What officers and security load appears here." in client.get(reverse("catalogues")).content.decode()
    )
    store("tiny.json", OSCAL)
    store("tw-annex10.csv", ANNEX_CSV)
    page = client.get(reverse("catalogues"))
    assert [(row.code, row.asked) for row in page.context["page"]] == [("TINY", 2), ("tw-annex10", 2)]
    found = client.get(reverse("catalogues"), {"q": "資通", "language": "zh-Hant-TW"}).context["page"]
    assert [row.code for row in found] == ["tw-annex10"]
    assert "No catalogue matches." in client.get(reverse("catalogues"), {"q": "zz"}).content.decode()


def test_a_catalogue_is_searched_and_narrowed(client, cast):
    client.force_login(cast.business)
    row = store("tw-annex10.csv", ANNEX_CSV)
    requirements = ["TW-A10-AC-01", "TW-A10-AC-02"]
    assert listed(client, row, kind="assessable") == requirements
    assert listed(client, row, level="中") == ["TW-A10-AC-01", "TW-A10-IA-08"]
    assert listed(client, row, level="高", kind="assessable") == requirements
    assert listed(client, row, q="監控 帳號") == ["TW-A10-AC-02"]
    assert listed(client, row, family="識別與鑑別") == [
        "識別與鑑別",
        "識別與鑑別 / 身分驗證管理",
        "TW-A10-IA-08",
    ]
    page = client.get(reverse("catalogue", args=[row.pk])).content.decode()
    assert "checked against the gazette" in page
    assert "Each level asks for what the ones before it ask, too." in page


def test_texts_are_markdown_through_the_allow_list(client, cast):
    client.force_login(cast.business)
    hostile = b'id,text\nA,"**Do** <script>alert(1)</script> ![x](https://x.y/z.png)"\n'
    row = store("x.csv", hostile)
    page = client.get(reverse("catalogue", args=[row.pk])).content.decode()
    assert "<strong>Do</strong>" in page
    assert "<script>alert" not in page
    assert "z.png" not in page or "<img" not in page
    tiny = client.get(reverse("catalogue", args=[store("tiny.json", OSCAL).pk])).content.decode()
    assert "Reviews them [frequency]" in tiny
    assert "2 blanks to fill in before publication" in tiny
    assert "incorporated into ac-2" in tiny


def test_from_the_file_to_the_store(client, cast):
    client.force_login(cast.officer)
    assert hand_in(client, ("tiny.json", dumped(OSCAL))).url == reverse("catalogue-upload")
    assert not Catalogue.objects.exists()
    page = client.get(reverse("catalogue-upload"))
    assert page.context["report"].assessable == 2
    assert "Nothing is missing, doubled or empty." in page.content.decode()
    row = Catalogue.objects.filter(code="TINY")
    answer = client.post(reverse("catalogue-upload"))
    assert answer.url == reverse("catalogue", args=[row.get().pk])
    assert not CatalogueUpload.objects.exists()
    assert client.get(reverse("catalogue-upload")).url == reverse("catalogue-new")


def test_several_files_are_one_list(client, cast):
    client.force_login(cast.security)
    hand_in(client, ("OSPS-AC.yaml", LIST), ("metadata.yaml", LIST_METADATA), version="2026.11")
    assert str(client.get(reverse("catalogue-upload")).context["report"].catalogue.version) == "2026.11"
    client.post(reverse("catalogue-upload"))
    assert str(Catalogue.objects.get()) == "OSPS-BASELINE 2026.11 (en)"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("x.json", b"// hello\n{}", "Line 1 holds a comment"),
        ("x.json", b"{}", "no catalogue that is known here"),
        ("x.csv", b"", "empty"),
    ],
)
def test_what_cannot_be_read_is_refused_at_the_field_and_kept_nowhere(client, cast, name, data, words):
    client.force_login(cast.officer)
    answer = hand_in(client, (name, data), code="OURS")
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors["files"])
    assert answer.context["form"]["code"].value() == "OURS"
    assert not CatalogueUpload.objects.exists()


def test_a_faulty_file_shows_its_faults_and_cannot_be_loaded(client, cast):
    client.force_login(cast.officer)
    hand_in(client, ("x.csv", b"id,text\nA,One.\nA,Two.\n"))
    page = client.get(reverse("catalogue-upload")).content.decode()
    assert "This cannot be loaded until the faults below are corrected in the file." in page
    assert "“A” stands twice with different texts" in page
    assert "Load it" not in page
    client.post(reverse("catalogue-upload"))
    assert not Catalogue.objects.exists()


def test_the_same_edition_with_another_text_is_refused(client, cast):
    client.force_login(cast.officer)
    store("t.csv", TABLE)
    hand_in(client, ("t.csv", TABLE.replace(b"Do one.", b"Do it.")))
    answer = client.post(reverse("catalogue-upload"), follow=True)
    assert "is stored already with another content" in answer.content.decode()
    assert Catalogue.objects.count() == 1


def test_what_a_newer_edition_changes(client, cast):
    client.force_login(cast.auditor)
    old = store("t.csv", TABLE, version="1")
    changed = b"id,title,text,level\nA-1,One,Do only one.,2\nA-3,Three,Do three.,1\n"
    new = store("t.csv", changed, version="2")
    url = reverse("catalogue-difference", args=[new.pk, old.pk])
    assert url in client.get(reverse("catalogue", args=[new.pk])).content.decode()
    page = client.get(url).content.decode()
    assert "1 rows came, 1 went, 1 differ and 0 are the same." in page
    assert "<ins>" in page
    assert "1 → 2" in page
    other = store("tiny.json", OSCAL)
    assert client.get(reverse("catalogue-difference", args=[new.pk, other.pk])).status_code == 404


def test_the_baseline_is_loaded_once(client, cast):
    client.force_login(cast.security)
    assert "Load the built-in baseline" in client.get(reverse("catalogue-new")).content.decode()
    for _time in range(2):
        assert client.post(reverse("catalogue-baseline")).url == reverse("catalogues")
    assert Catalogue.objects.count() == 2
    assert "Load the built-in baseline" not in client.get(reverse("catalogue-new")).content.decode()


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_the_form_to_fill_in(client, cast, extension):
    client.force_login(cast.business)
    answer = client.get(reverse("catalogue-template", args=[extension]))
    assert answer["Content-Disposition"] == f'attachment; filename="catalogue.{extension}"'
    assert client.get(reverse("catalogue-template", args=["pdf"])).status_code == 404


def test_who_may(client, cast):
    row = store("t.csv", TABLE, version="1")
    other = store("t.csv", TABLE, version="2")
    reading = [
        reverse("catalogues"),
        reverse("catalogue", args=[row.pk]),
        reverse("catalogue-difference", args=[row.pk, other.pk]),
        reverse("catalogue-template", args=["csv"]),
    ]
    loading = [reverse("catalogue-new"), reverse("catalogue-upload")]
    loaders, readers = (
        ("officer", "security", "security_head"),
        ("business", "approver", "auditor", "stranger"),
    )
    for who, person in cast.everybody().items():
        client.force_login(person)
        may_read, may_load = who in loaders + readers + ("next_above", "business_head"), who in loaders
        assert {client.get(url).status_code for url in reading} == {200 if may_read else 403}, who
        assert all((client.get(url).status_code in (200, 302)) is may_load for url in loading), who
        assert (client.post(reverse("catalogue-baseline")).status_code == 302) is may_load, who


def test_lists_cost_the_same_with_one_row_and_with_three(client, cast):
    client.force_login(cast.officer)
    counts = []
    for number in range(3):
        row = store("tiny.json", OSCAL, version=str(number))
        with CaptureQueriesContext(connection) as of_list:
            client.get(reverse("catalogues"))
        with CaptureQueriesContext(connection) as of_one:
            client.get(reverse("catalogue", args=[row.pk]))
        counts.append((len(of_list), len(of_one)))
    assert counts[0] == counts[2]


def test_pages_of_25(client, cast):
    client.force_login(cast.officer)
    rows = b"id,text\n" + b"".join(b"A%02d,Do.\n" % number for number in range(30))
    row = store("t.csv", rows)
    assert len(listed(client, row)) == 25
    assert len(listed(client, row, page="2")) == 5
    assert read("t.csv", rows).digest == row.digest
