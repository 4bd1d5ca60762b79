"""The sentences of refusals, and how a test asks for one."""

import pytest

from bids.files import FileRefused, inspect

MACRO = "contains macros"
EMBEDDED = "other files or objects inside"
OUTSIDE = "draws on something outside itself"
LINK = "neither a web page nor a mail address"
SCRIPTS = "scripts or actions"
FORM = "form that changes or sends itself"
LOCKED = "protected by a password"
DAMAGED = "is damaged"
CONTENT = "does not hold what its name says"
HIDDEN = "more than one file at once"
BOMB = "packed more tightly"
ENTITIES = "declares entities"
PATHS = "names lead elsewhere"


def refused(name, content, sentence):
    with pytest.raises(FileRefused) as caught:
        inspect(name, content)
    assert sentence in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.template % caught.value.params == str(caught.value)
    return str(caught.value)
