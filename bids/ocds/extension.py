"""Our own extension of the standard: its description, its schema, and its documentation.

The standard's fields know weights and thresholds of award criteria, but no tree of them, no rules by which
marks become a ranking, no gates with a severity, and no scores. The files lie at a public address of the
site, and every package that is exported names them. What each field means is documented in `docs/ocds.md`.
"""

import json
from typing import Any

#: Where the files lie, below the address of the site.
FOLDER = "ocds/extension/"

#: A number that no binary float may touch: a decimal, or a fraction where no decimal holds it.
_EXACT = r"^-?[0-9]+(\.[0-9]+|/[0-9]+)?$"

Schema = dict[str, object]


def _text(title: str, description: str) -> Schema:
    return {"title": title, "description": description, "type": "string", "minLength": 1}


def _number(title: str, description: str) -> Schema:
    return _text(title, description) | {"pattern": _EXACT}


def _flag(title: str, description: str) -> Schema:
    return {"title": title, "description": description, "type": "boolean"}


def _object(title: str, description: str, /, **properties: Schema) -> Schema:
    return {"title": title, "description": description, "type": "object", "properties": properties}


def _list(title: str, description: str, items: Schema) -> Schema:
    return {"title": title, "description": description, "type": "array", "minItems": 1, "items": items}


def _ref(title: str, description: str, name: str) -> Schema:
    return {"title": title, "description": description, "$ref": f"#/definitions/{name}"}


_NODE = {
    "code": _text("Code", "The code of the criterion in the published specification."),
    "parent": _text("Part of", "The code of the group that the criterion is a part of."),
    "weight": _number("Weight", "The weight as published, weighed against that of its siblings."),
    "points": _number("Effective points", "Weight ÷ the siblings' weights × the points of the group above."),
    "minimum": _number("Minimum", "Points below which a bid is excluded."),
    "maximum": _number("Top of the scale", "The highest mark, where it is not the effective points."),
    "titleEn": _text("Title in English", "What it is called in English."),
}

_ROUND = _object(
    "Rounding",
    "How a figure is rounded.",
    places={"title": "Places", "description": "Decimal places.", "type": "integer", "minimum": 0},
    mode=_text("Mode", "half-up, half-even or down."),
)

_PRICE = _object(
    "Price formula",
    "How a price becomes points.",
    formula=_text("Formula", "The formula, by its name in the documentation."),
    fixedPrice=_flag("Fixed price", "Whether every bid has the same price."),
    ceiling=_number("Ceiling", "The price that gets no points."),
    floor=_number("Floor", "The price that gets all points."),
    bands=_list(
        "Bands",
        "Prices up to and including upTo that no earlier band took get the points.",
        _object(
            "Band",
            "A price band.",
            upTo=_number("Up to", "A price."),
            points=_number("Points", "Its points."),
        ),
    ),
)

_RULES = _object(
    "Evaluation rules",
    "The published rules by which marks and prices become a ranking.",
    method=_text("Method", "How bids are put in order, by its name in the documentation."),
    totalPoints=_number("Total points", "What all criteria add up to."),
    currency=_text("Currency", "The currency of all bids: three letters of ISO 4217."),
    profile=_text("Profile", "Whose rules guard the tender."),
    qualityScale=_text("Quality scale", "absolute, or relative-to-best."),
    aggregation=_text("Aggregation", "How the marks of many members become one."),
    rankScope=_text("Scope of ranks", "passing or all."),
    tiedRank=_text("Rank of equal bids", "competition, dense or average."),
    tieBreak=_list("Ties", "What splits equal bids, in order.", {"type": "string", "minLength": 1}),
    price=_PRICE,
    passMark=_object(
        "Pass mark",
        "The figure that a bid must reach.",
        points=_number("Points", "At least so many."),
        on=_text("On", "total, or quality: everything but the price."),
        rule=_text("Rule", "mean, or majority of the members."),
    ),
    rounding=_object(
        "Rounding",
        "What is rounded before anything compares; what is not named is exact.",
        **dict.fromkeys(("leafPoints", "priceScore", "pricePoints", "total"), _ROUND),
    ),
    systemClass=_text("System class", "1, 2 or 3."),
    fingerprint=_text("Fingerprint", "SHA-256 of the published specification, as it was frozen."),
)

#: Texts of a requirement that come back as they went out, by the names of the site's own columns.
REQUIREMENT_TEXTS = {
    "title_en": "titleEn",
    "why": "why",
    "why_en": "whyEn",
    "pass_test": "passTest",
    "pass_test_en": "passTestEn",
    "evidence_en": "evidenceEn",
    "evidence_level": "evidenceLevel",
}
#: Where a requirement was copied from: said, and not taken over.
REQUIREMENT_ORIGIN = {"catalogue": "catalogue", "catalogue_version": "catalogueVersion", "entry": "entry"}

