"""Exceptions of the register, asked for, answered, decided and closed."""

from datetime import date, timedelta

from procurement.actions import register
from tests.cast import NOW

TODAY = date(2026, 11, 22)
EXPIRY = TODAY + timedelta(days=90)


def ask(actor, *, owner=None, expires_on=EXPIRY, renews=None, now=NOW, **values):
    asked = {
        "system": "ATM",
        "kind": "port",
        "origin": "Vendor's office",
        "target": "ATM gateway",
        "opening": "TCP 443",
        "reason": "Remote support",
        "risk": "A way in for malware",
        "owner": owner or actor,
        "expires_on": expires_on,
        "tender": None,
        "vendor": None,
    }
    return register.request_entry(actor=actor, values=asked | values, renews=renews, now=now)


def advise(actor, entry, advice="agrees", seen=1):
    entry.refresh_from_db()
    return register.advise(actor=actor, entry=entry, advice=advice, reason="Seen", seen=seen, now=NOW)


def decide(actor, entry, decision="granted", seen=2, now=NOW):
    entry.refresh_from_db()
    return register.decide(actor=actor, entry=entry, decision=decision, reason="Needed", seen=seen, now=now)


def close(actor, entry, seen=3):
    entry.refresh_from_db()
    return register.close(actor=actor, entry=entry, note="Port closed", seen=seen, now=NOW)


def granted(cast, actor, advice="agrees", **values):
    entry = ask(actor, **values)
    advise(cast.security, entry, advice)
    return decide(cast.approver, entry)
