"""A case as a document again: to store, to hand out, and to take its fingerprint of."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from typing import Any

import rfc8785

from bids.evaluation import exact
from bids.evaluation.case import FORMAT, Bid, Case, Mark, Price
from bids.evaluation.tree import tree_of

Document = dict[str, Any]

_PRICE_KEYS = {"marked": ("fixed_price",), "ceiling-linear": ("ceiling", "floor"), "bands": ("bands",)}


def case_file(case: Case) -> Document:
    """The case as a case file that reads back as an equal case; constant defaults are written out."""
    return _document(case, nulls=True)


def document_of(case: Case) -> Document:
    """The case with defaults filled in, null keys dropped and numbers as in the result file.

    This is what the fingerprint is taken of. Defaults that follow from the rest of the case are filled in
    too: the top of a scale, all units of the panel, equal shares.
    """
    document = _document(case, nulls=False)
    scales = tree_of(case).scales
    for node in document["criteria"]:
        if node["code"] in scales:
            node["maximum"] = exact.text(scales[node["code"]])
            node.setdefault("units", list(case.units))
    if case.aggregation == "unit-mean":
        document.setdefault("unit_shares", dict.fromkeys(case.units, "1"))
    return document


def canonical(document: object) -> str:
    """The document in the form of RFC 8785 (JSON Canonicalization Scheme)."""
    return rfc8785.dumps(document).decode()  # type: ignore[arg-type]  # any document of a case is JSON


def fingerprint(case: Case) -> str:
    """`sha256:` and the SHA-256 of the canonical form of `document_of(case)`."""
    document = document_of(case)
    if max("".join(case.units), default="") < "\ue000":
        # Texts and truth values only, and keys whose code points sort as their UTF-16 units do:
        # the json module then writes the canonical form itself, many times faster.
        form = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    else:
        form = canonical(document)
    return "sha256:" + hashlib.sha256(form.encode()).hexdigest()


def _document(case: Case, *, nulls: bool) -> Document:
    document: Document = {"format": FORMAT}
    for field in fields(case):
        name, value = field.name, getattr(case, field.name)
        if name == "bids":
            document["bids"] = [_bid(bid, nulls=nulls) for bid in case.bids]
        elif name == "price":
            document["price"] = _price(case.price)
        elif name == "marked_difference":
            if value is not None:
                document["panel_rules"] = {name: _plain(value)}
        elif value is not None:
            document[name] = _plain(value)
    return document


def _price(price: Price) -> Document:
    keys = _PRICE_KEYS.get(price.formula, ())
    return {"formula": price.formula} | {key: _plain(getattr(price, key)) for key in keys}


def _bid(bid: Bid, *, nulls: bool) -> Document:
    document: Document = {"vendor": bid.vendor, "status": bid.status}
    if nulls or bid.price is not None:
        document["price"] = None if bid.price is None else exact.text(bid.price)
    if bid.reason is not None:
        document["reason"] = bid.reason
    document["claims"] = _plain(bid.claims)
    document["marks"] = [_mark(mark, nulls=nulls) for mark in bid.marks]
    document["consensus"] = _plain(bid.consensus)
    return document


def _mark(mark: Mark, *, nulls: bool) -> Document:
    document: Document = {"member": mark.member, "criterion": mark.criterion}
    if mark.mark is not None:
        document["mark"] = exact.text(mark.mark)
    elif nulls:
        document["mark"] = None
    if mark.comment is not None:
        document["comment"] = mark.comment
    return document


def _plain(value: Any) -> Any:
    """A value of a case as JSON has it, numbers as texts, absent keys left out."""
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, (Fraction, int)):
        return exact.text(Fraction(value))
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    pairs = ((field.name, getattr(value, field.name)) for field in fields(value))
    return {name: _plain(inner) for name, inner in pairs if inner is not None}
