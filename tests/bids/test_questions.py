"""Questions on a tender: who asks, who answers, who learns what when; and that nobody learns who asked."""

import json
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse

from bids import queries
from bids.actions import questions as actions
from bids.views.waiting import Desk
from procurement.models import AuditEntry, Question, Tender, User
from procurement.queries import audit_entries_visible_to
from procurement.rules import Forbidden
from tests.bids.amending import agree, propose
from tests.bids.bid_pages import text_of
from tests.cast import NOW, open_bids, sign_in

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WORDS = {
    "public_zh": "尖峰流量是否計入？",
    "public_en": "Is the peak included?",
    "answer_zh": "計入。",
    "answer_en": "It is.",
    "changes": False,
    "amendment": None,
}


def ask(who, tender, text="Is the peak included?", at=NOW, **about):
    return actions.ask_question(actor=who, tender=tender, text=text, clock=lambda: at, **about)


def draft(who, row, at=NOW, **more):
    row.refresh_from_db()
    return actions.draft_answer(actor=who, question=row, seen=row.version, clock=lambda: at, **WORDS | more)


def route(who, row, unit=None, same_as=None, at=NOW):
    row.refresh_from_db()
    return actions.route_question(
        actor=who, question=row, unit=unit, same_as=same_as, seen=row.version, clock=lambda: at
    )


def release(who, tender, *rows, at=NOW):
    return actions.release_answers(actor=who, tender=tender, chosen=rows, clock=lambda: at)


def get(client, who, name, *arguments):
    sign_in(client, who)
    return client.get(reverse(name, args=arguments))


# --- asking -----------------------------------------------------------------------------------------------
def test_a_question_goes_to_the_unit_that_answers_for_what_it_is_about(cast, units, published):
    assert ask(cast.vendor, published).unit is None
    about = published.requirements.get(code="R1")
    assert ask(cast.vendor, published, requirement=about).unit == units["security"]
    leaf = published.criteria.get(code="Q")
    assert ask(cast.vendor, published, criterion=leaf).unit is None
    leaf.marking_units.create(unit=units["business"], position=0)
    assert ask(cast.vendor, published, criterion=leaf).unit == units["business"]


def test_questions_end_five_days_before_the_deadline_or_when_the_tender_says(cast, published):
    assert published.questions_end == published.deadline - 5 * DAY
    ask(cast.vendor, published, at=published.questions_end - timedelta(seconds=1))
    with pytest.raises(Forbidden, match="Questions were taken until 2026/11/24 14:00"):
        ask(cast.vendor, published, at=published.questions_end)
    Tender.objects.filter(pk=published.pk).update(questions_until=NOW)
    with pytest.raises(Forbidden, match="Questions were taken until"):
        ask(cast.vendor, published)
    assert Question.objects.count() == 1


@pytest.mark.parametrize("who", ["officer", "security", "approver", "auditor", "administrator"])
def test_only_vendors_ask(cast, published, who):
    with pytest.raises(Forbidden):
        ask(getattr(cast, who), published)


@pytest.mark.parametrize("text", ["We at BEDROCK security ask", "I, Vendor, ask"])
def test_a_question_that_names_its_vendor_is_sent_back(cast, published, text):
    with pytest.raises(ValidationError, match="names you or your company"):
        ask(cast.vendor, published, text)
    assert not Question.objects.exists()


# --- answering --------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("clock")
def test_the_unit_writes_the_officer_releases_and_all_read_it_at_once(
    client, cast, published, django_capture_on_commit_callbacks
):
    User.objects.filter(vendor__isnull=False).update(email="someone@vendor.example")
    row = ask(cast.vendor, published, requirement=published.requirements.get(code="R1"))
    with pytest.raises(Forbidden, match="The unit that the question was routed to"):
        draft(cast.business, row)
    draft(cast.security, row)
    assert "It is." not in text_of(get(client, cast.rival, "questions", published.pk))
    assert "It is." not in text_of(get(client, cast.vendor, "questions", published.pk))
    with pytest.raises(Forbidden):
        release(cast.security, published, row)
    with django_capture_on_commit_callbacks(execute=True):
        (out,) = release(cast.officer, published, row)
    assert (out.number, out.released_by) == (1, "Officer (Procurement)")
    assert len(mail.outbox) == 2
    assert len({message.body for message in mail.outbox}) == 1
    assert "Question 1" in mail.outbox[0].body
    for who in (cast.vendor, cast.rival, cast.officer, cast.business):
        assert "It is." in text_of(get(client, who, "questions", published.pk))
    with pytest.raises(Forbidden, match="released and stands"):
        draft(cast.security, row)


def test_a_question_is_handed_on(cast, units, published):
    row = ask(cast.vendor, published)
    with pytest.raises(Forbidden):
        draft(cast.business, row)
    route(cast.officer, row, unit=units["business"])
    draft(cast.business, row)
    assert Question.objects.get().drafted_by == "Business (Business)"


