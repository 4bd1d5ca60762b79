"""Checks on what people read: all of it translated, and no style or script inside a page."""

import ast
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bids import choices as bids_choices
from procurement import choices as procurement_choices

ROOT = Path(__file__).resolve().parents[1]
WINGS = ["procurement", "bids"]
LANGUAGE = "zh_Hant"

TEMPLATES = sorted(path for wing in WINGS for path in (ROOT / wing / "templates").rglob("*.html"))
LETTERS = TEMPLATES + sorted(path for wing in WINGS for path in (ROOT / wing / "templates").rglob("*.txt"))
CATALOGUES = [ROOT / wing / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po" for wing in WINGS]

#: Names that are the same in every language, the languages' own names, tiers, and the ending of a file.
UNTRANSLATED = {"Assay", "English", "中文", "繁體中文", "EN", "中", "A", "B", "C", "docx"}
READ_ALOUD = {
    "title",
    "aria-label",
    "aria-description",
    "aria-valuetext",
    "aria-roledescription",
    "placeholder",
    "alt",
    "label",
}
#: What stands in these is no language: keys, codes, script.
SILENT = {"script", "style", "kbd", "code", "pre"}
LETTER = re.compile(r"[^\W\d_]")

_TRANSLATED = re.compile(r"{%-?\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
_COMMENT = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}", re.DOTALL)
_TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
#: Tags whose literals are names of files, addresses and values, or are translated as they stand.
_SILENT_TAG = re.compile(
    r"{%-?\s*(?:translate|trans|url|static|load|extends|block|if|elif|ifchanged|querystring|countdown|get_\w+)\b"
)
#: A literal for a filter or another tag: `|default:"Nobody"`, `with label="Price"`. Patterns of dates and
#: arguments of `_()` are none.
_LITERAL = re.compile(r"""(?<!date:)(?<!time:)(?<!_\()"([^"]*)\"""")


def speaks(text):
    """Whether a piece of text has letters that are no known name."""
    words = re.findall(r"\w+", text)
    return any(LETTER.search(word) and word not in UNTRANSLATED for word in words)


def reads_like_a_text(literal):
    """Whether a literal is more than the name of a class or a value: it has a capital, a space or Chinese."""
    return speaks(literal) and not re.fullmatch(r"[a-z0-9_./:#&=-]*", literal)


class Faults(HTMLParser):
    """Collects text outside translation, and style and script inside the page, each with its line."""

    def __init__(self, source):
        super().__init__()
        self.texts, self.inline = [], []
        self._silent = 0
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        line = self.getpos()[0]
        values = dict(attrs)
        if tag == "style" or "style" in values or any(name.startswith(("on", "hx-on")) for name in values):
            self.inline.append(f"{line}: <{tag}> with style or script of its own")
        if tag == "script" and "src" not in values:
            self.inline.append(f"{line}: <script> without a file")
        if any((value or "").strip().startswith(("javascript:", "js:")) for value in values.values()):
            self.inline.append(f"{line}: script in an attribute of <{tag}>")
        self._silent += tag in SILENT
        spoken = READ_ALOUD | ({"value"} if values.get("type") in {"submit", "button", "reset"} else set())
        self.texts += [
            f"{line}: {name}={values[name]!r}" for name in spoken & set(values) if speaks(values[name] or "")
        ]

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        self._silent -= tag in SILENT

    def handle_data(self, data):
        # An attribute that a template hands to a block of its base stands here as if it were text.
        if not self._silent and speaks(data) and not re.fullmatch(r"data-[\w-]+", data.strip()):
            self.texts.append(f"{self.getpos()[0]}: {' '.join(data.split())!r}")


def without(pattern, source):
    """The source with every match gone but its line feeds kept, so that line numbers stay right."""
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), source)


def faults_of(source):
    source = without(_TRANSLATED, without(_COMMENT, source))
    faults = Faults(without(_TAG, source))
    for tag in _TAG.finditer(source):
        if not _SILENT_TAG.match(tag[0]):
            line = source.count("\n", 0, tag.start()) + 1
            faults.texts += [
                f"{line}: {text!r}" for text in _LITERAL.findall(tag[0]) if reads_like_a_text(text)
            ]
    return faults


def read_catalogue(path):
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def listed(path, faults):
    return [f"{path.relative_to(ROOT).as_posix()}:{fault}" for fault in faults]