_REQUIREMENT = _object(
    "Requirement",
    "What the standard's requirement has no field for.",
    kind=_text("Kind", "security, legal or technical."),
    mandatory=_flag("Gate", "Whether a bid that does not meet it is excluded; else it is scored."),
    severity=_text("Severity", "critical, high, medium or low."),
    source=_text("Source", "Where it comes from."),
    evidence=_text("Evidence", "What has to be handed in to show it."),
    evidenceEn=_text("Evidence in English", "The same in English."),
    evidenceLevel=_text("Least evidence", "How good the evidence has to be at least."),
    titleEn=_text("Title in English", "The requirement in English."),
    why=_text("Why", "Why it is asked."),
    whyEn=_text("Why, in English", "The same in English."),
    passTest=_text("Pass test", "When it is met."),
    passTestEn=_text("Pass test in English", "The same in English."),
    catalogue=_text("Catalogue", "The catalogue that it was copied from."),
    catalogueVersion=_text("Edition", "The edition of the catalogue."),
    entry=_text("Entry", "The entry of the catalogue, by its id."),
)

_SCORE = _object(
    "Score",
    "What a bid reached. Given of the awarded bid, and of no other.",
    figure=_number("Figure", "The figure that puts bids in order: points, a price, or a sum of ranks."),
    total=_number("Total", "Its points in all."),
    points=_list(
        "Points",
        "Its points by criterion.",
        _object(
            "Points",
            "Points on a criterion.",
            code=_text("Code", "The criterion."),
            points=_number("Points", "The panel's."),
        ),
    ),
)


def release_schema() -> dict[str, dict[str, Any]]:
    """What the extension adds to the release schema, as the standard's JSON Merge Patch."""
    added = {
        "Tender": {"assayRules": _ref("Evaluation rules", "The published rules.", "AssayRules")},
        "Requirement": {"assayRequirement": _ref("Particulars", "More of it.", "AssayRequirement")},
        "AwardCriterion": {"assayCriterion": _ref("Particulars", "Its place in the tree.", "AssayCriterion")},
        "AwardCriteria": {
            "assayGroups": _list(
                "Groups",
                "The nodes of the criteria tree that have parts.",
                {"$ref": "#/definitions/AssayGroup"},
            )
        },
        "Bid": {"assayScore": _ref("Score", "What it reached.", "AssayScore")},
    }
    kind = _text("Kind", "security, quality or price.")
    title = _text("Title", "What the group is called.")
    return {
        "definitions": {
            **{name: {"properties": properties} for name, properties in added.items()},
            "AssayRules": _RULES,
            "AssayRequirement": _REQUIREMENT,
            "AssayCriterion": _object("Criterion", "A criterion in its tree.", **_NODE, kind=kind),
            "AssayGroup": _object("Group", "A group of criteria.", **_NODE, title=title),
            "AssayScore": _SCORE,
        }
    }


def description(site: str) -> Schema:
    """The file that declares the extension; `site` is the address of the site with its last slash."""
    return {
        "name": {"en": "Assay: weighted security and price", "zh": "Assay：資安與價格加權評選"},
        "description": {
            "en": "Adds the rules of the evaluation, gates with their severity, the tree of award criteria,"
            " and the score of the awarded bid, with exact numbers.",
            "zh": "增加評選規則、資安門檻與其嚴重程度、評選項目的層次，以及得標者的分數；數字皆為精確值。",
        },
        "documentationUrl": {"en": f"{site}{FOLDER}README.md"},
        "compatibility": ["1.1"],
        "schemas": ["release-schema.json"],
    }


_README = """# Assay: weighted security and price

An extension of the Open Contracting Data Standard 1.1. Use it with the extensions bids, lots, requirements
and awardCriteria.

Its numbers are texts: a decimal (`"27.5"`), or a fraction (`"100/3"`) where no decimal holds it.

"""


def readme() -> str:
    """The fields in words, from the schema itself."""
    lines = [_README]
    for name, definition in release_schema()["definitions"].items():
        lines.append(f"## {name}\n\n{definition.get('description', 'New fields:')}\n\n")
        for field, schema in definition["properties"].items():
            lines.append(f"- `{field}`: {schema.get('description', '')}\n")
        lines.append("\n")
    return "".join(lines)


def extension_files(site: str) -> dict[str, str]:
    """The files of the extension by name."""
    return {
        "extension.json": json.dumps(description(site), ensure_ascii=False, indent=1),
        "release-schema.json": json.dumps(release_schema(), ensure_ascii=False, indent=1),
        "README.md": readme(),
    }
