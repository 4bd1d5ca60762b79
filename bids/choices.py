"""Closed lists of the bids wing."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy


class BidStatus(models.TextChoices):
    """Whether a bid takes part (case file, Bids)."""

    VALID = "valid", _("Valid")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXCLUDED = "excluded", _("Excluded")


class Answer(models.TextChoices):
    """What a vendor says to a requirement. Silence counts as not met; so does "not applicable"."""

    MET = "met", _("Met")
    NOT_MET = "not_met", _("Not met")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


class Evidence(models.TextChoices):
    """What stands behind an answer, weakest first. "Verified" is the bank's own test, no vendor's word."""

    CLAIMED = "claimed", _("Claimed")
    ATTESTED = "attested", _("Attested")
    TESTED = "tested", _("Independently tested")
    VERIFIED = "verified", _("Verified by us")


#: What a vendor may say of its own answer; that the bank tested it is for the bank to say.
OFFERED_EVIDENCE = (Evidence.CLAIMED, Evidence.ATTESTED, Evidence.TESTED)

#: Levels that somebody must be able to look up, and that are good until a day.
DATED_EVIDENCE = frozenset({Evidence.ATTESTED, Evidence.TESTED, Evidence.VERIFIED})


class Absence(models.TextChoices):
    """Why a member gave no number: both leave the mean, and neither is a 0 or a missing mark."""

    ABSTAINED = "abstained", _("Abstained")
    NOT_MY_FIELD = "not_my_field", _("Not my field")


class Ground(models.TextChoices):
    """Why a member has an interest in a bidder (審議規則 §14; 採購法 §15)."""

    SELF = "self", _("An interest of one's own")
    SPOUSE = "spouse", _("An interest of the spouse or partner")
    KIN = "kin", _("An interest of kin to the second degree")
    EMPLOYMENT = "employment", _("Employment or agency within three years")
    OTHER = "other", _("Another ground for doubt")


class DeclarationOutcome(models.TextChoices):
    """What the officer did with a declared interest."""

    RECUSED = "recused", _("Recused")
    ASKED = "asked", _("Asked again")


class ResolutionKind(models.TextChoices):
    """What the panel decided, by a majority of those present and never by itself."""

    KEEP = "keep", _("Keep the marks")
    CORRECTED = "corrected", _("Members corrected their own marks")
    AGREED = "agreed", _("An agreed mark takes the place of the marks")
    REMOVE = "remove", _("Remove one member's result and count again")
    REDO = "redo", _("Scrap the marks and evaluate again")
    LOTS = "lots", _("Draw lots")
    RECOMMEND = "recommend", _("Recommend a bid for award")
    NO_AWARD = "no_award", _("No award")


class SubmissionKind(models.TextChoices):
    """What a vendor handed in: a bid (again), or its withdrawal."""

    BID = "bid", _("Bid")
    WITHDRAWAL = "withdrawal", _("Withdrawal")


class Envelope(models.TextChoices):
    """The two envelopes of a bid: the price is opened last. Values as in `bids.sealing.parts`."""

    TECHNICAL = "technical", _("Technical envelope")
    PRICE = "price", _("Price envelope")


class AmendmentKind(models.TextChoices):
    """What an amendment is about; only changed documents ask for a bid to be confirmed."""

    EXTENSION = "extension", _("Later deadline")
    OUTAGE = "outage", _("Later deadline after an outage")
    DOCUMENTS = "documents", _("Documents changed or made clear")


class Decided(models.TextChoices):
    """What came of a proposal that needs two people."""

    AGREED = "agreed", _("Agreed")
    REFUSED = "refused", _("Refused")
    TAKEN_BACK = "taken_back", _("Taken back")


class AmendmentState(models.TextChoices):
    """Where a proposed amendment stands; computed, never stored."""

    WAITS = "waits", _("Waits for a second person")
    AGREED = "agreed", _("Agreed")
    REFUSED = "refused", _("Refused")
    TAKEN_BACK = "taken_back", _("Taken back")
    LAPSED = "lapsed", _("Overtaken by the deadline")


class AnswerKind(models.TextChoices):
    """How an objection was answered, by name."""

    UPHELD = "upheld", _("Uphold")
    ACCEPTED = "accepted", _("Accept the risk with conditions")
    REJECTED = "rejected", _("Reject")


class ObjectionState(models.TextChoices):
    """Where an objection stands; computed, never stored (`bids.queries.objections.standings`)."""

    OPEN = "open", _("Unanswered")
    ANSWERED = "answered", _("Answered")
    UPHELD = "upheld", _("Upheld, remedy awaited")
    LAPSED = "lapsed", _("Answer lapsed")
    EXPIRED = "expired", _("Acceptance expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


#: While an objection stands so, it freezes the publication or the award.
FREEZING = frozenset(
    {ObjectionState.OPEN, ObjectionState.UPHELD, ObjectionState.LAPSED, ObjectionState.EXPIRED}
)

#: While an objection stands so, it waits for an answer by name.
UNANSWERED = frozenset({ObjectionState.OPEN, ObjectionState.LAPSED, ObjectionState.EXPIRED})


class ApprovalSide(models.TextChoices):
    """Who signs before and at the award; the last one is the award itself."""

    SECURITY = "security", _("IT and security")
    BUSINESS = "business", _("Business")
    FINAL = "final", _("Award")


class ComplaintAnswer(models.TextChoices):
    """How a complaint against the award was answered, by name."""

    UPHELD = "upheld", _("Uphold: the award is suspended")
    REJECTED = "rejected", _("Reject")


class WaiverState(models.TextChoices):
    """Where a waiver or an accepted risk stands; computed, never stored."""

    PROPOSED = "proposed", _("Waits for signatures")
    IN_FORCE = "in_force", _("In force")
    LAPSED = "lapsed", _("Lapsed")
    REFUSED = "refused", _("Refused")


class LedgerKind(models.TextChoices):
    """How advice of security was overruled."""

    REJECTED = "rejected", _("Objection rejected")
    ACCEPTED = "accepted", _("Objection accepted with conditions")
    WAIVER = "waiver", _("Gate waived")
    ACCEPTED_RISK = "accepted_risk", _("Risk accepted")
    NOT_FIRST = "not_first", _("Award not to first place")
    REGISTER = "register", _("Connection opened against security’s answer")


class Proof(models.TextChoices):
    """What shows that a promise is kept."""

    TEST_REPORT = "test_report", _("Test report")
    SBOM = "sbom", _("List of components (SBOM)")
    SOURCE_REVIEW = "source_review", _("Source review")
    DEMONSTRATION = "demonstration", _("Demonstration")
    DOCUMENT = "document", _("Document")


class Outcome(models.TextChoices):
    """What was signed about a promise."""

    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Broken")


class PromiseState(models.TextChoices):
    """Where a promise stands on a day; "late" is what the calendar says, no column."""

    OPEN = "open", pgettext_lazy("promise", "Open")
    KEPT = "kept", _("Kept")
    LATE = "late", _("Late")
    BROKEN = "broken", _("Broken")


class Tier(models.TextChoices):
    """What a vendor's record amounts to, by the published rule (`bids.queries.vendors.tier_of`)."""

    A = "A", "A"
    B = "B", "B"
    C = "C", "C"
    NEW = "new", _("New")


