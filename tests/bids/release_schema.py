"""The standard's schemas with every extension that our releases name, for tests: no network."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft4Validator, FormatChecker

from bids.ocds import EXTENSIONS, extension_files

STANDARD = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "standards" / "ocds"
PATCHED = STANDARD / "patched-release-schema-1.1+bids+lots+requirements+awardCriteria.json"
SITE = "https://assay.example/"


def patched(document, patch):
    """JSON Merge Patch (RFC 7396), by which extensions change the schema."""
    merged = dict(document)
    for key, value in patch.items():
        inner = merged.get(key)
        merged[key] = (
            patched(inner if isinstance(inner, dict) else {}, value) if isinstance(value, dict) else value
        )
    return merged


def read(text):
    """A document whose numbers are no binary floats."""
    return json.loads(text, parse_float=Decimal)


def release_schema():
    if not PATCHED.exists():
        pytest.skip("the standard's schemas (shared/data/standards/ocds) are not beside this checkout")
    schema = json.loads(PATCHED.read_text(encoding="utf-8"))
    opening = STANDARD / "extensions" / "ocds_bidOpening_extension" / "master" / "release-schema.json"
    for patch in (opening.read_text(encoding="utf-8"), extension_files(SITE)["release-schema.json"]):
        schema = patched(schema, json.loads(patch))
    return schema


def problems(package):
    """What is wrong with a release package: by the package schema, its releases by the patched one.

    Fields that no schema knows are wrong, too: the standard's own schemas let anything pass.
    """
    schema = release_schema()
    outer = json.loads((STANDARD / "schema-1.1" / "release-package-schema.json").read_text(encoding="utf-8"))
    outer["properties"]["releases"]["items"] = {}
    found = list(Draft4Validator(outer, format_checker=FormatChecker()).iter_errors(package))
    for one in package["releases"]:
        found += Draft4Validator(schema, format_checker=FormatChecker()).iter_errors(one)
    said = [f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:200]}" for fault in found]
    return said + [
        f"{path}: unknown" for one in package["releases"] for path in unknown(one, schema, schema, "")
    ]


def unknown(value, schema, root, path):
    """Paths of fields that the schema does not name."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        for place, inner in enumerate(value):
            yield from unknown(inner, schema.get("items", {}), root, f"{path}[{place}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for key, inner in value.items():
            if key not in known:
                yield f"{path}.{key}"
            else:
                yield from unknown(inner, known[key], root, f"{path}.{key}")


def registered():
    """The addresses of extensions in the standard's registry."""
    rows = (STANDARD / "extension_registry" / "extension_versions.csv").read_text(encoding="utf-8")
    return {address for address in EXTENSIONS if address.removesuffix("extension.json") in rows}
