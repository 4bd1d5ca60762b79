"""Keys locked with a secret: officers' keys, vendors' draft keys, and what happens to damaged ones."""

import json

import pytest

from bids.sealing import drafts, locking, officers, suite
from bids.sealing.canonical import canonical
from bids.sealing.locking import COST, Cost
from bids.sealing.refusals import SealRefused, Unopenable, WrongPassphrase

CHEAP = Cost(memory=32, passes=1, lanes=1)
ABOUT = b"the officer Lin"
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)} | {" ": "　"})


@pytest.fixture(scope="module")
def lin():
    return officers.enrol("lin", cost=CHEAP)


def refused(spoil):
    fields = json.loads(locking.lock(b"key", "secret", about=ABOUT, cost=CHEAP))
    spoil(fields)
    return canonical(fields).decode()


# --- locking -----------------------------------------------------------------------------------------------
def test_what_is_locked_is_unlocked_and_does_not_show():
    locked = locking.lock(b"the private key", "secret", about=ABOUT, cost=CHEAP)
    assert locking.unlock(locked, "secret", about=ABOUT) == b"the private key"
    assert b"the private key".hex() not in locked
    assert locked != locking.lock(b"the private key", "secret", about=ABOUT, cost=CHEAP)


def test_the_costs_of_the_site_are_64_mib_three_passes_and_four_lanes():
    assert Cost(memory=64 * 1024, passes=3, lanes=4) == COST
    locked = locking.lock(b"key", "secret", about=ABOUT)
    assert {name: json.loads(locked)[name] for name in ("memory", "passes", "lanes")} == {
        "memory": 65536,
        "passes": 3,
        "lanes": 4,
    }
    assert locking.unlock(locked, "secret", about=ABOUT) == b"key"
    with pytest.raises(WrongPassphrase):
        locking.unlock(locked, "Secret", about=ABOUT)


def test_a_known_key_that_was_locked_once_still_unlocks():
    """What lies in databases has to open with every later release."""
    assert locking.unlock(KEPT, "correct horse", about=ABOUT) == bytes(range(32))


@pytest.mark.parametrize("secret", ["", "secre", "secret ", "Secret", "secret\0"])
def test_another_secret_is_refused_in_plain_words(secret):
    locked = locking.lock(b"key", "secret", about=ABOUT, cost=CHEAP)
    with pytest.raises(WrongPassphrase) as refusal:
        locking.unlock(locked, secret, about=ABOUT)
    assert str(refusal.value) == "What was typed does not unlock this key."


def test_nothing_is_locked_with_nothing():
    with pytest.raises(SealRefused, match="with nothing"):
        locking.lock(b"key", "", about=ABOUT, cost=CHEAP)


def test_another_persons_locked_key_does_not_open():
    locked = locking.lock(b"key", "secret", about=ABOUT, cost=CHEAP)
    with pytest.raises(WrongPassphrase):
        locking.unlock(locked, "secret", about=b"the officer Wang")


@pytest.mark.parametrize("name", ["salt", "nonce", "box"])
def test_an_altered_field_does_not_open(name):
    def spoil(fields):
        fields[name] = ("1" if fields[name][0] == "0" else "0") + fields[name][1:]

    with pytest.raises(WrongPassphrase):
        locking.unlock(refused(spoil), "secret", about=ABOUT)


@pytest.mark.parametrize(("name", "value"), [("memory", 64), ("passes", 2), ("lanes", 2)])
def test_altered_costs_do_not_open(name, value):
    with pytest.raises(WrongPassphrase):
        locking.unlock(refused(lambda fields: fields.update({name: value})), "secret", about=ABOUT)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda fields: fields.update(memory=2**40),
        lambda fields: fields.update(memory=7),
        lambda fields: fields.update(memory="32"),
        lambda fields: fields.update(memory=True),
        lambda fields: fields.update(passes=10**6),
        lambda fields: fields.update(passes=0),
        lambda fields: fields.update(lanes=10**6, memory=2**20),
        lambda fields: fields.update(lanes=0),
        lambda fields: fields.update(format=2),
        lambda fields: fields.update(salt="00"),
        lambda fields: fields.update(nonce="zz"),
        lambda fields: fields.update(box="00"),
        lambda fields: fields.update(box=1),
        lambda fields: fields.update(more="1"),
        lambda fields: fields.pop("salt"),
        lambda fields: fields.pop("format"),
    ],
)
def test_a_damaged_text_is_refused_before_it_costs_anything(spoil):
    with pytest.raises(SealRefused, match="damaged"):
        locking.unlock(refused(spoil), "secret", about=ABOUT)