def test_a_unit_without_a_seat_answers_what_was_routed_to_it(client, cast, units, published, clock):
    mine, other = ask(cast.vendor, published), ask(cast.rival, published, "Is the valley included?")
    operator = User.objects.create(
        username="operator", name="Op", role="member", unit=units["it"], password="x", language="en"
    )
    assert get(client, operator, "question", mine.pk).status_code == 404
    route(cast.officer, mine, unit=units["it"])
    assert [task.detail for task in Desk(operator, NOW).tasks()] == ["Is the peak included?"]
    page = get(client, operator, "question", mine.pk)
    assert "Keep the answer" in text_of(page)
    assert [tab["label"] for tab in page.context["tabs"]][:1] == ["Specification and criteria"]
    for tab in page.context["tabs"]:
        assert client.get(tab["url"]).status_code == 200, tab
    assert "the valley" not in text_of(get(client, operator, "questions", published.pk))
    assert get(client, operator, "question", other.pk).status_code == 404
    draft(operator, mine)
    mine.refresh_from_db()
    where = reverse("question-route", args=[mine.pk])
    said = client.post(where, {"route-unit": units["security"].pk, "route-version": mine.version})
    assert said.url == reverse("work")
    assert get(client, operator, "question", mine.pk).status_code == 404
    assert Desk(operator, NOW).tasks() == []


def test_members_of_the_accountable_unit_read_the_draft_that_they_sign(client, cast, units, draft):
    Tender.objects.filter(pk=draft.pk).update(owner_unit=units["it"])
    operator = User.objects.create(
        username="operator", name="Op", role="member", unit=units["it"], password="x", language="en"
    )
    page = get(client, operator, "tender", draft.pk)
    assert page.status_code == 200
    assert "Sign the draft off" in [task.what for task in Desk(operator, NOW).tasks()]


def test_what_asks_the_same_is_answered_together(client, cast, published, clock):
    first, second = ask(cast.vendor, published), ask(cast.rival, published, "The peak, too?")
    third = ask(cast.vendor, published, "Something else?")
    route(cast.officer, second, same_as=first)
    with pytest.raises(ValidationError):
        route(cast.officer, third, same_as=second)
    with pytest.raises(ValidationError):
        route(cast.officer, first, same_as=third)
    with pytest.raises(Forbidden, match="asks the same"):
        draft(cast.officer, second)
    draft(cast.officer, first)
    release(cast.officer, published, first)
    second.refresh_from_db()
    assert (second.number, second.released_by) == (None, "Officer (Procurement)")
    assert queries.released_questions(published).count() == 1
    own = text_of(get(client, cast.rival, "questions", published.pk))
    assert "The peak, too?" in own
    assert "Question 1" in own


def test_nothing_goes_out_that_is_not_written(cast, published):
    row = ask(cast.vendor, published)
    with pytest.raises(ValidationError, match="not ready"):
        release(cast.officer, published, row)
    with pytest.raises(ValidationError, match="Choose the answers"):
        release(cast.officer, published)


def test_an_answer_that_changes_something_waits_for_its_amendment(client, cast, published, clock):
    row = ask(cast.vendor, published)
    draft(cast.officer, row, changes=True)
    with pytest.raises(ValidationError, match="Name the amendment first"):
        release(cast.officer, published, row)
    with pytest.raises(ValidationError, match="no amendment of that number"):
        draft(cast.officer, row, changes=True, amendment=1)
    page = text_of(get(client, cast.officer, "question", row.pk))
    assert "Propose it with this text" in page
    sign_in(client, cast.officer)
    where = reverse("amendments", args=[published.pk]) + f"?question={row.pk}"
    carried = client.get(where).context["form"].initial
    assert (carried["text_en"], carried["text_zh"]) == ("It is.", "計入。")
    agree(propose(published, kind="documents"))
    published.refresh_from_db()
    draft(cast.officer, row, changes=True, amendment=1)
    release(cast.officer, published, row)
    assert "It became amendment 1." in text_of(get(client, cast.rival, "questions", published.pk))


def test_after_the_deadline_nothing_is_answered(cast, published):
    row = ask(cast.vendor, published)
    draft(cast.officer, row)
    with pytest.raises(Forbidden, match="stays unanswered"):
        draft(cast.officer, row, at=NOW + 8 * DAY)
    with pytest.raises(Forbidden, match="stays unanswered"):
        release(cast.officer, published, row, at=NOW + 8 * DAY)


# --- who learns what --------------------------------------------------------------------------------------
def everything(client, who, tender):
    """What a person reads on the pages where a question could show."""
    sign_in(client, who)
    names = ("work", "tenders")
    found = [client.get(reverse(name)).content for name in names]
    found += [client.get(reverse(name, args=[tender.pk])).content for name in ("tender", "questions", "bid")]
    return b"".join(found)