# --- the checks check --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "source",
    [
        "<p>Price</p>",
        "<p>{{ price }} points</p>",
        "<p>價格</p>",
        '<a title="Open" href="x"></a>',
        '<input type="submit" value="Save">',
        '{{ name|default:"Nobody" }}',
        '{% chip "ok" "is met" %}',
        '{% include "x.html" with label="Price" %}',
    ],
)
def test_text_outside_translation_is_seen(source):
    assert faults_of(source).texts


@pytest.mark.parametrize(
    "source",
    [
        '<p>{% translate "Price" %}</p>',
        "<p>{% blocktranslate %}Price <b>{{ x }}</b>{% endblocktranslate %}</p>",
        '<a title="{% translate "Open" %}" class="link" href="{% url "work" %}">{{ name }} · 12 %</a>',
        "{# Price #}<title>Assay</title>",
        '<input type="text" value="a">{{ price|default:"–" }}',
        '{{ at|date:"j M Y" }}{{ look|default:"btn-line" }}',
        '{% chip "ok" _("Met") %}{% if stage == "Any" %}{% endif %}',
    ],
)
def test_translated_text_is_let_through(source):
    assert faults_of(source).texts == []


@pytest.mark.parametrize(
    "source",
    [
        '<p style="color:red">',
        "<style>p{}</style>",
        "<script>go()</script>",
        '<button onclick="go()">',
        '<a href="javascript:go()">',
        '<b hx-on:click="go()">',
    ],
)
def test_inline_style_and_script_are_seen(source):
    assert faults_of(source).inline


# --- the pages ---------------------------------------------------------------------------------------------
def test_there_are_templates():
    assert TEMPLATES


def test_no_text_stands_in_a_template_untranslated():
    found = [
        fault for path in LETTERS for fault in listed(path, faults_of(path.read_text(encoding="utf-8")).texts)
    ]
    assert not found, "\n".join(found)


def test_no_template_carries_style_or_script():
    found = [
        fault
        for path in TEMPLATES
        for fault in listed(path, faults_of(path.read_text(encoding="utf-8")).inline)
    ]
    assert not found, "\n".join(found)


# --- the catalogues ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", CATALOGUES, ids=WINGS)
def test_every_message_is_translated(path):
    catalogue = read_catalogue(path)
    assert not catalogue.fuzzy, "take the fuzzy mark off the head of the catalogue, or nothing in it is used"
    messages = [message for message in catalogue if message.id]
    assert messages
    assert [
        message.id
        for message in messages
        if not (all(message.string) if message.pluralizable else message.string)
    ] == []
    assert [message.id for message in messages if message.fuzzy] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=WINGS)
def test_translations_use_the_same_variables(path):
    def variables(text):
        return set(re.findall(r"%\(\w+\)[a-z]|{\w+}", text))

    for message in read_catalogue(path):
        if not message.id:
            continue
        ids, strings = ([x] if isinstance(x, str) else list(x) for x in (message.id, message.string))
        wanted = set().union(*map(variables, ids))
        assert [text for text in strings if variables(text) != wanted] == [], message.id


def test_every_action_of_the_trail_has_its_words():
    files = [path for wing in WINGS for path in (ROOT / wing).rglob("*.py")]
    named = {
        keyword.value.value
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "record"
        for keyword in node.keywords
        if keyword.arg == "action" and isinstance(keyword.value, ast.Constant)
    }
    assert len(named) > 15
    assert named - {*procurement_choices.ACTIONS, *bids_choices.ACTIONS} == set()


@pytest.mark.parametrize("wing", WINGS)
def test_every_text_of_the_code_is_in_the_catalogue(wing, tmp_path):
    if not shutil.which("xgettext"):
        pytest.skip("no GNU gettext: install Debian's package gettext")
    shutil.copytree(ROOT / wing, tmp_path / wing, ignore=shutil.ignore_patterns("locale", "__pycache__"))
    (tmp_path / wing / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", LANGUAGE, "--verbosity", "0"]
    subprocess.run(
        command, cwd=tmp_path / wing, check=True, capture_output=True, env={"PATH": os.environ["PATH"]}
    )
    fresh = read_catalogue(tmp_path / wing / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po")
    kept = read_catalogue(ROOT / wing / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po")

    def texts(catalogue):
        return {(message.context, message.id) for message in catalogue if message.id}

    assert sorted(map(str, texts(fresh) - texts(kept))) == [], "run `make messages` and translate"
    assert sorted(map(str, texts(kept) - texts(fresh))) == [], (
        "run `make messages`: nobody says these any more"
    )