@pytest.mark.parametrize("text", ["", "null", "[]", "not json", "{}", "\ud800"])
def test_what_is_no_locked_key_is_refused(text):
    with pytest.raises(Unopenable, match="damaged"):
        locking.unlock(text, "secret", about=ABOUT)


# --- officers ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "form", [str, str.upper, lambda typed: f" {typed} ", lambda typed: typed.translate(FULL_WIDTH)]
)
def test_an_officer_unlocks_with_what_was_shown_however_it_is_typed(lin, form):
    private = officers.unlock("lin", public=lin.public, locked=lin.locked, typed=form(lin.passphrase))
    assert suite.public_of(private) == lin.public


def test_an_enrolment_does_not_show_its_secrets(lin):
    assert lin.passphrase not in repr(lin)
    assert len(lin.passphrase.split()) == 7


def test_another_passphrase_and_another_officer_are_refused(lin):
    wang = officers.enrol("wang", cost=CHEAP)
    with pytest.raises(WrongPassphrase):
        officers.unlock("lin", public=lin.public, locked=lin.locked, typed=wang.passphrase)
    with pytest.raises(WrongPassphrase):
        officers.unlock("wang", public=lin.public, locked=lin.locked, typed=lin.passphrase)
    with pytest.raises(WrongPassphrase):
        officers.unlock("lin", public=wang.public, locked=lin.locked, typed=lin.passphrase)


def test_a_key_that_was_put_in_the_place_of_the_enrolled_one_is_found(lin):
    other = suite.new_key_pair()
    swapped = locking.lock(
        other.private, lin.passphrase, about=officers._about("lin", lin.public), cost=CHEAP
    )
    with pytest.raises(Unopenable, match="enrolled"):
        officers.unlock("lin", public=lin.public, locked=swapped, typed=lin.passphrase)


def test_the_drill_passes_with_the_passphrase_only(lin):
    officers.drill("lin", public=lin.public, locked=lin.locked, typed=lin.passphrase)
    wrong = " ".join(reversed(lin.passphrase.split()))
    with pytest.raises(WrongPassphrase):
        officers.drill("lin", public=lin.public, locked=lin.locked, typed=f"zoo {wrong}")


# --- drafts ------------------------------------------------------------------------------------------------
def test_a_draft_opens_for_its_owner_and_in_its_place_only():
    key = drafts.new_key("vendor-1", "Pa ss wörd", cost=CHEAP)
    sealed = drafts.seal(key.public, {"price": "1200000"}, owner="vendor-1", subject="price")
    private = drafts.unlock("vendor-1", key, "Pa ss wörd")
    assert drafts.unseal(private, sealed, owner="vendor-1", subject="price") == {"price": "1200000"}
    assert b"1200000" not in sealed
    for place in ({"owner": "vendor-2", "subject": "price"}, {"owner": "vendor-1", "subject": "answers"}):
        with pytest.raises(Unopenable):
            drafts.unseal(private, sealed, **place)


def test_a_vendors_password_counts_as_it_was_typed():
    key = drafts.new_key("vendor-1", "Pa ss wörd", cost=CHEAP)
    for typed in ("pa ss wörd", "Pa ss word", "Pa  ss wörd"):
        with pytest.raises(WrongPassphrase):
            drafts.unlock("vendor-1", key, typed)
    with pytest.raises(WrongPassphrase):
        drafts.unlock("vendor-2", key, "Pa ss wörd")


def test_a_changed_password_locks_the_same_key_anew():
    key = drafts.new_key("vendor-1", "old", cost=CHEAP)
    sealed = drafts.seal(key.public, ["answers"], owner="vendor-1", subject="answers")
    locked = drafts.lock("vendor-1", drafts.unlock("vendor-1", key, "old"), "new", cost=CHEAP)
    renewed = drafts.DraftKey(public=key.public, locked=locked)
    private = drafts.unlock("vendor-1", renewed, "new")
    assert drafts.unseal(private, sealed, owner="vendor-1", subject="answers") == ["answers"]
    with pytest.raises(WrongPassphrase):
        drafts.unlock("vendor-1", renewed, "old")


#: Locked on 2026-11-22 with ``correct horse`` for ``the officer Lin`` at the cheapest costs.
KEPT = (
    '{"box":"131d378fe28f5a9b900d96b373bc1b4edea390a5955f3d5283d3a3f9cb92bf54aa836fbc1c42dd63b2'
    '6bd4afb783d3bb","format":1,"lanes":1,"memory":32,"nonce":"8615c7c94d8c1ffc460d41fb","passe'
    's":1,"salt":"200411885b0d0735d8cea96c20a2261d"}'
)
