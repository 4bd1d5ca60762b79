"""Which routes a walker asks for at which stage, what is posted there, and what is put on record."""

from .routes import ALL, APPROVERS, ROUTES

#: Between two stages something else comes to pass, for some routes only: every sheet is in, both sides have
#: signed, a complaint freezes the award.
BETWEEN: dict[str, set[str]] = {
    "M": {
        "verification",
        "lock-marks",
        "marks",
        "mark-save",
        "marks-submit",
        "score-sheet",
        "score-sheet-upload",
        "first-opinion",
        "agreed-save",
        "differences",
        "mark-correct",
        "resolutions",
        "resolution-new",
        "dissent-new",
        "round",
    },
    "S": {"work", "decision", "recommendation", "approve", "award"},
    "F": {
        "work",
        "decision",
        "complaint-new",
        "complaint",
        "complaint-answer",
        "papers",
        "promises",
        "go-live",
    },
}

#: Reads that leave an entry in the trail; every other GET writes nothing at all.
ON_RECORD = {
    "workbook",
    "case-file",
    "result-file",
    "round-case",
    "paper:opening-record",
    "paper:minutes",
    "paper:award-paper",
    "paper:award-notice",
    "letter",
    "ledger-workbook",
    "register-workbook",
    "board-workbook",
    "tenders-workbook",
    "ocds-release",
}

#: Those of them that are entries by what is read, once a session, and not by an action of their own.
READ_OF_BIDS = {"verification", "marks", "decision", "attachment", "score-sheet", "import-filled"}
ON_RECORD |= READ_OF_BIDS

#: What a form sends so that the question is who sends it, and not what is missing.
DATA: dict[str, dict[str, str]] = {
    "set-language": {"language": "en"},
    "set-theme": {"theme": "dark"},
    "cancel": {"reason": "The system is given up."},
    "resolution-new": {"kind": "no_award"},
}


#: People who know a tender as somebody else does, and are apart by their names in it alone.
TWINS = dict.fromkeys(APPROVERS[1:], APPROVERS[0]) | {"rival": "vendor"}
FAR = ("administrator", "outsider", "stranger", "colleague")
#: Stages at which everything is asked for; at the others only what has another answer just before or after.
WHOLE = "POAMSF"


def asked(who: str, letter: str) -> list[str]:
    """The routes that a walker asks for at a stage; signing out, which forgets the session, comes last."""
    keys = [key for key in ROUTES if key in BETWEEN.get(letter, ROUTES) and _tells(key, who, letter)]
    return sorted(keys, key="sign-out".__eq__)


def _tells(key: str, who: str, letter: str) -> bool:
    """Whether the answer can be another one than that to somebody else, or at some other stage."""
    route = ROUTES[key]
    if route.once:
        return letter == "P"
    if letter not in WHOLE:
        place = ALL.find(letter)
        return len({route.expected(who, stage) for stage in ALL[max(0, place - 1) : place + 2]}) > 1
    if who in FAR:
        return letter == "O" or len({route.expected(who, stage) for stage in ALL}) > 1
    twin = TWINS.get(who)
    return twin is None or any(route.expected(who, stage) != route.expected(twin, stage) for stage in ALL)
