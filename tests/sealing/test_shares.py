"""The system and two of three officers open; one may be lost; nothing less opens anything."""

from dataclasses import replace
from functools import reduce
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.sealing import officers, shares, suite
from bids.sealing.locking import Cost
from bids.sealing.refusals import SealRefused, Unopenable
from bids.sealing.shares import EnvelopeKey, Half, Officer

CHEAP = Cost(memory=32, passes=1, lanes=1)
UNITS = {"chen": "IT", "lin": "security", "wang": "business"}
ALL_PAIRS = (("chen", "lin"), ("chen", "wang"), ("lin", "wang"))
INFO = b"a bid"


@pytest.fixture(scope="module")
def pairs():
    """Each officer's key pair."""
    return {code: suite.new_key_pair() for code in (*UNITS, "huang")}


@pytest.fixture(scope="module")
def panel(pairs):
    return tuple(Officer(code, unit, pairs[code].public) for code, unit in UNITS.items())


@pytest.fixture(scope="module")
def split(panel):
    return shares.new_key("tender-1", "price", panel)


@pytest.fixture(scope="module")
def bid(split):
    return suite.seal(split.key.public, b"1200000", INFO)


def halves_of(pairs, split, code):
    return shares.open_halves(pairs[code].private, split.halves, officer=code, key=split.key)


def joined(pairs, split, one, other):
    return shares.join(
        split.key, split.system_share, halves_of(pairs, split, one), halves_of(pairs, split, other)
    )


def xor(pieces):
    return reduce(lambda one, other: bytes(a ^ b for a, b in zip(one, other, strict=True)), pieces)


def every_sum(pieces):
    """What one can make of pieces by adding any of them up."""
    return [xor(some) for count in range(1, len(pieces) + 1) for some in combinations(pieces, count)]


def opens(private, split, bid):
    try:
        return suite.public_of(private) == split.key.public and suite.unseal(private, bid, INFO) == b"1200000"
    except SealRefused:
        return False


# --- any two of three --------------------------------------------------------------------------------------
@pytest.mark.parametrize("lost", UNITS)
def test_one_of_three_lost_never_loses_a_bid(pairs, split, bid, lost):
    one, other = (code for code in UNITS if code != lost)
    assert opens(joined(pairs, split, one, other), split, bid)
    assert opens(joined(pairs, split, other, one), split, bid)


@pytest.mark.parametrize("left", UNITS)
def test_two_lost_are_refused_in_plain_words(left):
    with pytest.raises(SealRefused) as refusal:
        shares.standing_pairs(ALL_PAIRS, {left})
    assert str(refusal.value) == (
        "Two officers are needed to open, and too few can still use their keys (1). What is sealed for this "
        "tender stays sealed: nobody can open it, administrators included."
    )


def test_the_pairs_that_still_stand_are_named():
    assert shares.standing_pairs(ALL_PAIRS, {"chen", "wang"}) == (("chen", "wang"),)
    assert shares.standing_pairs(ALL_PAIRS, set(UNITS)) == ALL_PAIRS


def test_the_whole_way_with_passphrases():
    enrolled = {code: officers.enrol(code, cost=CHEAP) for code in UNITS}
    panel = [Officer(code, unit, enrolled[code].public) for code, unit in UNITS.items()]
    split = shares.new_key("tender-1", "technical", panel)

    def session(code):
        keys = enrolled[code]
        private = officers.unlock(code, public=keys.public, locked=keys.locked, typed=keys.passphrase.upper())
        return shares.open_halves(private, split.halves, officer=code, key=split.key)

    private = shares.join(split.key, split.system_share, session("wang"), session("chen"))
    assert suite.public_of(private) == split.key.public


@settings(max_examples=25, deadline=None)
@given(count=st.integers(3, 6), data=st.data())
def test_with_more_officers_any_allowed_two_open(count, data):
    keys = [suite.new_key_pair() for _ in range(count)]
    panel = [Officer(f"officer-{n}", f"unit-{n % 2}", pair.public) for n, pair in enumerate(keys)]
    split = shares.new_key("tender-1", "price", panel)
    assert len(split.halves) == count * (count - 1)
    one, other = data.draw(st.permutations(range(count)))[:2]
    opened = [
        shares.open_halves(keys[n].private, split.halves, officer=panel[n].code, key=split.key)
        for n in (one, other)
    ]
    assert suite.public_of(shares.join(split.key, split.system_share, *opened)) == split.key.public


# --- nothing less ------------------------------------------------------------------------------------------
@settings(max_examples=20, deadline=None)
@given(code=st.sampled_from(sorted(UNITS)))
def test_no_officer_with_the_systems_share_can_rebuild_the_key(pairs, panel, code):
    split = shares.new_key("tender-1", "price", panel)
    bid = suite.seal(split.key.public, b"1200000", INFO)
    pieces = [split.system_share, *(half.value for half in halves_of(pairs, split, code))]
    assert len(pieces) == 3
    assert not any(opens(made, split, bid) for made in every_sum(pieces))


