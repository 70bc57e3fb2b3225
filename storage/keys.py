"""The organisation's key: it wraps the keys of files and signs the ledger's heads, and lives outside database and backup.

Broken
├── KeyFileError         the key file cannot be used; `path` says which
│   ├── KeyFileExists    a key is already there, and a key is never overwritten
│   ├── KeyFileMissing   there is no key at this path
│   ├── KeyFileExposed   others may read or replace it
│   ├── KeyFileDamaged   it is not what `create` wrote
│   └── KeyFileUnusable  the operating system would not let us write or read it
└── WrongKey             a wrapped key was not wrapped by this key, or for another context, or was altered

No error and no `repr` ever carries a secret.
"""

import os
import secrets
import stat
from hashlib import sha256
from pathlib import Path
from typing import Literal, Self

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from graph.errors import Broken

AES_256_GCM = 1

_NONCE = 12
_LARGEST_KEY_FILE = 16_384


class KeyFileError(Broken):
    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"the key file {path} {problem}")
        self.path = path


class KeyFileExists(KeyFileError):
    pass


class KeyFileMissing(KeyFileError):
    pass


class KeyFileExposed(KeyFileError):
    pass


class KeyFileDamaged(KeyFileError):
    pass


class KeyFileUnusable(KeyFileError):
    pass


class WrongKey(Broken):
    pass


class _KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["zhixi organisation key"]
    version: Literal[1]
    id: str
    master: bytes
    signing_seed: bytes


class OrganisationKey:
    """Safe to share between threads. `id` names the pair of secrets without telling them."""

    __slots__ = ("_signing", "_wrapping", "id", "public_key")

    def __init__(self, master: bytes, signing_seed: bytes) -> None:
        if len(master) != 32 or len(signing_seed) != 32:
            raise ValueError("the master key and the signing seed have 32 bytes each")
        self._wrapping = AESGCM(HKDF(SHA256(), 32, salt=None, info=b"zhixi wrapping key").derive(master))
        self._signing = Ed25519PrivateKey.from_private_bytes(signing_seed)
        self.public_key: bytes = self._signing.public_key().public_bytes_raw()
        self.id: str = _key_id(master, signing_seed)

    def __repr__(self) -> str:
        return f"OrganisationKey(id={self.id!r})"

    def __reduce__(self) -> str:
        raise TypeError("the organisation's key is never pickled")

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a new key. After a crash there is the whole file or none; an existing one is never replaced."""
        master, seed = secrets.token_bytes(32), secrets.token_bytes(32)
        written = _KeyFile("zhixi organisation key", 1, _key_id(master, seed), master, seed)
        content = msgspec.json.format(msgspec.json.encode(written), indent=2) + b"\n"
        draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        try:
            try:
                _write_private(draft, content)
                os.link(draft, path)  # unlike a rename, it fails when the name is taken
            finally:
                draft.unlink(missing_ok=True)
            _sync_folder(path.parent)
        except FileExistsError:
            raise KeyFileExists(path, "exists already and is not overwritten") from None
        except OSError as error:
            raise KeyFileUnusable(path, f"cannot be written: {error.strerror}") from error
        return cls(master, seed)

    @classmethod
    def load(cls, path: Path) -> Self:
        content = _read_private(path)
        try:
            read = msgspec.json.decode(content, type=_KeyFile)
            key = cls(read.master, read.signing_seed)
        except (msgspec.MsgspecError, ValueError) as error:
            raise KeyFileDamaged(path, f"is damaged: {error}") from None
        if not secrets.compare_digest(key.id, read.id):
            raise KeyFileDamaged(path, "is damaged: its secrets do not belong to its id")
        return key

    def wrap(self, file_key: bytes, context: bytes) -> bytes:
        """`context` says what the key is for (the file's id); only the same context unwraps it."""
        suite, nonce = bytes([AES_256_GCM]), secrets.token_bytes(_NONCE)
        return suite + nonce + self._wrapping.encrypt(nonce, file_key, suite + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        suite, nonce, sealed = wrapped[:1], wrapped[1 : 1 + _NONCE], wrapped[1 + _NONCE :]
        if suite != bytes([AES_256_GCM]) or len(sealed) < 16:
            raise WrongKey("this is not a key wrapped by a cipher suite known here")
        try:
            return self._wrapping.decrypt(nonce, sealed, suite + context)
        except InvalidTag:
            raise WrongKey(f"key {self.id} did not wrap this for this context, or it was altered") from None

    def sign(self, message: bytes) -> bytes:
        return self._signing.sign(message)

    def verify(self, message: bytes, signature: bytes) -> bool:
        return verify(self.public_key, message, signature)


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Needs no secret, so that heads and anchors can be proved where the key is not."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _key_id(master: bytes, signing_seed: bytes) -> str:
    return sha256(b"zhixi organisation key" + master + signing_seed).hexdigest()[:32]


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read_private(path: Path) -> bytes:
    try:
        # a fifo in the key's place must not hang the server
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise KeyFileMissing(path, "does not exist") from None
    except OSError as error:
        raise KeyFileUnusable(path, f"cannot be read: {error.strerror}") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise KeyFileDamaged(path, "is not a file")
        if found.st_mode & 0o077:
            mode = f"{stat.S_IMODE(found.st_mode):04o}"
            raise KeyFileExposed(path, f"may be used by others (mode {mode}); set it to 0600")
        if found.st_uid not in {0, os.geteuid()}:
            raise KeyFileExposed(path, "belongs to another account")
        return os.read(descriptor, _LARGEST_KEY_FILE)
    except OSError as error:
        raise KeyFileUnusable(path, f"cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
