"""What companies declare in tests, and how they ask to be let in."""

from bids.actions.companies import ask_registration, declare_company
from bids.queries import latest_profile
from tests.cast import NOW

#: Its checksum is right.
TAX_ID = "04595257"
PASSWORD = "a long pass phrase"
DECLARED = {
    "country": "TW",
    "address": "台北市信義路五段7號",
    "phone": "02-2345-6789",
    "contact": "王大明",
    "email": "wang@bedrock.example",
    "account": "004-123-456789",
    "no_large_owner": False,
    "control": "TW",
    "owners": [{"name": "王大明", "country": "TW", "share": "40"}],
    "subcontractors": [],
    "origins": [],
    "certificates": [{"name": "ISO 27001", "issuer": "BSI", "number": "IS 1", "until": "2027-06-30"}],
}
ASKED = {
    "name": "Newcomer Ltd",
    "tax_id": TAX_ID,
    "country": "TW",
    "person": "Ann New",
    "email": "ann@newcomer.example",
    "phone": "02-1111-2222",
    "words": "Firewalls",
}


def declared(person, at=NOW, **changes):
    last = latest_profile(person.vendor)
    return declare_company(
        actor=person,
        vendor=person.vendor,
        values=DECLARED | changes,
        seen=last.number if last else 0,
        now=at,
    )


def registered(at=NOW, **changes):
    return ask_registration(
        values=ASKED | changes, password=PASSWORD, language="en", address="192.0.2.1", now=at
    )
