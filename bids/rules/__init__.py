"""Who may do what in the bids wing, and why not."""

from .bank import (
    BANK,
    at_stage,
)
from .decision import (
    can_answer_objection,
    can_award,
    can_export,
    can_object,
    can_present,
    can_read_objections,
    can_see_ranking,
)
from .marks import (
    can_abstain,
    can_agree,
    can_fill_sheet,
    can_mark,
    can_mark_prices,
    can_read_marks,
    is_marked_price,
    needs_every_mark,
    on_panel,
)
from .opening import (
    can_lock_marks,
    can_name_bidders,
    can_open_prices,
    can_open_technical,
    can_read_bids,
    can_read_opening,
    can_record_evaluation,
    can_run_panel,
)
from .submission import (
    can_bid,
    can_read_own_bid,
    can_withdraw,
)
from .verification import (
    can_exclude,
    can_verify,
    can_verify_requirement,
    can_waive,
    is_accountable,
    is_in_play,
)

__all__ = [
    "BANK",
    "at_stage",
    "can_abstain",
    "can_agree",
    "can_answer_objection",
    "can_award",
    "can_bid",
    "can_exclude",
    "can_export",
    "can_fill_sheet",
    "can_lock_marks",
    "can_mark",
    "can_mark_prices",
    "can_name_bidders",
    "can_object",
    "can_open_prices",
    "can_open_technical",
    "can_present",
    "can_read_bids",
    "can_read_marks",
    "can_read_objections",
    "can_read_opening",
    "can_read_own_bid",
    "can_record_evaluation",
    "can_run_panel",
    "can_see_ranking",
    "can_verify",
    "can_verify_requirement",
    "can_waive",
    "can_withdraw",
    "is_accountable",
    "is_in_play",
    "is_marked_price",
    "needs_every_mark",
    "on_panel",
]
