"""The system key in a file: what is wrapped opens with key and context only; an unsafe file is refused."""

import os
import stat

import pytest

from bids.sealing.refusals import KeyUnavailable, Unopenable
from bids.sealing.wrapping import FileKeyWrapper
from procurement.signing.keys import KEY_SIZE

CONTEXT = "system share of tender-1, price"


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    FileKeyWrapper.make(folder / "system.key")
    return folder / "system.key"


def reason(path, *apart_from):
    with pytest.raises(KeyUnavailable) as refusal:
        FileKeyWrapper(path, apart_from=apart_from)
    return str(refusal.value).replace(str(path), "FILE")


# --- wrapping ----------------------------------------------------------------------------------------------
def test_what_is_wrapped_is_unwrapped_by_the_same_file_read_again(path, tmp_path):
    wrapper = FileKeyWrapper(path, apart_from=[tmp_path / "media"])
    wrapped = wrapper.wrap(b"the system's share", CONTEXT)
    assert b"share" not in wrapped
    assert wrapped != wrapper.wrap(b"the system's share", CONTEXT)
    assert FileKeyWrapper(path, apart_from=[]).unwrap(wrapped, CONTEXT) == b"the system's share"


def test_every_altered_or_missing_byte_is_refused(path):
    wrapper = FileKeyWrapper(path, apart_from=[])
    wrapped = wrapper.wrap(b"share", CONTEXT)
    for place in range(len(wrapped)):
        spoiled = wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :]
        with pytest.raises(KeyUnavailable if place < 9 else Unopenable):
            wrapper.unwrap(spoiled, CONTEXT)
        with pytest.raises(Unopenable, match="altered or moved"):
            wrapper.unwrap(wrapped[:place], CONTEXT)


def test_another_context_is_refused(path):
    wrapper = FileKeyWrapper(path, apart_from=[])
    with pytest.raises(Unopenable, match="altered or moved"):
        wrapper.unwrap(wrapper.wrap(b"share", CONTEXT), CONTEXT + " ")


def test_another_system_key_is_named(path):
    wrapped = FileKeyWrapper(path, apart_from=[]).wrap(b"share", CONTEXT)
    FileKeyWrapper.make(path.with_name("other.key"))
    other = FileKeyWrapper(path.with_name("other.key"), apart_from=[])
    with pytest.raises(KeyUnavailable) as refusal:
        other.unwrap(wrapped, CONTEXT)
    needed = FileKeyWrapper(path, apart_from=[]).key_id
    assert str(refusal.value) == f"This needs the system key {needed}, and the site has {other.key_id}."


def test_an_identifier_is_stable_and_is_no_piece_of_the_key(path):
    wrapper = FileKeyWrapper(path, apart_from=[])
    assert wrapper.key_id == FileKeyWrapper(path, apart_from=[]).key_id
    assert len(wrapper.key_id) == 16
    assert wrapper.key_id not in path.read_bytes().hex()


# --- the file ----------------------------------------------------------------------------------------------
def test_a_new_key_is_for_its_owner_to_read_whatever_the_umask_says(tmp_path):
    before = os.umask(0)
    try:
        FileKeyWrapper.make(tmp_path / "system.key")
    finally:
        os.umask(before)
    status = (tmp_path / "system.key").stat()
    assert stat.S_IMODE(status.st_mode) == 0o400
    assert status.st_size == KEY_SIZE


def test_a_key_is_never_overwritten_not_even_through_a_link(path, tmp_path):
    before = path.read_bytes()
    with pytest.raises(KeyUnavailable, match="never overwritten"):
        FileKeyWrapper.make(path)
    (tmp_path / "link.key").symlink_to(tmp_path / "nowhere")
    with pytest.raises(KeyUnavailable, match="never overwritten"):
        FileKeyWrapper.make(tmp_path / "link.key")
    assert path.read_bytes() == before
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("mode", [0o000, 0o600, 0o440, 0o404, 0o444, 0o640, 0o500, 0o777])
def test_another_mode_is_refused(path, mode):
    path.chmod(mode)
    if mode & 0o400 or os.geteuid() == 0:
        assert (
            reason(path)
            == f"The key file FILE has mode {mode:04o}; it has to be 0400, for its owner to read."
        )
    else:
        assert reason(path) == "The key file FILE cannot be read by the site."


def test_a_link_is_refused(path):
    link = path.with_name("link.key")
    link.symlink_to(path)
    assert reason(link) == "The key file FILE is a link; it has to be the file."


def test_a_second_name_is_refused(path, tmp_path):
    (tmp_path / "copy").hardlink_to(path)
    assert reason(path) == "The key file FILE has a second name somewhere; make a new file."


def test_a_place_beside_what_it_protects_is_refused_also_through_a_linked_folder(path, tmp_path):
    assert reason(path, tmp_path / "media", path.parent).startswith("The key file FILE lies in ")
    assert "would be copied with what it protects" in reason(path, tmp_path)
    (tmp_path / "elsewhere").symlink_to(path.parent)
    assert "lies in" in reason(tmp_path / "elsewhere" / path.name, path.parent)
    assert "lies in" in reason(path, tmp_path / "elsewhere")


def test_a_folder_whose_name_only_begins_alike_is_another(path):
    FileKeyWrapper(path, apart_from=[path.parent.with_name("key"), path.parent / "system.key.d"])


@pytest.mark.parametrize("size", [0, 31, 33, 64, 4096])
def test_another_length_is_refused(path, size):
    path.chmod(0o600)
    path.write_bytes(bytes(size))
    path.chmod(0o400)
    assert reason(path) == "The key file FILE has to be 32 bytes long, no more and no less."


def test_a_missing_file_a_folder_and_a_pipe_are_refused(path, tmp_path):
    assert reason(tmp_path / "nothing") == "There is no key at FILE."
    assert reason(tmp_path / "nothing" / "at" / "all") == "There is no key at FILE."
    assert reason(path.parent) == "The key file FILE is not a file."
    os.mkfifo(tmp_path / "pipe", 0o400)
    assert reason(tmp_path / "pipe") == "The key file FILE is not a file."
    assert reason(path / "below") == "The key file FILE cannot be read by the site."


def test_another_owner_is_refused(path, monkeypatch):
    stranger = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: stranger)
    assert reason(path) == "The key file FILE has to belong to the user that the site runs as."


def test_a_refusal_shows_nothing_of_the_key(path):
    key = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(KeyUnavailable) as refusal:
        FileKeyWrapper(path, apart_from=[])
    assert key.hex() not in repr(refusal.value)
    assert str(key) not in repr(refusal.value)
