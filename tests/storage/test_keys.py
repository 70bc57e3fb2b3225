import json
import os
import pickle
import stat
from base64 import b64encode
from pathlib import Path

import pytest

from storage.keys import (
    KeyFileDamaged,
    KeyFileExists,
    KeyFileExposed,
    KeyFileMissing,
    KeyFileUnusable,
    OrganisationKey,
    WrongKey,
    verify,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "organisation.key"


def test_a_created_key_is_private_and_leaves_nothing_beside_it(path: Path) -> None:
    created = OrganisationKey.create(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert json.loads(path.read_text())["id"] == created.id


def test_a_loaded_key_does_what_the_created_one_did(path: Path) -> None:
    created = OrganisationKey.create(path)
    wrapped, signature = created.wrap(b"k" * 32, b"file 1"), created.sign(b"head")

    loaded = OrganisationKey.load(path)

    assert loaded.id == created.id
    assert loaded.public_key == created.public_key
    assert loaded.unwrap(wrapped, b"file 1") == b"k" * 32
    assert loaded.verify(b"head", signature)


def test_creating_never_overwrites_a_key(path: Path) -> None:
    OrganisationKey.create(path)
    before = path.read_bytes()

    with pytest.raises(KeyFileExists, match="not overwritten"):
        OrganisationKey.create(path)

    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_creating_where_there_is_no_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeyFileUnusable, match="No such file or directory"):
        OrganisationKey.create(tmp_path / "absent" / "organisation.key")


def test_a_missing_key_says_so(path: Path) -> None:
    with pytest.raises(KeyFileMissing, match=str(path)):
        OrganisationKey.load(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_that_others_may_use_is_refused(path: Path, mode: int) -> None:
    OrganisationKey.create(path)
    path.chmod(mode)

    with pytest.raises(KeyFileExposed, match="set it to 0600"):
        OrganisationKey.load(path)


def test_a_key_that_may_only_be_read_is_accepted(path: Path) -> None:
    created = OrganisationKey.create(path)
    path.chmod(0o400)

    assert OrganisationKey.load(path).id == created.id


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_key_of_another_account_is_refused(path: Path) -> None:
    OrganisationKey.create(path)
    os.chown(path, 12345, 12345)

    with pytest.raises(KeyFileExposed, match="another account"):
        OrganisationKey.load(path)


@pytest.mark.parametrize("field", ["master", "signing_seed", "id"])
def test_an_altered_key_file_is_refused(path: Path, field: str) -> None:
    OrganisationKey.create(path)
    content = json.loads(path.read_text())
    content[field] = "0" * 32 if field == "id" else b64encode(bytes(32)).decode()
    path.write_text(json.dumps(content))

    with pytest.raises(KeyFileDamaged, match="do not belong"):
        OrganisationKey.load(path)


@pytest.mark.parametrize("cut", [0, 1, 50, -10])
def test_a_key_file_cut_short_is_refused_and_its_error_tells_no_secret(path: Path, cut: int) -> None:
    OrganisationKey.create(path)
    secret = json.loads(path.read_text())["master"]
    path.write_bytes(path.read_bytes()[:cut])

    with pytest.raises(KeyFileDamaged) as caught:
        OrganisationKey.load(path)

    assert secret not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_a_folder_or_a_pipe_in_the_keys_place_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)

    for path in (tmp_path, pipe):
        with pytest.raises(KeyFileDamaged, match="not a file"):
            OrganisationKey.load(path)


def test_the_same_key_is_wrapped_differently_each_time(path: Path) -> None:
    key = OrganisationKey.create(path)

    assert key.wrap(b"k" * 32, b"file 1") != key.wrap(b"k" * 32, b"file 1")


def test_a_wrapped_key_opens_only_in_its_own_context_and_under_its_own_key(tmp_path: Path) -> None:
    key, other = OrganisationKey.create(tmp_path / "a"), OrganisationKey.create(tmp_path / "b")
    wrapped = key.wrap(b"k" * 32, b"file 1")

    with pytest.raises(WrongKey):
        key.unwrap(wrapped, b"file 2")
    with pytest.raises(WrongKey):
        other.unwrap(wrapped, b"file 1")


def test_every_flipped_bit_and_every_cut_of_a_wrapped_key_is_noticed(path: Path) -> None:
    key = OrganisationKey.create(path)
    wrapped = key.wrap(b"k" * 32, b"file 1")
    flipped = [
        wrapped[: bit // 8] + bytes([wrapped[bit // 8] ^ 1 << bit % 8]) + wrapped[bit // 8 + 1 :]
        for bit in range(len(wrapped) * 8)
    ]
    cut = [wrapped[:length] for length in range(len(wrapped))]

    for altered in [*flipped, *cut]:
        with pytest.raises(WrongKey):
            key.unwrap(altered, b"file 1")


def test_a_signature_is_proved_with_the_public_key_alone(tmp_path: Path) -> None:
    key, other = OrganisationKey.create(tmp_path / "a"), OrganisationKey.create(tmp_path / "b")
    signature = key.sign(b"head")

    assert verify(key.public_key, b"head", signature)
    assert not verify(key.public_key, b"tail", signature)
    assert not verify(other.public_key, b"head", signature)
    assert not key.verify(b"head", b"not a signature")


def test_a_key_shows_no_secret_and_is_not_pickled(path: Path) -> None:
    key = OrganisationKey.create(path)

    assert repr(key) == f"OrganisationKey(id={key.id!r})"
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(key)
