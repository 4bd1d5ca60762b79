"""Sound files with bytes changed, cut and put in: an answer comes, and it is a kind or a refusal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bids.files import FileRefused, Kind, inspect
from tests.files.making import (
    compressed,
    docx_file,
    named,
    on_opening,
    packed,
    parts_of,
    pdf,
    picture,
    xlsx_file,
)

SEEDS = {
    "a.pdf": [pdf(), compressed(pdf()), pdf(on_opening(named(S="/GoTo", D="x")))],
    "a.docx": [docx_file()],
    "a.xlsx": [xlsx_file()],
    "a.png": [picture(), picture(mode="RGBA")],
    "a.jpg": [picture("JPEG"), picture("JPEG", progressive=True)],
}
DAMAGE = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 12),
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from(
                [b"<<", b">>", b"[", b"obj", b"stream", b"/Length 99999999999", b"9" * 30, b"0 0 R"]
            ),
            st.sampled_from(
                [b"PK\x05\x06", b"<!--", b"]]>", b"</", b"\xff\xd8", b"IDAT", b"xref", b"/Prev 0"]
            ),
        ),
    ),
    min_size=1,
    max_size=6,
)


def damaged(content, damage):
    for place, cut, put in damage:
        at = int(place * len(content))
        content = content[:at] + put + content[at + cut :]
    return content


def answers(name, content):
    try:
        return isinstance(inspect(name, content), Kind)
    except FileRefused as refusal:
        return bool(refusal.template % refusal.params)


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_damaged_files_are_answered(name, data):
    content = data.draw(st.sampled_from(SEEDS[name]))
    assert answers(name, damaged(content, data.draw(DAMAGE)))


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx"])
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_archives_with_damaged_parts_are_answered(name, data):
    parts = parts_of(SEEDS[name][0])
    chosen = data.draw(st.sampled_from(sorted(parts)))
    parts[chosen] = damaged(parts[chosen], data.draw(DAMAGE))
    assert answers(name, packed(parts))


@settings(max_examples=80, deadline=None)
@given(
    st.text(max_size=20),
    st.sampled_from([".pdf", ".docx", ".PNG", "", "."]),
    st.sampled_from([content for seeds in SEEDS.values() for content in seeds]),
)
def test_any_name_is_answered(name, ending, content):
    assert answers(name + ending, content)
