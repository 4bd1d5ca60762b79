"""Passphrases as they are generated and as people type them."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.sealing import passphrases
from bids.sealing.refusals import WrongPassphrase

PHRASE = "abandon ability able about above absent zoo"
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)} | {" ": "　"})


def test_the_list_has_2048_words_that_four_letters_tell_apart():
    words = passphrases.word_list()
    assert len(words) == len(set(words)) == len({word[:4] for word in words}) == 2048
    assert all(re.fullmatch(r"[a-z]{3,8}", word) for word in words)
    assert passphrases.WORDS * math.log2(len(words)) == 77


def test_generated_phrases_have_seven_words_and_differ():
    phrases = {passphrases.generate() for _ in range(50)}
    assert len(phrases) == 50
    assert all(len(phrase.split()) == 7 and passphrases.read(phrase) == phrase for phrase in phrases)
    assert len(passphrases.generate(words=12).split()) == 12


def test_fewer_than_six_words_are_not_generated():
    with pytest.raises(ValueError, match="too few"):
        passphrases.generate(words=5)


@pytest.mark.parametrize(
    "typed",
    [
        PHRASE.upper(),
        PHRASE.title(),
        f"  {PHRASE.replace(' ', '   ')}\r\n",
        PHRASE.replace(" ", "\n"),
        PHRASE.replace(" ", "\t"),
        PHRASE.replace(" ", "-"),
        PHRASE.replace(" ", ", ") + ".",
        PHRASE.replace(" ", "　"),
        PHRASE.replace(" ", "\u00a0"),
        PHRASE.translate(FULL_WIDTH),
        PHRASE.upper().translate(FULL_WIDTH),
        " ".join(f"{place}. {word}" for place, word in enumerate(PHRASE.split(), 1)),
        PHRASE.replace("abandon", "aban\u200bdon\ufeff"),
        PHRASE.replace("able", "áblé"),
    ],
)
def test_forms_of_typing_are_forgiven(typed):
    assert passphrases.read(typed) == PHRASE


@settings(max_examples=60, deadline=None)
@given(
    between=st.lists(st.sampled_from([" ", "  ", "　", "\n", " - ", ", ", "\u00a0"]), min_size=6, max_size=6),
    forms=st.lists(
        st.sampled_from([str, str.upper, str.title, lambda word: word.translate(FULL_WIDTH)]),
        min_size=7,
        max_size=7,
    ),
)
def test_forms_may_be_mixed(between, forms):
    words = [form(word) for form, word in zip(forms, PHRASE.split(), strict=True)]
    typed = "".join(word + sign for word, sign in zip(words, [*between, ""], strict=True))
    assert passphrases.read(typed) == PHRASE


def test_a_word_that_is_not_on_the_list_is_told_by_its_place_and_not_repeated():
    with pytest.raises(WrongPassphrase) as refusal:
        passphrases.read(PHRASE.replace("about", "abuot"))
    assert str(refusal.value) == "Word 4 is not on the word list."
    assert "abuot" not in repr(refusal.value)


@pytest.mark.parametrize(("typed", "count"), [("", 0), ("12 34", 0), ("abandon ability", 2)])
def test_missing_words_are_counted(typed, count):
    with pytest.raises(WrongPassphrase) as refusal:
        passphrases.read(typed)
    assert str(refusal.value) == f"A passphrase has at least 6 words, and {count} were typed."


def test_the_order_of_words_is_not_forgiven():
    assert passphrases.read("zoo absent above about able ability abandon") != PHRASE