def test_another_vendor_reads_the_same_bytes_however_much_is_asked(client, cast, published, clock):
    nothing = everything(client, cast.rival, published)
    rows = [ask(cast.vendor, published, f"Question {n}?") for n in range(3)]
    draft(cast.officer, rows[0])
    assert _tokenless(everything(client, cast.rival, published)) == _tokenless(nothing)
    assert get(client, cast.rival, "question", rows[0].pk).status_code == 404


def _tokenless(content):
    """Pages without what each request draws anew."""
    content = re.sub(rb'name="key" value="[^"]*', b"", content)
    return re.sub(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]*', b"", content)


def test_the_bank_reads_a_question_without_its_vendor(client, cast, published, clock):
    row = ask(cast.vendor, published, requirement=published.requirements.get(code="R1"))
    for who in (cast.officer, cast.security, cast.approver, cast.auditor):
        for name, key in (("questions", published.pk), ("question", row.pk)):
            text = text_of(get(client, who, name, key))
            assert "Is the peak included?" in text
            assert "Bedrock" not in text
    assert get(client, cast.vendor, "question", row.pk).status_code == 403
    assert get(client, cast.stranger, "question", row.pk).status_code == 404


def test_the_trail_tells_who_asked_once_the_bids_are_open(cast, closed):
    Tender.objects.filter(pk=closed.pk).update(deadline=NOW + 7 * DAY)
    closed.refresh_from_db()
    ask(cast.vendor, closed)
    seen = audit_entries_visible_to(cast.auditor).filter(action="ask question")
    assert AuditEntry.objects.filter(action="ask question").exists()
    assert not seen.exists()
    Tender.objects.filter(pk=closed.pk).update(deadline=NOW)
    closed.refresh_from_db()
    open_bids(cast.officer, closed)
    assert seen.get().actor_name == "Vendor (Bedrock Security)"


def test_the_trail_of_answers_names_no_vendor(cast, published):
    row = ask(cast.vendor, published)
    draft(cast.officer, row)
    release(cast.officer, published, row)
    for entry in AuditEntry.objects.exclude(action="ask question"):
        assert "Bedrock" not in entry.payload + entry.object
    payload = json.loads(AuditEntry.objects.get(action="release answers").payload)
    assert payload["questions"] == {"1": str(row.pk)}


# --- what waits -------------------------------------------------------------------------------------------
def tasks(client, who):
    sign_in(client, who)
    return [task for task in client.get(reverse("work")).context["tasks"] if "nswer" in task.what]


def test_what_waits_shows_with_its_lateness(client, cast, published, clock):
    row = ask(cast.vendor, published, requirement=published.requirements.get(code="R1"))
    (task,) = tasks(client, cast.security)
    assert (task.what, task.due) == ("Answer a question", NOW + 3 * DAY)
    assert tasks(client, cast.business) == []
    assert tasks(client, cast.officer) == []
    clock(NOW + 4 * DAY)
    sign_in(client, cast.security)
    assert client.get(reverse("work")).context["overdue"] == 1
    assert "Overdue" in text_of(get(client, cast.officer, "questions", published.pk))
    draft(cast.security, row)
    assert [task.what for task in tasks(client, cast.officer)] == ["Release answers"]
    assert tasks(client, cast.security) == []


# --- the pages --------------------------------------------------------------------------------------------
def test_it_all_goes_by_the_pages(client, cast, units, published, clock):
    sign_in(client, cast.vendor)
    where = reverse("questions", args=[published.pk])
    empty = client.post(reverse("question-ask", args=[published.pk]), {"text": ""})
    assert empty.status_code == 422
    assert client.post(reverse("question-ask", args=[published.pk]), {"text": "Peak?"}).url == where
    row = Question.objects.get()
    sign_in(client, cast.officer)
    handed = {"route-unit": units["security"].pk, "route-same_as": "", "route-version": row.version}
    assert client.post(reverse("question-route", args=[row.pk]), handed).url == where
    row.refresh_from_db()
    sign_in(client, cast.security)
    answer = {name: WORDS[name] for name in WORDS if isinstance(WORDS[name], str)}
    url = reverse("question-answer", args=[row.pk])
    assert client.post(url, answer | {"answer_en": "", "version": row.version}).status_code == 422
    assert client.post(url, answer | {"version": row.version}).url == reverse("question", args=[row.pk])
    assert client.post(url, answer | {"version": row.version}).status_code == 409
    sign_in(client, cast.officer)
    out = client.post(reverse("questions-release", args=[published.pk]), {"chosen": [row.pk]})
    assert out.url == where
    row.refresh_from_db()
    assert row.number == 1


def test_the_page_asks_as_often_for_three_questions_as_for_one(
    client, cast, published, clock, django_assert_max_num_queries
):
    def counted():
        with django_assert_max_num_queries(60) as found:
            get_page()
        return len(found)

    def get_page():
        assert client.get(reverse("questions", args=[published.pk])).status_code == 200

    ask(cast.vendor, published)
    sign_in(client, cast.officer)
    get_page()
    one = counted()
    for number in range(2):
        ask(cast.rival, published, f"And {number}?")
    assert counted() == one
