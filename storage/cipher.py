"""Files are encrypted in chunks as they arrive and can be read from anywhere in the middle.

    file   = header chunk(0) chunk(1) … chunk(n)
    header = magic 6 | version 1 | suite 1 | chunk size 4 | salt 20                       (big-endian, 32 bytes)
    chunk  = prefix 7 | AES-256-GCM(plaintext) | tag 16
    nonce  = prefix 7 | index 4 | last 1          additional data = header

Index and last-chunk flag stand in the nonce, so a chunk opens only in its own place, and the end of a file only at its
end. The header is authenticated with every chunk, and its random salt makes the chunk key, so a chunk opens in no other
file. The prefix is drawn for every chunk and not once for the file: an upload resumed after a crash may encrypt other
bytes at an index that was already used, and that must not repeat a nonce.

Every chunk but the last is full, and the last is empty only in an empty file: the size of one text tells the other's.
"""

import secrets
import struct
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from graph.errors import Broken

CHUNK_SIZE: Final = 1 << 20
HEADER_SIZE: Final = 32
OVERHEAD: Final = 23  # bytes a chunk grows by: prefix and tag
AES_256_GCM: Final = 1

_MAGIC: Final = b"ZHIXI\x00"
_VERSION: Final = 1
_LARGEST_CHUNK: Final = 1 << 24  # what a header may make a reader hold in memory
_LAST_INDEX: Final = (1 << 32) - 1
_HEADER: Final = struct.Struct(">6sBBI20s")
_PLACE: Final = struct.Struct(">IB")


class Tampered(Broken):
    """The ciphertext is not what was written. `chunk` is the first one that is wrong, None for the header."""

    def __init__(self, chunk: int | None, problem: str) -> None:
        super().__init__(f"{'header' if chunk is None else f'chunk {chunk}'}: {problem}")
        self.chunk = chunk


def new_key() -> bytes:
    return AESGCM.generate_key(256)


