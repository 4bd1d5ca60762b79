"""The clock: set back it pauses bids and raises an alarm, set forward it does neither."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from bids import rules
from procurement import clock
from procurement.models import AuditEntry, ClockMark
from tests.cast import NOW
from tests.secrets import sign_in

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Machine:
    """A machine whose counter runs and whose clock can be set."""

    def __init__(self, monkeypatch):
        self.patch = monkeypatch
        self.name, self.counter, self.ahead = "one", 1000.0, NOW - datetime.fromtimestamp(1000, UTC)
        self.show()

    def show(self):
        self.patch.setattr(timezone, "now", lambda: self.now)
        self.patch.setattr(clock, "_counter", lambda: self.counter)
        self.patch.setattr(clock, "_machine", lambda: self.name)

    @property
    def now(self):
        return datetime.fromtimestamp(self.counter, UTC) + self.ahead

    def passes(self, time):
        """Time goes by; the moment that the site reads then."""
        self.counter += time.total_seconds()
        return clock.read()

    def is_set(self, by):
        """Somebody sets the clock."""
        self.ahead += by
        return clock.read()

    def restarts(self, name="one again"):
        """Another process, on a counter that begins anew."""
        self.ahead += timedelta(seconds=self.counter)
        self.name, self.counter = name, 0.0
        self.another_process()

    def another_process(self):
        self.patch.setattr(clock, "_seen", None)


@pytest.fixture(autouse=True)
def unwatched_clock():
    """Here the clock is watched."""


@pytest.fixture
def machine(monkeypatch):
    monkeypatch.setattr(clock, "_seen", None)
    return Machine(monkeypatch)


def alarms():
    return list(AuditEntry.objects.filter(action="set clock back").order_by("seq"))


def test_a_clock_that_runs_asks_the_database_once_a_minute(machine, django_assert_num_queries):
    machine.passes(SECOND)
    with django_assert_num_queries(0):
        for _ in range(50):
            machine.passes(SECOND)
    for _ in range(50):
        assert clock.behind(machine.passes(SECOND)) == timedelta(0)
    assert NOW + MINUTE < ClockMark.objects.get().at <= machine.now
    assert clock.alarm(machine.now) is None
    assert not alarms()


def test_set_back_it_pauses_and_alarms_once(machine, caplog):
    machine.passes(SECOND)
    before = machine.passes(30 * SECOND)
    now = machine.is_set(-600 * SECOND)
    assert clock.behind(now) == 600 * SECOND
    (entry,) = alarms()
    assert entry.at == now
    assert '"seconds":"600.000"' in entry.payload
    assert "The clock went back by 600.000 s" in caplog.text
    alarm = clock.alarm(now)
    assert (alarm.at, alarm.by, alarm.paused_until) == (now, 600 * SECOND, before)
    machine.passes(90 * SECOND)
    machine.passes(90 * SECOND)
    assert clock.behind(machine.now) == 420 * SECOND
    assert len(alarms()) == 1


def test_it_recovers_when_the_clock_has_caught_up(machine):
    machine.passes(SECOND)
    machine.is_set(-600 * SECOND)
    assert not clock.behind(machine.passes(600 * SECOND))
    alarm = clock.alarm(machine.now)
    assert alarm.paused_until is None
    assert clock.alarm(machine.passes(timedelta(days=8))) is None


def test_it_recovers_when_the_clock_is_put_right(machine):
    machine.passes(SECOND)
    machine.is_set(-600 * SECOND)
    assert not clock.behind(machine.is_set(600 * SECOND))
    assert len(alarms()) == 1


def test_two_seconds_are_forgiven_but_not_again_and_again(machine):
    machine.passes(SECOND)
    assert not clock.behind(machine.is_set(-2 * SECOND))
    for _ in range(5):
        machine.passes(MINUTE)
    assert not alarms()
    machine.is_set(-1 * SECOND)
    assert len(alarms()) == 1


def test_set_forward_it_goes_on_and_the_mark_follows(machine):
    machine.passes(SECOND)
    now = machine.is_set(timedelta(hours=1))
    assert not clock.behind(now)
    assert not alarms()
    assert ClockMark.objects.get().at == now
    back = machine.is_set(timedelta(hours=-1))
    assert clock.behind(back) == timedelta(hours=1)


def test_a_jump_in_a_quiet_hour_is_seen(machine):
    machine.passes(SECOND)
    machine.counter += 3 * 3600
    machine.is_set(timedelta(hours=-1))
    assert clock.behind(machine.now) == timedelta(hours=1)


def test_another_process_knows_and_does_not_alarm_again(machine):
    machine.passes(SECOND)
    machine.is_set(-600 * SECOND)
    machine.another_process()
    assert clock.behind(machine.passes(SECOND)) == 599 * SECOND
    assert len(alarms()) == 1


def test_a_process_that_comes_late_does_not_prolong_the_pause(machine, monkeypatch):
    machine.passes(SECOND)
    old = clock._seen
    machine.is_set(-600 * SECOND)
    machine.passes(500 * SECOND)
    monkeypatch.setattr(clock, "_seen", old)  # a process that has seen nothing since
    assert clock.behind(machine.passes(SECOND)) == 99 * SECOND
    assert len(alarms()) == 1


def test_set_back_while_nothing_ran_it_is_seen_at_the_start(machine):
    machine.passes(SECOND)
    machine.restarts()
    machine.is_set(-600 * SECOND)
    assert clock.behind(machine.now) == 600 * SECOND
    assert len(alarms()) == 1


def test_a_restart_alone_is_none(machine):
    machine.passes(SECOND)
    machine.restarts()
    assert not clock.behind(machine.passes(MINUTE))
    assert not alarms()


def test_two_machines_whose_clocks_agree_live_together(machine):
    machine.passes(SECOND)
    for number in range(6):
        machine.name = f"host {number % 2}"
        machine.another_process()
        assert not clock.behind(machine.passes(20 * SECOND))
    assert ClockMark.objects.count() == 3
    assert not alarms()


def test_a_database_that_fails_stops_no_request(machine, monkeypatch, caplog):
    def fail(*args):
        raise DatabaseError("locked")

    monkeypatch.setattr(clock, "_keep", fail)
    assert machine.passes(SECOND) == machine.now
    assert "The mark of the clock was not kept" in caplog.text


def test_the_clock_can_be_settled_on_record(machine, capsys):
    machine.passes(SECOND)
    machine.is_set(timedelta(days=365))
    machine.is_set(timedelta(days=-365))
    assert clock.behind(machine.now)
    call_command("settle_clock", "A battery was changed; M. Chen looked at it")
    assert not clock.behind(machine.passes(SECOND))
    assert "M. Chen" in AuditEntry.objects.get(action="settle clock").payload
    assert len(alarms()) == 1


# --- what people see ---------------------------------------------------------------------------------------
def test_bids_are_paused_with_the_reason(machine, client, cast, published):
    sign_in(client, cast.vendor)
    url = reverse("bid", args=[published.pk])
    assert client.get(url).context["can_bid"]
    machine.ahead -= 600 * SECOND
    response = client.get(url)
    assert "the server&#x27;s clock went back" in response.content.decode()
    assert not response.context["can_bid"]
    assert client.post(reverse("bid-submit", args=[published.pk]), {"version": 0}).status_code == 403
    verdict = rules.can_bid(cast.vendor, published, machine.now)
    assert "clock went back" in str(verdict.reason)
    machine.counter += 600
    assert client.get(url).context["can_bid"]


@pytest.mark.parametrize(
    ("part", "told"),
    [("officer", True), ("auditor", True), ("administrator", True), ("security", False), ("vendor", False)],
)
def test_those_who_answer_for_the_site_are_told(machine, client, cast, part, told):
    client.force_login(getattr(cast, part))
    assert "clock went back" not in client.get(reverse("work")).content.decode()
    machine.ahead -= 90 * SECOND
    text = client.get(reverse("work")).content.decode()
    assert ("The server’s clock went back" in text) is told
    assert ("by 90 seconds" in text) is told
    assert ("No bids are taken until it shows" in text) is told
    machine.counter += 120
    assert ("bids are taken again" in client.get(reverse("work")).content.decode()) is told


def test_the_real_counter_and_name_are_there():
    assert clock._counter() > 0
    assert 0 < len(clock._machine()) <= 100
