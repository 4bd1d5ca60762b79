"""The system key inside an HSM, for which SoftHSM stands here with a token of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pkcs11
import pytest

from bids.sealing.hsm import Pkcs11KeyWrapper
from bids.sealing.refusals import KeyUnavailable, Unopenable
from bids.sealing.wrapping import FileKeyWrapper

LIBRARY = next(
    (
        str(place / "libsofthsm2.so")
        for place in map(Path, ["/usr/lib/softhsm", "/usr/lib64/pkcs11", "/usr/local/lib/softhsm"])
        if (place / "libsofthsm2.so").exists()
    ),
    None,
)
pytestmark = pytest.mark.skipif(
    LIBRARY is None or shutil.which("softhsm2-util") is None,
    reason="SoftHSM is not installed (Debian: softhsm2)",
)

PLACE = {"token": "assay", "key": "system key", "pin": "correct-pin"}
CONTEXT = "system share of tender-1, price"


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """A fresh token; the library is told where it lies before it is loaded and let go afterwards."""
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "conf"))
        command = ["softhsm2-util", "--init-token", "--free", "--label", PLACE["token"]]
        pins = ["--so-pin", "officer-pin", "--pin", PLACE["pin"]]
        subprocess.run([*command, *pins], check=True, capture_output=True)
        yield folder
        pkcs11.unload(LIBRARY)


def wrapper_with(**changes):
    return Pkcs11KeyWrapper(LIBRARY, **PLACE | changes)


@pytest.fixture(scope="module")
def wrapper(token):
    made = wrapper_with()
    made.make_key()
    return made


def test_what_is_wrapped_is_unwrapped_by_another_session(wrapper):
    wrapped = wrapper.wrap(b"the system's share", CONTEXT)
    assert b"share" not in wrapped
    assert wrapped != wrapper.wrap(b"the system's share", CONTEXT)
    assert wrapper_with().unwrap(wrapped, CONTEXT) == b"the system's share"


def test_the_key_is_found_again_after_the_library_was_let_go(wrapper):
    wrapped = wrapper.wrap(b"share", CONTEXT)
    pkcs11.unload(LIBRARY)
    assert wrapper.unwrap(wrapped, CONTEXT) == b"share"


def test_the_key_cannot_leave_the_token(wrapper, token):
    with pkcs11.lib(LIBRARY).get_token(token_label=PLACE["token"]).open(user_pin=PLACE["pin"]) as session:
        key = session.get_key(label=PLACE["key"])
        assert key[pkcs11.Attribute.SENSITIVE] is True
        assert key[pkcs11.Attribute.EXTRACTABLE] is False
        with pytest.raises(pkcs11.AttributeSensitive):
            assert key[pkcs11.Attribute.VALUE]


def test_every_altered_or_missing_byte_is_refused(wrapper):
    wrapped = wrapper.wrap(b"share", CONTEXT)
    for place in range(len(wrapped)):
        spoiled = wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :]
        with pytest.raises(KeyUnavailable if place < 9 else Unopenable):
            wrapper.unwrap(spoiled, CONTEXT)
        with pytest.raises(Unopenable, match="altered or moved"):
            wrapper.unwrap(wrapped[:place], CONTEXT)
    assert wrapper.unwrap(wrapped, CONTEXT) == b"share"


def test_another_context_is_refused(wrapper):
    with pytest.raises(Unopenable, match="altered or moved"):
        wrapper.unwrap(wrapper.wrap(b"share", CONTEXT), "another")


def test_what_a_key_file_wrapped_is_not_taken_for_the_hsms(wrapper, tmp_path):
    FileKeyWrapper.make(tmp_path / "system.key")
    file = FileKeyWrapper(tmp_path / "system.key", apart_from=[])
    for one, other in ((wrapper, file), (file, wrapper)):
        with pytest.raises(KeyUnavailable, match="another kind of system key"):
            other.unwrap(one.wrap(b"share", CONTEXT), CONTEXT)


def test_another_key_of_the_token_is_named(wrapper):
    other = wrapper_with(key="next key")
    other.make_key()
    assert other.key_id != wrapper.key_id
    with pytest.raises(KeyUnavailable) as refusal:
        other.unwrap(wrapper.wrap(b"share", CONTEXT), CONTEXT)
    assert (
        str(refusal.value) == f"This needs the system key {wrapper.key_id}, and the site has {other.key_id}."
    )


def test_a_key_is_never_made_twice(wrapper):
    before = wrapper.key_id
    with pytest.raises(KeyUnavailable, match="never overwritten"):
        wrapper.make_key()
    assert wrapper.key_id == before
    assert len(before) == 16


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"token": "elsewhere"}, "The HSM has no token elsewhere."),
        ({"key": "elsewhere"}, "The HSM's token assay has no key elsewhere."),
        ({"pin": "wrong-pin"}, "The HSM does not take the PIN for assay."),
    ],
)
def test_what_is_missing_is_named_and_the_pin_is_not(wrapper, changes, sentence):
    with pytest.raises(KeyUnavailable) as refusal:
        wrapper_with(**changes).wrap(b"share", CONTEXT)
    assert str(refusal.value) == sentence
    assert "pin" not in repr(refusal.value)


def test_a_key_that_could_not_be_told_from_its_successor_is_refused(wrapper):
    token = pkcs11.lib(LIBRARY).get_token(token_label=PLACE["token"])
    with token.open(rw=True, user_pin=PLACE["pin"]) as session:
        session.generate_key(pkcs11.KeyType.AES, 256, label="nameless", store=True)
    with pytest.raises(KeyUnavailable) as refusal:
        wrapper_with(key="nameless").wrap(b"share", CONTEXT)
    assert str(refusal.value) == "The HSM's key nameless has no identifier (CKA_ID)."


def test_a_library_that_is_not_there_is_an_hsm_that_does_not_answer(tmp_path):
    wrapper = Pkcs11KeyWrapper(str(tmp_path / "none.so"), **PLACE)
    with pytest.raises(KeyUnavailable, match="does not answer"):
        wrapper.wrap(b"share", CONTEXT)


class OutOfOrder:
    """A key of a token that was pulled out between two commands."""

    def __init__(self, identifier):
        self.id = identifier

    def encrypt(self, *_args, **_kwargs):
        raise pkcs11.DeviceRemoved

    decrypt = encrypt


def test_an_hsm_that_fails_while_it_unwraps_is_not_taken_for_tampering(wrapper, monkeypatch):
    wrapped = wrapper.wrap(b"share", CONTEXT)
    with wrapper._session() as session:
        broken = OutOfOrder(wrapper._find(session).id)
    monkeypatch.setattr(wrapper, "_find", lambda session: broken)
    with pytest.raises(KeyUnavailable) as refusal:
        wrapper.unwrap(wrapped, CONTEXT)
    assert str(refusal.value) == "The HSM does not answer (DeviceRemoved)."


def test_a_child_process_introduces_itself_to_the_library_once(wrapper, monkeypatch):
    """PKCS#11 asks for it; SoftHSM would work without, other makers' libraries would not."""
    let_go, child = [], os.getpid() + 1
    monkeypatch.setattr(pkcs11, "unload", let_go.append)
    known = wrapper_with()
    before = known.key_id
    assert let_go == []
    monkeypatch.setattr(os, "getpid", lambda: child)
    assert {known.key_id, known.key_id} == {before}
    assert let_go == [LIBRARY]


def test_a_child_process_reaches_the_key_as_well(wrapper):
    """As a server's workers that were forked after the first use; in a process without threads."""
    lines = [
        "import os, sys",
        "from bids.sealing.hsm import Pkcs11KeyWrapper",
        f"wrapper = Pkcs11KeyWrapper({LIBRARY!r}, **{PLACE!r})",
        f"wrapped = wrapper.wrap(b'share', {CONTEXT!r})",
        "child = os.fork()",
        "status = os.waitpid(child, 0)[1] if child else 0",
        f"assert wrapper.unwrap(wrapped, {CONTEXT!r}) == b'share'",
        "os.write(1, b'opened ')",
        "sys.exit(os.waitstatus_to_exitcode(status))",
    ]
    command = [sys.executable, "-c", "\n".join(lines)]
    done = subprocess.run(command, cwd=Path(__file__).resolve().parents[2], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"opened opened "), done.stderr