def cipher_size(plain_size: int, chunk_size: int = CHUNK_SIZE) -> int:
    return HEADER_SIZE + plain_size + OVERHEAD * max(1, -(-plain_size // chunk_size))


def plain_size(cipher_size: int, chunk_size: int = CHUNK_SIZE) -> int:
    """Raises Tampered for a size that no file has."""
    body, record = cipher_size - HEADER_SIZE, chunk_size + OVERHEAD
    last = max(0, -(-body // record) - 1)
    tail = body - last * record
    if tail < OVERHEAD or (last and tail == OVERHEAD):
        raise Tampered(last if body > 0 else None, "the file is cut short")
    return body - OVERHEAD * (last + 1)


@dataclass(frozen=True, slots=True)
class Header:
    chunk_size: int
    salt: bytes

    @classmethod
    def new(cls, chunk_size: int) -> Self:
        if not 1 <= chunk_size <= _LARGEST_CHUNK:
            raise ValueError(f"a chunk has 1 to {_LARGEST_CHUNK} bytes")
        return cls(chunk_size, secrets.token_bytes(20))

    @classmethod
    def decode(cls, header: bytes) -> Self:
        if len(header) < HEADER_SIZE:
            raise Tampered(None, "the file is cut short")
        magic, version, suite, chunk_size, salt = _HEADER.unpack_from(header)
        if magic != _MAGIC or version != _VERSION:
            raise Tampered(None, "this is not a file of the vault")
        if suite != AES_256_GCM:
            raise Tampered(None, f"cipher suite {suite} is unknown here")
        if not 1 <= chunk_size <= _LARGEST_CHUNK:
            raise Tampered(None, f"a chunk cannot have {chunk_size} bytes")
        return cls(chunk_size, salt)

    def encode(self) -> bytes:
        return _HEADER.pack(_MAGIC, _VERSION, AES_256_GCM, self.chunk_size, self.salt)


class _Chunks:
    """Seals and opens the chunks of one file."""

    def __init__(self, key: bytes, header: Header) -> None:
        self.size = header.chunk_size
        self.record_size = header.chunk_size + OVERHEAD
        self._header = header.encode()
        self._cipher = _derived(key, header, b"zhixi file chunks")

    def seal(self, index: int, last: bool, plain: bytes | memoryview) -> bytes:
        if index > _LAST_INDEX:
            raise ValueError("the file has too many chunks")
        prefix = secrets.token_bytes(7)
        return prefix + self._cipher.encrypt(prefix + _PLACE.pack(index, last), plain, self._header)

    def open(self, index: int, last: bool, record: bytes | memoryview) -> bytes:
        if len(record) < OVERHEAD:
            raise Tampered(index, "the file is cut short")
        try:
            plain = self._cipher.decrypt(
                bytes(record[:7]) + _PLACE.pack(index, last), record[7:], self._header
            )
        except InvalidTag:
            raise Tampered(index, "it was altered, moved, or stands where the file does not end") from None
        if last and index and not plain:
            raise Tampered(index, "a last chunk is never empty")
        return plain


def _derived(key: bytes, header: Header, purpose: bytes) -> AESGCM:
    if len(key) != 32:
        raise ValueError("a file key has 32 bytes")
    return AESGCM(HKDF(SHA256(), 32, salt=header.salt, info=purpose).derive(key))


class Encryptor:
    """Feed plaintext in pieces of any size, keep what comes back in order, and finish once."""

    def __init__(self, key: bytes, *, chunk_size: int = CHUNK_SIZE, state: bytes | None = None) -> None:
        self._header = Header.new(chunk_size) if state is None else Header.decode(state)
        self._chunks = _Chunks(key, self._header)
        self._states = _derived(key, self._header, b"zhixi upload state")
        self._index = 0
        self._header_given = False
        self._pending = bytearray()
        self._finished = False
        if state is not None:
            self._take_up(state)

    @property
    def plain_taken(self) -> int:
        return self._index * self._chunks.size + len(self._pending)

    @property
    def cipher_given(self) -> int:
        return self._header_given * HEADER_SIZE + self._index * self._chunks.record_size

    def feed(self, plaintext: bytes) -> bytes:
        """What can be written now: the header first, then whole chunks. Less than a chunk stays pending."""
        self._refuse_when_finished()
        self._pending += plaintext
        given = [self._take_header()]
        size = self._chunks.size
        # a full chunk waits until more comes: it may be the last
        whole = max(0, len(self._pending) - 1) // size
        with memoryview(self._pending) as pending:
            for start in range(0, whole * size, size):
                given.append(self._chunks.seal(self._index, False, pending[start : start + size]))
                self._index += 1
        del self._pending[: whole * size]
        return b"".join(given)

    def finish(self) -> bytes:
        self._refuse_when_finished()
        self._finished = True
        return self._take_header() + self._chunks.seal(self._index, True, bytes(self._pending))

    def state(self) -> bytes:
        """For `resume`, sealed under the file's key because it holds pending plaintext: at most a chunk and 65 bytes."""
        self._refuse_when_finished()
        header, nonce = self._header.encode(), secrets.token_bytes(12)
        content = _PLACE.pack(self._index, self._header_given) + bytes(self._pending)
        return header + nonce + self._states.encrypt(nonce, content, header)

    @classmethod
    def resume(cls, key: bytes, state: bytes) -> Self:
        """Raises Tampered when the state was altered or belongs to another key."""
        return cls(key, state=state)

    def _take_up(self, state: bytes) -> None:
        nonce, sealed = state[HEADER_SIZE : HEADER_SIZE + 12], state[HEADER_SIZE + 12 :]
        try:
            content = self._states.decrypt(nonce, sealed, self._header.encode())
        except (InvalidTag, ValueError):
            raise Tampered(None, "the stored state of the upload was altered") from None
        self._index, header_given = _PLACE.unpack_from(content)
        self._header_given = bool(header_given)
        self._pending += content[_PLACE.size :]

    def _take_header(self) -> bytes:
        if self._header_given:
            return b""
        self._header_given = True
        return self._header.encode()

    def _refuse_when_finished(self) -> None:
        if self._finished:
            raise ValueError("this file is finished")


class Decryptor:
    """Reads a whole file from its first byte. Only after `finish` returned is it known to be complete."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._chunks: _Chunks | None = None
        self._index = 0
        self._pending = bytearray()

    def feed(self, ciphertext: bytes) -> bytes:
        self._pending += ciphertext
        if self._chunks is None:
            if len(self._pending) < HEADER_SIZE:
                return b""
            self._chunks = _Chunks(self._key, Header.decode(bytes(self._pending[:HEADER_SIZE])))
            del self._pending[:HEADER_SIZE]
        size, plain = self._chunks.record_size, []
        whole = max(0, len(self._pending) - 1) // size
        with memoryview(self._pending) as pending:
            for start in range(0, whole * size, size):
                plain.append(self._chunks.open(self._index, False, pending[start : start + size]))
                self._index += 1
        del self._pending[: whole * size]
        return b"".join(plain)

    def finish(self) -> bytes:
        if self._chunks is None:
            raise Tampered(None, "the file is cut short")
        return self._chunks.open(self._index, True, bytes(self._pending))


class Reader:
    """Random access to a file whose header has been fetched and whose ciphertext has a known size."""

    def __init__(self, key: bytes, header: bytes, cipher_size: int) -> None:
        known = Header.decode(header)
        self._chunks = _Chunks(key, known)
        self._cipher_size = cipher_size
        self.plain_size = plain_size(cipher_size, known.chunk_size)
        self._last = max(0, self.plain_size - 1) // known.chunk_size

    def plain_range(self, offset: int, length: int) -> "Passage":
        """Clamped to the file as a slice is. Compare `plain_size` with the catalogue to notice a cut elsewhere."""
        if offset < 0 or length < 0:
            raise ValueError("offset and length are not negative")
        offset = min(offset, self.plain_size)
        return Passage(
            self._chunks, self._cipher_size, self._last, offset, min(length, self.plain_size - offset)
        )


class Passage:
    """One range: fetch `length` bytes of ciphertext from `start`, feed them in order, finish."""

    def __init__(self, chunks: _Chunks, cipher_size: int, last: int, offset: int, length: int) -> None:
        self._chunks = chunks
        self._cipher_size = cipher_size
        self._last = last
        self._index = offset // chunks.size if length else 0
        self._after = -(-(offset + length) // chunks.size) if length else 0
        self._skip = offset - self._index * chunks.size
        self._wanted = length
        self._pending = bytearray()
        self.start = self._start_of(self._index)
        self.length = self._start_of(self._after) - self.start

    def feed(self, ciphertext: bytes) -> bytes:
        self._pending += ciphertext
        plain = []
        while self._index < self._after:
            size = self._start_of(self._index + 1) - self._start_of(self._index)
            if len(self._pending) < size:
                break
            opened = self._chunks.open(self._index, self._index == self._last, bytes(self._pending[:size]))
            del self._pending[:size]
            wanted = opened[self._skip : self._skip + self._wanted]
            self._index, self._skip, self._wanted = self._index + 1, 0, self._wanted - len(wanted)
            plain.append(wanted)
        return b"".join(plain)

    def finish(self) -> None:
        """Raises Tampered unless exactly the fetched range was fed."""
        if self._index < self._after:
            raise Tampered(self._index, "the range is cut short")
        if self._pending:
            raise Tampered(self._index, "the range is too long")

    def decrypt(self, ciphertext: bytes) -> bytes:
        plain = self.feed(ciphertext)
        self.finish()
        return plain

    def _start_of(self, index: int) -> int:
        return min(HEADER_SIZE + index * self._chunks.record_size, self._cipher_size)
