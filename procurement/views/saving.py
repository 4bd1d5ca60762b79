"""Running an action from a form: what it refuses shows in the form."""

from collections.abc import Callable
from typing import Any, Protocol

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


class Answering(Protocol):
    """A form, or whatever shows faults like one."""

    fields: dict[str, Any]

    def add_error(self, field: str | None, error: Any) -> None:
        """Show a fault."""


def attempt(form: Answering, action: Callable[..., Any], **arguments: Any) -> Any:
    """What the action gives back (True where that is nothing), or None when it refused.

    A refusal shows at its field where the form has that field, else above the form.
    """
    try:
        return action(**arguments) or True
    except ValidationError as error:
        for name, faults in getattr(error, "error_dict", {NON_FIELD_ERRORS: [error]}).items():
            form.add_error(name if name in form.fields else None, faults)
        return None


def said(error: ValidationError) -> str:
    """A refusal in one line."""
    return " ".join(error.messages)
