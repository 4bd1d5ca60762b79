"""The sheet of requirements and findings: what each bid meets, what was waived, and by whom."""

from django.utils.translation import gettext as _

from bids.evaluation.case import Bid, Claim, Requirement
from bids.exports.draft import Draft
from bids.exports.formulas import counted
from procurement.sheets.writing import text_literal


def write_requirements(draft: Draft) -> None:
    """Write the sheet."""
    plan, findings = draft.plan, draft.plan.requirements
    draft.title(
        plan.sheets.requirements,
        _("Requirements and findings"),
        _("A gate that is neither met nor waived excludes a bid. Verified findings count before claims."),
    )
    _write_heads(draft)
    for row, requirement in enumerate(plan.case.requirements):
        _write_requirement(draft, row, requirement)
    if not plan.case.requirements:
        draft.text(findings, "title", 0, _("There are no requirements."), "cell")
    _validate(draft)
    _paint(draft)
    _write_notes(draft)
    sheet = draft.sheet(plan.sheets.requirements)
    sheet.freeze_panes(findings.top, 2)
    draft.book.set_up_page(sheet, footer=draft.footer, repeat_rows=(findings.top - 1, findings.top - 1))


def _write_heads(draft: Draft) -> None:
    findings = draft.plan.requirements
    titles = {
        "code": _("Code"),
        "title": _("Requirement"),
        "kind": _("Kind"),
        "severity": _("Severity"),
        "gate": _("Gate or scored"),
        "unit": _("Accountable unit"),
        "source": _("Source"),
        "evidence": _("Evidence asked"),
    }
    vendors = {f"b{number}": bid.vendor for number, bid in enumerate(draft.plan.case.bids)}
    draft.heads(findings, titles | vendors)
    narrow = dict.fromkeys(findings.columns, 14.0)
    draft.widths(findings, narrow | {"code": 10, "title": 46, "source": 22, "evidence": 22})


def _write_requirement(draft: Draft, row: int, requirement: Requirement) -> None:
    findings, words = draft.plan.requirements, draft.words
    texts = {
        "code": requirement.code,
        "title": requirement.title,
        "kind": words.requirement_kinds[requirement.kind],
        "severity": words.severities[requirement.severity],
        "gate": words.gate[requirement.mandatory],
        "unit": requirement.unit,
        "source": requirement.source,
        "evidence": requirement.evidence,
    }
    for column, text in texts.items():
        draft.text(findings, column, row, text, "cell", "wrap")
    for number, bid in enumerate(draft.plan.case.bids):
        draft.text(findings, f"b{number}", row, words.findings[finding_of(bid, requirement)], "cell")


def finding_of(bid: Bid, requirement: Requirement) -> str:
    """What counts for a bid: `met`, `waived`, `not_met`, or `silent` where nobody said anything."""
    claim = next((claim for claim in bid.claims if claim.requirement == requirement.code), None)
    if claim is None:
        return "silent"
    if claim.finding:
        return "met"
    if claim.waiver:
        return "waived"
    return "silent" if claim.finding is None else "not_met"


def gates_not_met(draft: Draft, bid: int) -> str:
    """The number of gates that a bid neither meets nor was waived from, as an expression."""
    findings, words = draft.plan.requirements, draft.words
    if not findings.rows:
        return ""
    column, gate = findings.span(f"b{bid}"), findings.span("gate")
    met, waived = text_literal(words.findings["met"]), text_literal(words.findings["waived"])
    return counted(f"{gate}={text_literal(words.gate[True])}", f"{column}<>{met}", f"{column}<>{waived}")


def gates_waived(draft: Draft, bid: int) -> str:
    """The number of gates that a bid was waived from, as an expression."""
    findings, words = draft.plan.requirements, draft.words
    if not findings.rows:
        return ""
    column, gate = findings.span(f"b{bid}"), findings.span("gate")
    waived = text_literal(words.findings["waived"])
    return counted(f"{gate}={text_literal(words.gate[True])}", f"{column}={waived}")


def _validate(draft: Draft) -> None:
    """Offer the words that the formulas know."""
    findings, words = draft.plan.requirements, draft.words
    if not findings.rows:
        return
    sheet = draft.sheet(findings.sheet)
    first, last = findings.top, findings.top + findings.rows - 1
    choices = {"validate": "list", "source": list(words.findings.values())}
    sheet.data_validation(first, findings.columns["b0"], last, max(findings.columns.values()), choices)
    gate = findings.columns["gate"]
    sheet.data_validation(first, gate, last, gate, {"validate": "list", "source": list(words.gate.values())})


def _paint(draft: Draft) -> None:
    """Findings in colour as well as in words."""
    findings, words = draft.plan.requirements, draft.words
    if not findings.rows:
        return
    sheet = draft.sheet(findings.sheet)
    first, last = findings.top, findings.top + findings.rows - 1
    paints = {"met": "ok_wash", "not_met": "no_wash", "silent": "no_wash", "waived": "warn_wash"}
    for finding, style in paints.items():
        rule = {
            "type": "cell",
            "criteria": "==",
            "value": text_literal(words.findings[finding]),
            "format": draft.paint(style),
        }
        sheet.conditional_format(first, findings.columns["b0"], last, max(findings.columns.values()), rule)


def _write_notes(draft: Draft) -> None:
    """Waivers by name, and what was verified against what the vendor said."""
    plan, book = draft.plan, draft.book
    rows = [
        (claim.requirement, note, bid.vendor)
        for bid in plan.case.bids
        for claim in bid.claims
        for note in _notes(claim)
    ]
    if not rows:
        return
    top = plan.requirements.top + max(plan.requirements.rows, 1) + 2
    draft.section(plan.sheets.requirements, top, _("Waivers and corrected claims"), 7)
    sheet = draft.sheet(plan.sheets.requirements)
    for row, (code, note, vendor) in enumerate(rows, top + 1):
        book.write_text(sheet, row, 0, code, "cell")
        book.write_text(sheet, row, 1, note, "cell", "wrap")
        book.write_text(sheet, row, 2, vendor, "cell")


def _notes(claim: Claim) -> list[str]:
    notes = []
    if claim.waiver:
        notes.append(_("Waived by {by}: {reason}").format(by=claim.waiver.by, reason=claim.waiver.reason))
    if claim.verified is not None and claim.met is not None and claim.verified != claim.met:
        found = _("Met") if claim.verified else _("Not met")
        said = _("Met") if claim.met else _("Not met")
        notes.append(_("Verified: {found}; the vendor said: {said}").format(found=found, said=said))
    return notes
