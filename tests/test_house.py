"""Checks on the project itself: what lies where, how long it is, what it must not hold, who imports whom."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WINGS = ["procurement", "bids"]
TOP_LEVEL = re.compile(
    r"\..+|Makefile|README\.md|manage\.py|pyproject\.toml|package(-lock)?\.json|requirements[a-z-]*\.(in|txt)"
    r"|procurement|bids|static|tests|docs|LICENSE"
)
LOCKS = ["package.json", "package-lock.json", *(path.name for path in ROOT.glob("requirements*"))]
BUILD = [*LOCKS, "Makefile", "pyproject.toml", ".npmrc", ".pre-commit-config.yaml"]
#: Folders that exist on one machine only; the demo's own address is the one that may be written down.
MACHINE_PATH = re.compile(r"(?<![\w.~>}/-])/(work|root|home|tmp|opt|Users|mnt)/\w")
ADDRESS = re.compile(
    r"(https?://(?!127\.0\.0\.1)|ftp://|file:|git\+|ssh://|\"resolved\"|--(extra-)?index-url|--find-links)"
)
PICTURES = {".png", ".woff2", ".xlsx", ".ico", ".jpg", ".zip", ".pdf", ".xls", ".mo", ".xlsm"}

MAX_FILE, MAX_FUNCTION, MAX_VIEW = 400, 60, 25


def tracked(*patterns):
    """The project's files as git knows them, and those that it is about to know."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted({ROOT / name for name in listing.splitlines() if (ROOT / name).is_file()})


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def text_files():
    return [path for path in tracked() if path.suffix not in PICTURES]


def python_files():
    return [path for path in tracked("*.py") if "migrations" not in path.parts]


def functions_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, node.end_lineno - node.lineno + 1


def limit_of(path, function):
    """A view, known by its folder and its first argument, is a paragraph; other functions may be longer."""
    arguments = [argument.arg for argument in function.args.args if argument.arg != "self"]
    in_views = "views" in path.relative_to(ROOT).with_suffix("").parts
    return MAX_VIEW if in_views and arguments[:1] == ["request"] else MAX_FUNCTION


# --- what lies where ---------------------------------------------------------------------------------------
def test_only_known_things_lie_at_the_top():
    top = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert sorted(name for name in top if not TOP_LEVEL.fullmatch(name)) == []


def test_no_room_without_a_subject():
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "lib"}
    assert [
        name_of(path) for path in python_files() if vague & {path.stem, *path.relative_to(ROOT).parts[:-1]}
    ] == []


def test_nothing_names_a_place_to_download_from():
    files = [*(ROOT / name for name in BUILD), *tracked(".ci")]
    found = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if ADDRESS.search(line)
    ]
    assert found == []


def test_nothing_names_a_folder_of_one_machine():
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:120]}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_every_requirement_is_pinned_with_its_checksum():
    for path in ROOT.glob("requirements*.txt"):
        entries = re.split(r"\n(?=[a-z0-9])", path.read_text(encoding="utf-8"), flags=re.IGNORECASE)[1:]
        assert entries, path.name
        assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_runtime_is_the_same_with_and_without_the_tools():
    def pins(name):
        return set(
            re.findall(r"^([a-z0-9][^ ]*==[^ ]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        )

    assert pins("requirements.txt") - pins("requirements-dev.txt") == set()


def test_every_setting_of_the_environment_is_in_the_example():
    source = (ROOT / "procurement" / "settings.py").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    read = set(re.findall(r"\benv(?:\.\w+)?\(\s*\"([A-Z_]+)\"", source))
    assert read
    assert set(re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE)) == read


# --- how long it is ----------------------------------------------------------------------------------------
def test_no_file_is_too_long():
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {name: size for name, size in sizes.items() if size > MAX_FILE} == {}


def test_no_function_is_too_long():
    assert [
        f"{name_of(path)}:{node.lineno} {node.name}: {length} lines"
        for path in python_files()
        for node, length in functions_of(path)
        if length > limit_of(path, node)
    ] == []


# --- who may import whom -----------------------------------------------------------------------------------
def lint_imports(folder):
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    return subprocess.run(
        [*command, "--no-logo", "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_import_contracts_hold():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("procurement/rules.py", "import bids.choices", "procurement never imports bids"),
        ("procurement/rules.py", "def late():\n    import bids.choices", "procurement never imports bids"),
        ("procurement/choices.py", "import procurement.models", "the floors of both wings"),
        ("bids/evaluation/exact.py", "import django.utils.timezone", "rooms without Django"),
        ("bids/evaluation/exact.py", "import numpy", "exact arithmetic"),
    ],
)
def test_a_broken_contract_is_seen(tmp_path, module, line, contract):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for wing in WINGS:
        shutil.copytree(
            ROOT / wing, tmp_path / wing, ignore=shutil.ignore_patterns("locale", "templates", "__pycache__")
        )
    with (tmp_path / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    assert re.search(rf"{contract}.* BROKEN", result.stdout), result.stdout