@pytest.mark.parametrize("code", UNITS)
def test_what_one_officer_and_the_system_hold_fits_every_other_key_as_well(pairs, split, code):
    """Whatever key one thinks of, the partner's half could be such that this officer's own pieces make that
    key: so they say nothing about which one it is.
    """
    for own in halves_of(pairs, split, code):
        (partner,) = set(own.pair) - {code}
        imagined = suite.new_key_pair()
        half = Half(partner, own.pair, xor([split.system_share, own.value, imagined.private]))
        key = replace(split.key, public=imagined.public)
        assert shares.join(key, split.system_share, [own], [half]) == imagined.private


@pytest.mark.parametrize("_again", range(5))
def test_all_three_officers_cannot_rebuild_the_key_without_the_systems_share(pairs, panel, _again):
    split = shares.new_key("tender-1", "price", panel)
    bid = suite.seal(split.key.public, b"1200000", INFO)
    pieces = [half.value for code in UNITS for half in halves_of(pairs, split, code)]
    assert len(pieces) == 6
    assert not any(opens(made, split, bid) for made in every_sum(pieces))


def test_the_systems_share_alone_opens_nothing(split, bid):
    assert not opens(split.system_share, split, bid)


def test_pieces_are_drawn_afresh_and_do_not_show(pairs, panel, split):
    again = shares.new_key("tender-1", "price", panel)
    assert again.key.public != split.key.public
    values = [half.value for code in UNITS for half in halves_of(pairs, split, code)]
    assert len({split.system_share, *values}) == 7
    assert str(split.system_share) not in repr(split)
    assert str(values[0]) not in repr(halves_of(pairs, split, "chen"))


# --- wrong pieces ------------------------------------------------------------------------------------------
def test_another_officers_key_is_refused(pairs, split):
    for code, other in (("chen", "lin"), ("lin", "wang"), ("wang", "huang")):
        with pytest.raises(Unopenable, match="does not open with this officer's key"):
            shares.open_halves(pairs[other].private, split.halves, officer=code, key=split.key)


def test_who_is_no_officer_of_this_tender_is_told_so(pairs, split):
    with pytest.raises(SealRefused, match="holds no part"):
        shares.open_halves(pairs["huang"].private, split.halves, officer="huang", key=split.key)


def test_one_officer_twice_is_not_two(pairs, split):
    own = halves_of(pairs, split, "chen")
    with pytest.raises(SealRefused, match="Two different officers"):
        shares.join(split.key, split.system_share, own, own)
    with pytest.raises(SealRefused, match="Two different officers"):
        shares.join(split.key, split.system_share, own, ())


def test_halves_of_two_pairs_do_not_go_together(pairs, split):
    chen = [half for half in halves_of(pairs, split, "chen") if half.pair == ("chen", "lin")]
    wang = halves_of(pairs, split, "wang")
    with pytest.raises(SealRefused, match="Two different officers who may open together"):
        shares.join(split.key, split.system_share, chen, wang)


def test_a_half_that_is_passed_off_as_another_pairs_is_found(pairs, split):
    chen = {half.pair: half.value for half in halves_of(pairs, split, "chen")}
    passed_off = [Half("chen", ("chen", "wang"), chen["chen", "lin"])]
    with pytest.raises(Unopenable, match="do not make this envelope's key"):
        shares.join(split.key, split.system_share, passed_off, halves_of(pairs, split, "wang"))


def test_another_systems_share_is_refused(pairs, panel, split):
    other = shares.new_key("tender-1", "technical", panel)
    for wrong in (other.system_share, bytes(32), b"", split.system_share[:-1], split.system_share + b"\0"):
        with pytest.raises(Unopenable, match="do not make this envelope's key"):
            shares.join(split.key, wrong, halves_of(pairs, split, "chen"), halves_of(pairs, split, "lin"))


@pytest.mark.parametrize("change", [{"tender": "tender-2"}, {"envelope": "technical"}])
def test_halves_of_another_tender_or_envelope_do_not_open(pairs, split, change):
    with pytest.raises(Unopenable, match="this officer's key"):
        shares.open_halves(
            pairs["chen"].private, split.halves, officer="chen", key=replace(split.key, **change)
        )


def test_a_half_moved_to_another_pair_or_key_does_not_open(pairs, panel, split):
    first, second = (half for half in split.halves if half.officer == "chen")
    for moved in (replace(first, pair=second.pair), replace(first, pair=("lin", "chen"))):
        with pytest.raises(Unopenable):
            shares.open_halves(pairs["chen"].private, [moved], officer="chen", key=split.key)
    other = shares.new_key("tender-1", "price", panel)
    with pytest.raises(Unopenable):
        shares.open_halves(pairs["chen"].private, split.halves, officer="chen", key=other.key)


