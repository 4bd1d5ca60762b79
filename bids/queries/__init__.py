"""The only doors to rows of the bids wing: what a person may not see is not there."""

from .bids import (
    attachments_visible_to,
    bids_visible_to,
    claims_visible_to,
    handed_in,
    latest_submission,
    own_bid,
    standing_submission,
)
from .decision import (
    objections_visible_to,
)
from .differences import (
    marks_on,
)
from .evidence import (
    CAPS,
    Answered,
    Support,
    Supports,
    cap_of,
    supports,
)
from .marking import (
    Leaf,
    Marking,
    Rounds,
    agreed_visible_to,
    cells_marked,
    cells_missing,
    is_marking,
    marking,
    marks_visible_to,
    removals,
    sheets_missing,
    submitted_sheets,
)
from .masking import (
    are_masked,
    masked_names,
)
from .opinions import (
    first_opinions_visible_to,
)
from .resolutions import (
    all_sheets_in,
    dissents_visible_to,
    electorate,
    lot_draws_visible_to,
    recusal_is_of_all,
    resolutions_visible_to,
    rounds_visible_to,
)
from .waivers import (
    waivers_count_at,
    waivers_ending,
    waivers_to_sign,
    waivers_visible_to,
)
from .work import (
    claims_to_verify,
    seats_to_fill,
    tenders_in_progress,
    vendors_standing,
)

__all__ = [
    "CAPS",
    "Answered",
    "Leaf",
    "Marking",
    "Rounds",
    "Support",
    "Supports",
    "agreed_visible_to",
    "all_sheets_in",
    "are_masked",
    "attachments_visible_to",
    "bids_visible_to",
    "cap_of",
    "cells_marked",
    "cells_missing",
    "claims_to_verify",
    "claims_visible_to",
    "dissents_visible_to",
    "electorate",
    "first_opinions_visible_to",
    "handed_in",
    "is_marking",
    "latest_submission",
    "lot_draws_visible_to",
    "marking",
    "marks_on",
    "marks_visible_to",
    "masked_names",
    "objections_visible_to",
    "own_bid",
    "recusal_is_of_all",
    "removals",
    "resolutions_visible_to",
    "rounds_visible_to",
    "seats_to_fill",
    "sheets_missing",
    "standing_submission",
    "submitted_sheets",
    "supports",
    "tenders_in_progress",
    "vendors_standing",
    "waivers_count_at",
    "waivers_ending",
    "waivers_to_sign",
    "waivers_visible_to",
]