#: What the audit trail calls what people do in this wing: stored in English, shown in the reader's language.
ACTIONS = (
    gettext_noop("enrol opening key"),
    gettext_noop("appoint opening officers"),
    gettext_noop("take turn at envelope"),
    gettext_noop("unlock envelope"),
    gettext_noop("close bidding"),
    gettext_noop("find bid unreadable"),
    gettext_noop("fail to unlock envelope"),
    gettext_noop("drill opening key"),
    gettext_noop("fail drill of opening key"),
    gettext_noop("sign off draft"),
    gettext_noop("publish tender"),
    gettext_noop("ask question"),
    gettext_noop("route question"),
    gettext_noop("draft answer"),
    gettext_noop("release answers"),
    gettext_noop("propose amendment"),
    gettext_noop("agree to amendment"),
    gettext_noop("refuse amendment"),
    gettext_noop("take back amendment"),
    gettext_noop("record outage"),
    gettext_noop("propose replacement of opening officer"),
    gettext_noop("take turn at replacement"),
    gettext_noop("replace opening officer"),
    gettext_noop("take back replacement"),
    gettext_noop("cancel tender"),
    gettext_noop("load case"),
    gettext_noop("submit bid"),
    gettext_noop("withdraw bid"),
    gettext_noop("confirm bid"),
    gettext_noop("refuse late bid"),
    gettext_noop("make key of drafts"),
    gettext_noop("name bidders"),
    gettext_noop("open bids"),
    gettext_noop("declare interests"),
    gettext_noop("ask for another declaration"),
    gettext_noop("recuse member"),
    gettext_noop("lift recusal"),
    gettext_noop("appoint member"),
    gettext_noop("enter member as present"),
    gettext_noop("enter member as absent"),
    gettext_noop("record finding"),
    gettext_noop("accept not applicable"),
    gettext_noop("propose waiver"),
    gettext_noop("sign waiver for security"),
    gettext_noop("sign waiver as approver"),
    gettext_noop("refuse waiver"),
    gettext_noop("export ledger"),
    gettext_noop("export board"),
    gettext_noop("export tenders"),
    gettext_noop("note what came of it"),
    gettext_noop("exclude bid"),
    gettext_noop("record first opinion"),
    gettext_noop("save mark"),
    gettext_noop("upload score sheet"),
    gettext_noop("submit marks"),
    gettext_noop("enter agreed mark"),
    gettext_noop("change agreed mark"),
    gettext_noop("correct mark"),
    gettext_noop("record resolution"),
    gettext_noop("record dissent"),
    gettext_noop("open round"),
    gettext_noop("export round"),
    gettext_noop("announce source of seed"),
    gettext_noop("draw lots"),
    gettext_noop("record evaluation"),
    gettext_noop("lock marks"),
    gettext_noop("open prices"),
    gettext_noop("present ranking"),
    gettext_noop("raise objection"),
    gettext_noop("answer objection"),
    gettext_noop("state opinion on objection"),
    gettext_noop("withdraw objection"),
    gettext_noop("name another approver"),
    gettext_noop("confirm remedy"),
    gettext_noop("meet condition"),
    gettext_noop("send reminders"),
    gettext_noop("recommend award"),
    gettext_noop("approve award"),
    gettext_noop("refuse award"),
    gettext_noop("award"),
    gettext_noop("enter complaint"),
    gettext_noop("answer complaint"),
    gettext_noop("suspend award"),
    gettext_noop("produce paper"),
    gettext_noop("export ranking"),
    gettext_noop("export release"),
    gettext_noop("import release"),
    gettext_noop("declare company"),
    gettext_noop("ask for registration"),
    gettext_noop("approve registration"),
    gettext_noop("refuse registration"),
    gettext_noop("invite vendors"),
    gettext_noop("look into files of bids"),
    gettext_noop("read bids"),
    gettext_noop("read file"),
    gettext_noop("export score sheet"),
    gettext_noop("export evidence"),
    gettext_noop("make promises"),
    gettext_noop("plan promise"),
    gettext_noop("set go-live target"),
    gettext_noop("set end of contract"),
    gettext_noop("sign promise as kept"),
    gettext_noop("sign promise as broken"),
    gettext_noop("ask to go live with open promises"),
    gettext_noop("go live"),
    gettext_noop("record incident"),
    gettext_noop("close incident"),
)


class DummyBid(models.TextChoices):
    """A made-up bid by which rules are tried before they are published."""

    CHEAP = "cheap", _("Cheap outlier")
    MIDDLE = "middle", _("Middle bid")
    BEST = "best", _("Expensive best")
    HOPELESS = "hopeless", _("Hopeless bid")


#: The dummies that are always there, the cheapest first.
DUMMIES = (DummyBid.CHEAP, DummyBid.MIDDLE, DummyBid.BEST)
