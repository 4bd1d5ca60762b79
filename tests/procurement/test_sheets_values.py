"""Strings that people write are read exactly, or refused with a sentence; nothing is guessed."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.sheets.names import name_key
from procurement.sheets.numerals import fold, read_numeral
from procurement.sheets.values import (
    Answer,
    Standing,
    Unreadable,
    decimal_text,
    means_abstention,
    means_unopened,
    parse_amount,
    parse_answer,
    parse_kind,
    parse_number,
    parse_period,
    parse_severity,
    parse_standing,
    parse_status,
    parse_when,
    parse_yes_no,
)
from tests.procurement.sheet_files import expected, needs_shared


@needs_shared
def test_vendors_written_a_little_differently_are_suggested_for_each_other() -> None:
    for one, other in expected("name_variants"):
        assert name_key(one) == name_key(other)
    assert name_key("磐礎資安") != name_key("磐石資安")


@needs_shared
def test_every_real_amount_is_read() -> None:
    assert len(expected("amounts")) == 16
    for case in expected("amounts"):
        amount = parse_amount(case["text"])
        assert (amount.value, amount.currency) == (Decimal(str(case["value"])), case["currency"]), case


@needs_shared
def test_every_real_mark_is_read() -> None:
    for case in expected("marks_and_scores"):
        meaning = case["meaning"]
        if isinstance(meaning, bool):
            assert parse_answer(case["text"]) is (Answer.YES if meaning else Answer.NO)
        else:
            exact = {
                key: Decimal(str(value)) if isinstance(value, float) else value
                for key, value in meaning.items()
            }
            assert parse_standing(case["text"]) == Standing(**exact)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("新臺幣伍拾肆萬玖仟伍佰元整（NT$549,500）", "549500", "TWD"),
        ("1,850 萬元", "18500000", "TWD"),
        ("貳佰萬捌仟元整", "2008000", "TWD"),
        ("零億壹仟貳佰參拾肆萬伍仟陸佰柒拾捌元整", "12345678", "TWD"),
        ("貳佰伍拾零萬零仟參佰零拾伍圓整", "2500305", "TWD"),
        ("十萬五千元", "105000", "TWD"),
        ("一萬零五元", "10005", "TWD"),
        ("廿五萬元", "250000", "TWD"),
        ("三兆元", "3000000000000", "TWD"),
        ("３．５億", "350000000", "TWD"),
        ("3千5百萬元", "35000000", "TWD"),
        ("１，４７０，０００元", "1470000", "TWD"),
        ("新台幣 1,470， 000 元正", "1470000", "TWD"),
        ("壹佰元伍角整", "100.5", "TWD"),
        ("負壹佰元", "-100", "TWD"),
        ("−12,915,224元", "-12915224", "TWD"),
        ("總價：新臺幣245萬元(含稅)", "2450000", "TWD"),
        ("NT$ 15,460,000", "15460000", "TWD"),
        ("500元(TWD)", "500", "TWD"),
        ("＄500", "500", "TWD"),
        ("$500", "500", None),
        ("2595000", "2595000", None),
        ("0.125", "0.125", None),
        ("US$1,200.50", "1200.50", "USD"),
        ("美金 1,200 元", "1200", "USD"),
        ("5000円", "5000", "JPY"),
        ("人民幣500元", "500", "CNY"),
        ("€1.470,00", "1470", "EUR"),
        ("1.470.000 EUR", "1470000", "EUR"),
        ("EUR 1 470 000", "1470000", "EUR"),
        ("CHF 1'470'000.50", "1470000.50", "CHF"),
        ("1,5 Euros", "1.5", "EUR"),
        ("1470,- €", "1470", "EUR"),
        ("3.5 million", "3500000", None),
        ("0", "0", None),
        ("123456789012345678901234567890元", "123456789012345678901234567890", "TWD"),
    ],
)
def test_amounts(text: str, value: str, currency: str | None) -> None:
    amount = parse_amount(text)
    assert (amount.value, amount.currency) == (Decimal(value), currency)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Nothing is written"),
        ("元", "not an amount"),
        ("三萬五", "two ways"),
        ("兩百五十元到三百元", "not one exact amount"),
        ("一千五元", "two ways"),
        ("1億5千元", "two ways"),
        ("5萬5元", "two ways"),
        ("萬元", "not a well-formed"),
        ("五五百元", "not a well-formed"),
        ("1.5萬300元", "not a well-formed"),
        ("1萬12345元", "not a well-formed"),
        ("三萬五億元", "not a well-formed"),
        ("約350萬", "not one exact amount"),
        ("350萬以上", "not one exact amount"),
        ("350萬~400萬", "not one exact amount"),
        ("100-200", "not one exact amount"),
        ("350萬元（未稅）", "does not include tax"),
        ("(1,234)", "brackets"),
        ("NT$549,500(伍拾肆萬玖仟元)", "differ"),
        ("1.470元", "thousands or decimals"),
        ("€1.470", "thousands or decimals"),
        ("1,4700元", "groups of three"),
        ("12,34,567", "groups of three"),
        ("1,47元", "groups of three"),
        ("01,234", "groups of three"),
        ("NT$ 5 USD", "two currencies"),
        ("¥5000", "JPY or CNY"),
        ("--5", "not an amount"),
        ("12%", "not a number"),
        ("5e5", "not a number"),
        ("1,470,,000", "not a number"),
        ("5²", "not a number"),
        ("٣٤", "not a number"),
        ("=1+1", "not a number"),
        ("5 pcs", "not a number"),
        ("9" * 31, "more than 30 digits"),
        ("9" * 30 + "兆", "more than 30 digits"),
        ("9" * 500, "too long"),
    ],
)
def test_amounts_that_are_refused(text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says) as refusal:
        parse_amount(text)
    assert refusal.value.template % refusal.value.params == str(refusal.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("８５．５", "85.5"),
        ("85.125", "85.125"),
        ("85.5 分", "85.5"),
        ("1,000", "1000"),
        ("八十五", "85"),
        ("−3", "-3"),
    ],
)
def test_numbers(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "-", "--3", "85,5", "1E5", "35%", "NaN", "八十五分半", "1 2"])
def test_numbers_that_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_number(text)


def test_a_percentage_is_read_where_it_is_expected() -> None:
    assert parse_number("35 ％", percent=True) == 35


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("-0.00", "0"),
        ("1E+5", "100000"),
        ("100.50", "100.5"),
        ("924998.40", "924998.4"),
        ("-3.10", "-3.1"),
        ("100", "100"),
    ],
)
def test_numbers_come_out_as_a_case_file_writes_them(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            Answer.YES,
            ["符合", "是", "Ｖ", "v", "✓", "○", "TRUE", "Yes", "met", "■合格□不合格", "■是□否", "1"],
        ),
        (
            Answer.NO,
            ["不 符", "不符合", "否", "x", "✗", "False", "Not met", "non-compliant", "□合格■不合格", "0"],
        ),
        (Answer.NOT_APPLICABLE, ["不適用", "N/A", "n.a.", "－", "□符合□不符合■不適用"]),
    ],
)
def test_answers(answer: Answer, words: list[str]) -> None:
    assert {word: parse_answer(word) for word in words} == dict.fromkeys(words, answer)


@pytest.mark.parametrize("text", ["", "maybe", "符合?", "■是■否", "□是□否", "部分符合", "2"])
def test_answers_that_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_answer(text)


def test_words_for_choices() -> None:
    assert [parse_severity(word) for word in ("重大", "High", "中", "低")] == [
        "critical",
        "high",
        "medium",
        "low",
    ]
    assert [
        parse_kind(word, ("security", "legal", "technical")) for word in ("資安", "法遵", "Technical")
    ] == [
        "security",
        "legal",
        "technical",
    ]
    assert [parse_status(word) for word in ("有效", "撤回", "不合格標")] == ["valid", "withdrawn", "excluded"]
    assert [parse_yes_no(word) for word in ("必要項", "評分項", "是", "no")] == [True, False, True, False]
    assert means_abstention("不評")
    assert means_abstention("Abstain")
    assert not means_abstention("0")
    assert means_unopened("未開標")
    assert not means_unopened("免費")


def test_words_out_of_place_are_refused() -> None:
    with pytest.raises(Unreadable, match="security, legal"):
        parse_kind("價格", ("security", "legal"))
    for reader in (parse_severity, parse_status, parse_yes_no):
        with pytest.raises(Unreadable):
            reader("不適用")


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        ("序位第十二", Standing(rank=12)),
        ("序位第2名/總評分80.1分", Standing(rank=2, score=Decimal("80.1"))),
        ("總評分為552，序位合計值為28", Standing(total=Decimal(552), rank_sum=Decimal(28))),
        ("合計總評分600.5(商數:299,000.5)", Standing(total=Decimal("600.5"), quotient=Decimal("299000.5"))),
        ("未達合格分數80分", Standing(ranked=False)),
    ],
)
def test_standings(text: str, standing: Standing) -> None:
    assert parse_standing(text) == standing


@pytest.mark.parametrize("text", ["1/598", "序位1.5", "得標", "序位第一或第二"])
def test_standings_that_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_standing(text)


_DIGITS, _PLACES = "零壹貳參肆伍陸柒捌玖", ("", "拾", "佰", "仟")


def written_out(number: int) -> str:
    """The number in formal numerals, by the rule of writing: 零 once where places are skipped."""
    words, skipped = "", False
    for section, unit in ((number // 10**8, "億"), (number // 10**4 % 10**4, "萬"), (number % 10**4, "")):
        for place in (3, 2, 1, 0):
            digit = section // 10**place % 10
            if digit:
                words += ("零" if skipped and words else "") + _DIGITS[digit] + _PLACES[place]
            skipped = not digit
        words += unit if section else ""
    return words


@given(st.integers(1, 10**12 - 1))
@settings(max_examples=300, deadline=None)
def test_every_number_written_out_is_read_back(number: int) -> None:
    assert read_numeral(written_out(number)) == number


@given(st.decimals(0, 10**15, places=2), st.sampled_from([",", " ", "'"]))
@settings(max_examples=200, deadline=None)
def test_every_number_with_separators_is_read_back(number: Decimal, separator: str) -> None:
    assert parse_amount(f"{number:,}".replace(",", separator)).value == number
    european = f"{number:,}".translate(str.maketrans(",.", ".,"))
    assert parse_amount(european + " EUR").value == number


_SIGNS = [
    *"0123456789,.  -+＄$元整零壹貳參十百千萬億()%年月日/:～１２上午下午v✓□■",
    "NT$",
    "民國",
    "EUR",
    "序位",
]
READERS = (
    parse_amount,
    parse_number,
    parse_when,
    parse_period,
    parse_answer,
    parse_yes_no,
    parse_standing,
    fold,
)


@given(st.lists(st.sampled_from(_SIGNS), max_size=14).map("".join) | st.text(max_size=20))
@settings(max_examples=600, deadline=None)
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    refusals = []
    for reader in READERS:
        try:
            reader(text)
        except Unreadable as refusal:
            refusals.append(str(refusal))
    assert all(refusals)
