"""Who meets what at every address of the site: worked out from the rules, not from what the site answers.

`ROUTES` has an entry for every URL name. A key may have a second part after a colon: "post" for the POST of a
page whose GET is open to others, or what stands in the address. `tests/test_routes.py` walks all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

#: The stages in the order in which a tender walks through them. Entries name them by their letters.
STAGES = {
    "D": "draft",
    "P": "published",
    "C": "closed",
    "N": "named",
    "O": "opened",
    "M": "marked",
    "L": "locked",
    "R": "priced",
    "K": "ranked",
    "S": "signed",
    "A": "awarded",
    "F": "frozen",
    "X": "cancelled",
}
ALL = "".join(STAGES)

NAMED = "NOMLRKSAFX"
#: The bids are opened; what is known of them stays known when the tender is cancelled.
OPENED = "OMLRKSAF"
READ = OPENED + "X"
LOCKED = "LRKSAF"
PRICED = "RKSAF"
AWARDED = "AF"
#: Before the award.
RUNNING = "DPCNOMLRKS"
#: Waivers are proposed and signed.
WAIVING = "OMLRKS"

#: The security member owns the tender and its requirements, the business one has a seat and owns nothing.
PANEL = ("security", "business")
APPROVERS = ("approver", "next_above", "security_head", "business_head")
#: Those who neither mark nor run a tender, and read marks once they are locked.
OVERSEERS = (*APPROVERS, "auditor")
#: Those who keep the papers.
OFFICE = ("officer", *OVERSEERS)
BANK = (*OFFICE, *PANEL)
#: Members of security that were appointed when the bidders were named: one is recused from the rival's bid,
#: the other is absent and has declared nothing. Before that they know what their colleague knows.
KEPT = ("recused", "undeclared")
#: Members of security; those besides the first read every specification, and no bid by that.
OF_SECURITY = ("security", "colleague", *KEPT)
#: Everybody of the bank but its administrator; the stranger is a member of business with no seat.
STAFF = (*OFFICE, "business", "stranger", *OF_SECURITY)
#: The vendor wins, the rival loses, the outsider never bids.
BIDDERS = ("vendor", "rival")
VENDORS = (*BIDDERS, "outsider")
WALKERS = (*STAFF, "administrator", *VENDORS)

Who = Mapping[str, str]


def at(stages: str, *who: str) -> dict[str, str]:
    """These people, at these stages."""
    return dict.fromkeys(who, stages)


#: At which stages who may know of the tender.
INSIDE = at(ALL, *BANK) | at(NAMED, *KEPT)
KNOWN = INSIDE | at("PCNOMLRKSAFX", *BIDDERS) | at("PC", "outsider")
#: Who reads what it asks: security all of it.
SPECIFIED = KNOWN | at(ALL, "colleague", *KEPT)
#: Pages of the bank alone, whatever stands there.
NOT_THEIRS = at(ALL, "administrator", *VENDORS)


@dataclass(frozen=True)
class Route:
    """Who is let in when, and who is told no (403) because the thing is known; all others get 404.

    What is asked `once` looks at no tender: one stage tells as much as ten.
    """

    let_in: Who
    known: Who
    method: str = "get"
    once: bool = False

    def expected(self, who: str, stage: str) -> str:
        """What the walker should meet."""
        if stage in self.let_in.get(who, ""):
            return "let in"
        return "told no" if stage in self.known.get(who, "") else "nothing there"


def everywhere(*let_in: str, method: str = "get", once: bool = True) -> Route:
    """A route of no tender: open to some, and 403 to all others."""
    return Route(at(ALL, *let_in), at(ALL, *WALKERS), method, once)


def record(*let_in: str, method: str = "get") -> Route:
    """An entry of the register, which the procurement unit proposed: business does not read it."""
    return Route(at(ALL, *let_in), at(ALL, *OFFICE, *OF_SECURITY) | NOT_THEIRS, method, once=True)


def page(let_in: Who, known: Who = KNOWN) -> Route:
    """A page, or a form, of a tender."""
    return Route(let_in, known)


def act(let_in: Who, known: Who = KNOWN) -> Route:
    """A change to a tender: POST only."""
    return Route(let_in, known, "post")


WRITING = at("D", "officer")
#: Who reads the specification of a draft; later nobody is let in.
DRAFTED = at("D", *BANK, "colleague", *KEPT)
NAMING = at("N", "officer")
MEETING = at("OM", "officer")
RANKING = at(PRICED, *BANK)

#: The requirements are all security's, so business reads no answers to them.
ANSWERS = at(READ, *OFFICE, "security")
WAIVERS = ANSWERS | at(PRICED, "business")
MINUTES = at(READ, "officer", *PANEL, *KEPT) | at(LOCKED + "X", *OVERSEERS)
#: 403 while the minutes are closed, 404 while there is no earlier round, or no lots, in them.
BEFORE_MINUTES = KNOWN | at("DPCN", "officer", *PANEL) | at("DPCNOM", *OVERSEERS) | at("N", *KEPT)
LOTS_DRAWN = BEFORE_MINUTES | at("DPCN" + PRICED, "officer", *PANEL) | at("DPCNOM" + PRICED, *OVERSEERS)
#: To what is asked until the bids are opened, to the rival's bid from then on.
OBJECTIONS = at(ALL, *BANK) | at("DPCN", "colleague", *KEPT)
COMPLAINTS = at(AWARDED, *BANK, "rival")
#: The accountable unit, security, reads the promises with its head and with all its members.
PROMISES = at(AWARDED, *BANK, *KEPT, "colleague")
ACCEPTANCE = KNOWN | at(AWARDED, "colleague")
PEOPLE = ("people", "person-new", "person-edit", "unit-new", "unit-edit", "vendor-new", "vendor-edit")
BOARD = ("board", "board-awards", "board-overruled", "board-past-due", "board-workbook")
READERS_OF_LEDGER = (*OFFICE, *OF_SECURITY)

#: Those who open the bids, and what the bank knows from the publication on.
OPENERS = ("officer", "next_above", "auditor")
SINCE = "PCNOMLRKSAFX"
PUBLISHED = at(SINCE, *BANK) | at(NAMED, *KEPT)

OWN_BID = at("PCNOMLRKSAFX", *BIDDERS) | at("PC", "outsider")
#: There is a bid of one's own: the rival's comes in just before the deadline.
SENT = KNOWN | at("CNOMLRKSAFX", "rival") | at("", "outsider")

#: The vendor's question goes to security: all its members answer, with a seat or without.
ROUTED = at("PC", "colleague") | at(SINCE, *KEPT)
ANSWERING = act(at("P", "officer", "security_head", *OF_SECURITY), PUBLISHED | ROUTED | at(SINCE, "vendor"))

ROUTES: dict[str, Route] = {
    # the front door
    "sign-in": everywhere(*WALKERS),
    "sign-out": everywhere(*WALKERS, method="post"),
    **dict.fromkeys(("set-language", "set-theme"), everywhere(*WALKERS, method="post")),
    "password": everywhere(*WALKERS),
    "work": everywhere(*WALKERS, once=False),
    # opening keys
    "opening-officers": page(WRITING),
    "envelope-unlock:technical": act(at("N", *OPENERS)),
    "envelope-unlock:price": act(at("L", *OPENERS)),
    "opening-key": everywhere(*STAFF),
    "opening-key-enrol": everywhere(*STAFF, method="post"),
    "opening-key-drill": everywhere(*STAFF, method="post"),
    # amendments, outages, other opening officers
    "amendments": page(INSIDE),
    "amendment-propose": act(at("P", "officer")),
    "amendment-agree": act(at("P", "approver"), PUBLISHED),
    "amendment-refuse": act(at("P", "approver"), PUBLISHED),
    "amendment-take-back": act(at(SINCE, "officer"), PUBLISHED),
    "outages": everywhere(*OFFICE, "administrator"),
    "outage": everywhere(*OFFICE, "administrator"),
    "outage-record": everywhere("officer", "administrator", method="post"),
    "outage-extend": everywhere("officer", method="post"),
    # Nothing waits for them here.
    **dict.fromkeys(("outage-agree", "outage-refuse", "outage-take-back"), everywhere(method="post")),
    "replacement": page(at("PCNOML", *OPENERS)),
    "replacement-propose": act(at("PCNOML", *OPENERS)),
    "replacement-turn": act(at("PCNOML", *OPENERS), PUBLISHED),
    "replacement-take-back": act(at(SINCE, "officer"), PUBLISHED),
    # for everybody, with or without an account
    "public-tenders": everywhere(*WALKERS),
    "public-tender": page(at(SINCE, *WALKERS), {}),
    "public-specification": page(at(SINCE, *WALKERS), {}),
    "public-package": page(at(SINCE, *WALKERS), {}),
    # questions: the vendor's one waits from the publication on
    "questions": page(PUBLISHED | OWN_BID | ROUTED),
    "question-ask": act(at("P", *VENDORS), KNOWN | ROUTED),
    "questions-release": act(at("P", "officer"), KNOWN | ROUTED),
    "question": page(PUBLISHED | ROUTED, PUBLISHED | at(SINCE, "vendor")),
    **dict.fromkeys(("question-route", "question-answer"), ANSWERING),
    # people
    **dict.fromkeys(PEOPLE, everywhere("administrator")),
    "person-activity": everywhere("administrator", method="post"),
    "trail": everywhere("auditor", once=False),
    "trail-verify": everywhere("auditor", method="post"),
    # catalogues
    "catalogues": everywhere(*STAFF),
    "catalogue": everywhere(*STAFF),
    "catalogue-difference": everywhere(*STAFF),
    "catalogue-template": everywhere(*STAFF),
    "catalogue-new": everywhere("officer", "security_head", *OF_SECURITY),
    "catalogue-upload": everywhere("officer", "security_head", *OF_SECURITY),
    "catalogue-baseline": everywhere("officer", "security_head", *OF_SECURITY, method="post"),
    # the register of exceptions
    "register": everywhere(*STAFF),
    "register-new": everywhere(*(who for who in STAFF if who != "auditor")),
    "register-workbook": everywhere(*STAFF),
    "register-entry": record(*OFFICE, *OF_SECURITY),
    "register-advise": record("security_head", *OF_SECURITY, method="post"),
    "register-decide": record(*APPROVERS, method="post"),
    "register-close": record("officer", method="post"),
    # the ledger of overruled advice
    "ledger": everywhere(*READERS_OF_LEDGER, once=False),
    "ledger-workbook": everywhere(*READERS_OF_LEDGER, once=False),
    "ledger-row": everywhere(*READERS_OF_LEDGER),
    "ledger-row:post": everywhere("security_head", *OF_SECURITY, method="post"),
    # the board's page
    **dict.fromkeys(BOARD, everywhere(*OFFICE, once=False)),
    # companies
    "company": everywhere(*VENDORS),
    "vendor-company": everywhere(*STAFF),
    "relations": page(at(OPENED, *OFFICE)),
    "relations-trace": act(at(OPENED, "officer", "auditor")),
    "vendor-concentration": everywhere(*STAFF),
    "registration-new": everywhere(*WALKERS),
    "registrations": everywhere("officer", "administrator", "auditor"),
    "registration": everywhere("officer", "administrator", "auditor"),
    "registration-decide": everywhere("officer", "administrator", method="post"),
    "invitations": page(INSIDE),
    # open data
    "ocds": page(at(ALL, *OFFICE)),
    "ocds-release": page(at(ALL, *OFFICE)),
    "ocds-import": everywhere("officer"),
    "ocds-extension:extension.json": everywhere(*WALKERS),
    "ocds-extension:release-schema.json": everywhere(*WALKERS),
    # the specification
    "tenders": everywhere(*STAFF, *VENDORS, once=False),
    "tenders-workbook": everywhere(*STAFF, once=False),
    "tender-new": everywhere("officer"),
    "tender-start": everywhere("officer"),
    "template-save": page(at(ALL, "officer"), at(ALL, *WALKERS)),
    "template-delete": everywhere("officer", method="post"),
    "import-template": everywhere("officer"),
    "tender": page(SPECIFIED),
    "tender-edit": page(WRITING),
    "intake": page(at(ALL, *BANK, "colleague", *KEPT), SPECIFIED),
    "intake-answers": page(WRITING, SPECIFIED),
    "intake-explained": page(WRITING, SPECIFIED),
    "intake-take": act(WRITING, SPECIFIED),
    "intake-lower": act(WRITING, SPECIFIED),
    "intake-steps": act(WRITING, SPECIFIED),
    "lowering-answer": act(at("D", "security_head", *OF_SECURITY), at(ALL, *BANK, "colleague", *KEPT)),
    "advisor": page(DRAFTED, DRAFTED),
    "blanks": page(WRITING),
    "builder": page(WRITING),
    "requirements-pick": page(WRITING),
    "requirements-edit": act(WRITING),
    "requirements-order": act(WRITING),
    "weights": page(WRITING),
    "weights-shown": page(WRITING),
    "anchors-give": act(WRITING),
    "tender-import": page(WRITING),
    "import-filled": page(at(ALL, "officer")),
    "profile-file": page(at(ALL, "officer")),
    "profile-import": page(WRITING),
    "requirement-new": page(WRITING),
    "requirement-edit": page(WRITING),
    "requirement-delete": act(WRITING),
    "requirement-move": act(WRITING),
    "criterion-new": page(WRITING),
    "criterion-edit": page(WRITING),
    "criterion-delete": act(WRITING),
    "criterion-move": act(WRITING),
    "seat-new": page(WRITING),
    "seat-edit": page(WRITING, INSIDE),
    "seat-delete": act(WRITING, INSIDE),
    # Security's signature is missing, and its head has signed for the accountable unit.
    "draft-sign-off:security": act(at("D", *OF_SECURITY), SPECIFIED),
    "draft-sign-off:owner": act({}, SPECIFIED),
    "publish": act(WRITING),
    "cancel": act(at(RUNNING, "officer")),
    # submission
    "bid": page(OWN_BID),
    "bid-time": page(OWN_BID),
    "bid:post": act(at("P", *VENDORS)),
    "bid-open": act(OWN_BID),
    "bid-anew": act(OWN_BID),
    # what comes late is answered, too
    "bid-submit": act(at("PCNOMLRKSAF", *BIDDERS) | at("PC", "outsider")),
    "bid-withdraw": act(at("P", "vendor"), SENT),
    "bid-confirm": act({}, SENT),
    "bid-file-add": act(at("P", *VENDORS)),
    "bid-file-remove": act(at("P", "vendor"), KNOWN | at("", "rival", "outsider")),
    "bid-receipt": page(at("PCNOMLRKSAFX", "vendor") | at("CNOMLRKSAFX", "rival"), {}),
    "bid-confirmation": page({}, {}),
    "bid-proof": page(at(READ, *BIDDERS), {}),
    "closing-record": page(at(NAMED, *BANK, *KEPT, *BIDDERS), {}),
    "late-refusal": page(at("CNOMLRKSAFX", "rival"), {}),
    "attachment": page(ANSWERS | at(READ, "recused"), {}),
    # opening
    "opening": page(INSIDE),
    "name-bidders": act(at("C", "officer")),
    "declaration": page(at(NAMED, *PANEL, *KEPT), {}),
    "declaration:post": act(at("N", *PANEL) | at("NO", "undeclared"), at(NAMED, *PANEL, *KEPT)),
    "declaration-settle": act(NAMING, at(NAMED, "officer", "auditor", "recused")),
    "recuse": act(at("NOM", "officer")),
    "recusal-lift": act(NAMING, at(NAMED, *BANK, *KEPT)),
    "member-appoint": act(NAMING),
    "seat-presence": act(at("NOM", "officer"), INSIDE),
    "open-technical": act(NAMING),
    "record-evaluation": page(at("C", "officer")),
    "record-template": page(at("C", "officer")),
    "lock-marks": act(MEETING),
    "open-prices": act(at("L", "officer")),
    # verification and waivers
    "verification": page(at(OPENED, *BANK, *KEPT)),
    "finding-save": act(at("OM", "security"), ANSWERS),
    "not-applicable-accept": act(at("OM", "security"), ANSWERS),
    "bid-exclude": act(at(WAIVING, "officer"), at(READ, *BANK) | at("CNOMLRKSAFX", "rival")),
    "waivers": page(at(OPENED, *BANK, *KEPT)),
    "waiver-new": page(at(WAIVING, "officer", "security"), ANSWERS),
    "waiver": page(WAIVERS, {}),
    "waiver-sign": act(at(WAIVING, "security", *APPROVERS), WAIVERS),
    "waiver-refuse": act(at(WAIVING, "security", *APPROVERS), WAIVERS),
    # marks
    "marks": page(at(OPENED, "officer", *PANEL, *KEPT) | at(LOCKED, *OVERSEERS)),
    "mark-save": act(at("O", *PANEL), KNOWN | at("NX", *KEPT)),
    "marks-submit": act(at("O", *PANEL, "recused")),
    "score-sheet": page(at("O", *PANEL, "recused")),
    "score-sheet-upload": page(at("O", *PANEL, "recused")),
    "first-opinion": act(at("O", "officer")),
    "agreed-save": act(MEETING),
    # differences
    "differences": page(
        at("M" + LOCKED, "officer", *PANEL, "recused") | at(LOCKED, *OVERSEERS, "undeclared")
    ),
    "mark-correct": act(at("M", "security"), KNOWN | at("NOX", "recused") | at("NOMX", "undeclared")),
    "resolutions": page(MINUTES),
    "resolution-new": act(at(WAIVING, "officer")),
    "dissent-new": act(at("MLRKS", *PANEL), at("M" + LOCKED, *BANK)),
    "round": page(at(LOCKED, *BANK), BEFORE_MINUTES),
    "round-case": page(at(LOCKED, *BANK), BEFORE_MINUTES),
    "lots": page(MINUTES),
    "lots-draw": act(at("RKS", "officer")),
    "lots-announce": act(at("RKS", "officer")),
    "lots-seed": act(at("RKS", "officer"), LOTS_DRAWN),
    # decision
    "decision": page(RANKING | at(AWARDED, *BIDDERS)),
    "workbook": page(RANKING),
    "case-file": page(RANKING),
    "result-file": page(RANKING),
    "present": act(at("R", "officer")),
    # objections
    "objections": everywhere(*STAFF, once=False),
    "tender-objections": page(at(ALL, *BANK, "colleague", *KEPT)),
    # While one of those named can answer, nobody else is named.
    "approver-name": page({}),
    "objection-new": page(at(RUNNING, "business", "security_head", *OF_SECURITY), SPECIFIED),
    "objection": page(OBJECTIONS, NOT_THEIRS),
    "objection-file": page(OBJECTIONS, NOT_THEIRS),
    "objection-answer": act(at("DPCNOMLR", "approver"), OBJECTIONS | NOT_THEIRS),
    "objection-statement": act(at(RUNNING, "officer", *PANEL) | at("N", *KEPT), OBJECTIONS | NOT_THEIRS),
    "objection-withdraw": act(at("DPCNOMLR", "security"), OBJECTIONS | NOT_THEIRS),
    "objection-remedy": act(at(WAIVING, "security", "security_head"), OBJECTIONS | NOT_THEIRS),
    # The unit that has to meet a condition, business here, reads that objection with all its members.
    "condition-met": act(
        at(OPENED, "business", "business_head", "stranger"), at(READ, *BANK, "stranger") | NOT_THEIRS
    ),
    # award
    "recommendation": page(at("KS", "officer")),
    "approve": page(at("K", "security_head", "business_head")),
    "award": page(at("S", "approver", "next_above")),
    "complaint-new": page(at(AWARDED, "officer", *BIDDERS)),
    "complaint": page(COMPLAINTS, {}),
    "complaint-answer": act(at("F", "approver", "next_above"), COMPLAINTS),
    # papers
    "papers": page(at(OPENED, *OFFICE) | at(AWARDED, *BIDDERS)),
    "paper:opening-record": page(at(OPENED, *OFFICE)),
    **dict.fromkeys(("paper:minutes", "paper:award-paper"), page(at("KSAF", *OFFICE))),
    "paper:award-notice": page(at(AWARDED, *OFFICE, *BIDDERS)),
    "letter": page(at(AWARDED, *OFFICE, "rival"), at(READ, *BANK) | at("CNOMLRKSAFX", "rival")),
    # promises
    "acceptance": everywhere(*STAFF, *VENDORS, once=False),
    "promises": page(PROMISES | at(AWARDED, "vendor"), ACCEPTANCE),
    **dict.fromkeys(("target-set", "contract-end"), act(at(AWARDED, "officer", "security"), ACCEPTANCE)),
    "live-exception": page(at(AWARDED, "officer", "security"), ACCEPTANCE),
    "go-live": act({}, ACCEPTANCE),
    "promise": page(PROMISES, NOT_THEIRS),
    "promise-plan": act(at(AWARDED, "officer", "security"), PROMISES | NOT_THEIRS),
    # Nobody signs before the award is final, and here it is not.
    "promise-sign": act({}, PROMISES | NOT_THEIRS),
    "sign-off-file": page(PROMISES, NOT_THEIRS),
    # the record of vendors
    **dict.fromkeys(("vendors", "vendor"), everywhere(*STAFF, once=False)),
    "incident-new": everywhere("officer", *OF_SECURITY),
    "incident-close": everywhere("officer", *OF_SECURITY, method="post"),
}
