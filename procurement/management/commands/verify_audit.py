"""`manage.py verify_audit`: is the audit trail as it was written?"""

from typing import Any

from django.core.management.base import BaseCommand

from procurement.audit import verify_chain


class Command(BaseCommand):
    """Recomputes the whole chain. Exit status 0: intact; 2: broken, and where."""

    help = "Recompute the audit chain from its first entry to its last and say whether it holds."
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk the chain and say what was found."""
        state = verify_chain()
        if state.intact:
            self.stdout.write(f"{state.checked} entries, chain intact")
            return
        self.stderr.write(
            f"chain broken at entry {state.broken_at}: {state.why} ({state.checked} entries before it hold)"
        )
        raise SystemExit(2)
