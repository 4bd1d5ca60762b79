"""What happened: the hash chain of everything that was done, its checkpoints, and what they prove.

``chain``        appending an entry, and walking the whole chain
``checkpoints``  signed checkpoints to the anchors and by mail, and holding the database against them
``standing``     whether the database is the one that was signed last, and settling that it is not
``refusals``     refusals that are entries, and how many of one person's are
"""

from procurement.audit.chain import ChainState, record, verify_chain
from procurement.audit.checkpoints import stage_changed
from procurement.audit.refusals import record_refusal

__all__ = ["ChainState", "record", "record_refusal", "stage_changed", "verify_chain"]