def test_every_altered_byte_of_a_half_is_refused(pairs, split):
    half = next(half for half in split.halves if half.officer == "lin")
    for place in range(len(half.sealed)):
        spoiled = half.sealed[:place] + bytes([half.sealed[place] ^ 1]) + half.sealed[place + 1 :]
        with pytest.raises(Unopenable):
            shares.open_halves(
                pairs["lin"].private, [replace(half, sealed=spoiled)], officer="lin", key=split.key
            )


# --- who may be an officer ---------------------------------------------------------------------------------
def test_by_default_any_two_may_open(panel):
    assert shares.allowed_pairs(panel) == ALL_PAIRS
    assert shares.allowed_pairs(panel, [pair[::-1] for pair in ALL_PAIRS]) == ALL_PAIRS


def test_two_are_too_few_and_nobody_counts_twice(panel):
    for few in ((), panel[:2], (*panel[:2], panel[0]), (*panel, panel[0])):
        with pytest.raises(SealRefused, match="At least 3 different officers"):
            shares.allowed_pairs(few)


def test_not_all_of_one_unit(panel):
    with pytest.raises(SealRefused, match="one unit"):
        shares.new_key("tender-1", "price", [replace(officer, unit="IT") for officer in panel])


@pytest.mark.parametrize("pair", [("chen", "huang"), ("chen", "chen")])
def test_a_pair_consists_of_two_officers(panel, pair):
    with pytest.raises(SealRefused, match="two of the officers"):
        shares.allowed_pairs(panel, [*ALL_PAIRS, pair])


@pytest.mark.parametrize("missing", ALL_PAIRS)
def test_the_loss_of_one_must_leave_a_pair(panel, missing):
    with pytest.raises(SealRefused, match="if one of the officers were lost"):
        shares.allowed_pairs(panel, [pair for pair in ALL_PAIRS if pair != missing])


def test_with_four_officers_only_pairs_of_two_units_may_be_allowed(panel, pairs):
    four = (*panel[:2], replace(panel[2], unit="IT"), Officer("huang", "security", pairs["huang"].public))
    across = [("chen", "lin"), ("chen", "huang"), ("lin", "wang"), ("huang", "wang")]
    split = shares.new_key("tender-1", "price", four, across)
    assert opens(joined(pairs, split, "huang", "wang"), split, suite.seal(split.key.public, b"1200000", INFO))
    with pytest.raises(SealRefused, match="may open together"):
        joined(pairs, split, "chen", "wang")


# --- replacing an officer ----------------------------------------------------------------------------------
def quorum_of(pairs, split, one, other):
    halves = (halves_of(pairs, split, one), halves_of(pairs, split, other))
    return shares.quorum_of(split.key, *halves, check=split.check)


@pytest.fixture(scope="module")
def replaced(pairs, split, panel):
    """Wang lost the passphrase; Chen and Lin bring Huang in."""
    quorum = quorum_of(pairs, split, "chen", "lin")
    successors = (*panel[:2], Officer("huang", "business", pairs["huang"].public))
    return shares.hand_out_anew(split.key, split.system_share, quorum, successors)


@pytest.mark.parametrize("two", [("chen", "lin"), ("chen", "huang"), ("lin", "huang")])
def test_after_a_replacement_the_new_officers_open_the_old_bids(pairs, replaced, bid, two):
    assert opens(joined(pairs, replaced, *two), replaced, bid)


def test_who_was_replaced_opens_nothing_any_more(pairs, split, replaced):
    with pytest.raises(SealRefused, match="holds no part"):
        halves_of(pairs, replaced, "wang")
    with pytest.raises(Unopenable, match="do not make"):
        shares.join(
            split.key,
            replaced.system_share,
            halves_of(pairs, split, "wang"),
            halves_of(pairs, split, "chen"),
        )


def test_a_replacement_never_makes_the_key(monkeypatch, pairs, split, panel):
    """What two officers bring opens nothing: neither their share, nor anything a replacement works out."""
    made = []
    monkeypatch.setattr(
        shares, "_xor", lambda one, other, xor=shares._xor: made.append(xor(one, other)) or made[-1]
    )
    quorum = quorum_of(pairs, split, "chen", "lin")
    shares.hand_out_anew(split.key, split.system_share, quorum, panel)
    bid = suite.seal(split.key.public, b"1200000", INFO)
    assert len(made) == 6
    assert not any(opens(value, split, bid) for value in made)


def test_shares_of_another_key_are_not_handed_out(pairs, split, panel):
    other = shares.new_key("tender-1", "price", panel)
    with pytest.raises(Unopenable, match="do not make"):
        shares.quorum_of(
            split.key, halves_of(pairs, split, "chen"), halves_of(pairs, split, "lin"), check=other.check
        )


def test_a_systems_share_is_wrapped_for_its_tender_envelope_and_key(split):
    key = split.key
    contexts = {
        shares.wrapping_context(each)
        for each in (
            key,
            replace(key, tender="tender-2"),
            replace(key, envelope="technical"),
            EnvelopeKey(key.tender, key.envelope, suite.new_key_pair().public),
        )
    }
    assert len(contexts) == 4
