import os
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.cipher import (
    CHUNK_SIZE,
    HEADER_SIZE,
    OVERHEAD,
    Decryptor,
    Encryptor,
    Reader,
    Tampered,
    cipher_size,
    new_key,
    plain_size,
)

KEY = bytes(range(32))
CHUNK = 16
RECORD = CHUNK + OVERHEAD

boundaries = st.sampled_from(
    [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 1, 3 * CHUNK, 3 * CHUNK + 1]
)
plaintexts = st.one_of(boundaries.map(os.urandom), st.binary(max_size=6 * CHUNK))
texts_of_many_chunks = st.binary(min_size=2 * CHUNK + 1, max_size=6 * CHUNK)


def encrypted(plain: bytes, key: bytes = KEY, chunk_size: int = CHUNK) -> bytes:
    encryptor = Encryptor(key, chunk_size=chunk_size)
    return encryptor.feed(plain) + encryptor.finish()


def decrypted(ciphertext: bytes, key: bytes = KEY) -> bytes:
    decryptor = Decryptor(key)
    return decryptor.feed(ciphertext) + decryptor.finish()


def pieces(content: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(content) + 1) for cut in cuts), len(content)]
    return [content[start:end] for start, end in pairwise(places)]


def chunks_of(ciphertext: bytes) -> list[bytes]:
    body = ciphertext[HEADER_SIZE:]
    return [body[start : start + RECORD] for start in range(0, len(body), RECORD)]


@given(plaintexts, st.lists(st.integers(0, 1000)), st.lists(st.integers(0, 1000)))
def test_what_went_in_comes_out_however_it_is_cut_into_pieces(
    plain: bytes, fed: list[int], read: list[int]
) -> None:
    encryptor, decryptor = Encryptor(KEY, chunk_size=CHUNK), Decryptor(KEY)

    ciphertext = b"".join(map(encryptor.feed, pieces(plain, fed))) + encryptor.finish()
    again = b"".join(map(decryptor.feed, pieces(ciphertext, read))) + decryptor.finish()

    assert again == plain


@pytest.mark.parametrize("size", [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 3 * CHUNK_SIZE])
def test_the_usual_chunk_size_holds_at_its_boundaries(size: int) -> None:
    plain = os.urandom(size)

    ciphertext = encrypted(plain, chunk_size=CHUNK_SIZE)

    assert len(ciphertext) == cipher_size(size)
    assert decrypted(ciphertext) == plain


@given(plaintexts)
def test_sizes_are_known_without_reading(plain: bytes) -> None:
    ciphertext = encrypted(plain)

    assert cipher_size(len(plain), CHUNK) == len(ciphertext)
    assert plain_size(len(ciphertext), CHUNK) == len(plain)


@given(st.integers(-5, 500))
def test_a_size_is_either_the_size_of_a_file_or_refused(size: int) -> None:
    try:
        plain = plain_size(size, CHUNK)
    except Tampered:
        assert size not in {cipher_size(plain, CHUNK) for plain in range(500)}
    else:
        assert cipher_size(plain, CHUNK) == size


@given(plaintexts, st.data())
def test_an_upload_goes_on_after_the_server_was_restarted(plain: bytes, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, 1000), max_size=4))
    encryptor = Encryptor(KEY, chunk_size=CHUNK)
    ciphertext = b""

    for piece in pieces(plain, cuts):
        encryptor = Encryptor.resume(KEY, encryptor.state())
        ciphertext += encryptor.feed(piece)
        assert encryptor.cipher_given == len(ciphertext)
    assert encryptor.plain_taken == len(plain)
    ciphertext += encryptor.finish()

    assert decrypted(ciphertext) == plain


def test_the_stored_state_shows_no_plaintext_and_belongs_to_its_key() -> None:
    encryptor = Encryptor(KEY)
    encryptor.feed("绝密★十年 and more".encode() * 10)

    state = encryptor.state()

    assert "绝密".encode() not in state
    assert b"and more" not in state
    assert len(state) == HEADER_SIZE + 12 + 5 + encryptor.plain_taken + 16
    with pytest.raises(Tampered, match="state"):
        Encryptor.resume(new_key(), state)
    with pytest.raises(Tampered, match="state"):
        Encryptor.resume(KEY, state[:-1])
    with pytest.raises(Tampered):
        Encryptor.resume(KEY, b"")


def test_two_ends_of_one_interrupted_upload_never_share_a_nonce() -> None:
    encryptor = Encryptor(KEY, chunk_size=CHUNK)
    begun = encryptor.feed(b"")
    state = encryptor.state()

    one = Encryptor.resume(KEY, state).feed(b"a" * (CHUNK + 1))
    other = Encryptor.resume(KEY, state).feed(b"b" * (CHUNK + 1))

    assert one[:7] != other[:7]
    for continued in (one, other):
        assert Decryptor(KEY).feed(begun + continued + b"more") in {b"a" * CHUNK, b"b" * CHUNK}


@given(st.binary(max_size=3 * CHUNK), st.data())
def test_any_flipped_bit_is_found(plain: bytes, data: st.DataObject) -> None:
    ciphertext = bytearray(encrypted(plain))
    bit = data.draw(st.integers(0, len(ciphertext) * 8 - 1))
    ciphertext[bit // 8] ^= 1 << bit % 8

    with pytest.raises(Tampered) as caught:
        decrypted(bytes(ciphertext))

    if bit // 8 >= HEADER_SIZE:
        assert caught.value.chunk == (bit // 8 - HEADER_SIZE) // RECORD


@given(plaintexts, st.data())
@example(bytes(3 * CHUNK), None)
def test_any_truncation_is_found(plain: bytes, data: st.DataObject | None) -> None:
    ciphertext = encrypted(plain)
    lengths = range(len(ciphertext)) if data is None else [data.draw(st.integers(0, len(ciphertext) - 1))]

    for length in lengths:
        with pytest.raises(Tampered):
            decrypted(ciphertext[:length])


@given(texts_of_many_chunks, st.data())
def test_a_file_cut_between_two_chunks_does_not_end_there(plain: bytes, data: st.DataObject) -> None:
    ciphertext = encrypted(plain)
    kept = data.draw(st.integers(1, len(chunks_of(ciphertext)) - 1))
    cut = ciphertext[: HEADER_SIZE + kept * RECORD]

    with pytest.raises(Tampered) as streamed:
        decrypted(cut)
    reader = Reader(KEY, cut, len(cut))
    passage = reader.plain_range(reader.plain_size - 1, 1)
    with pytest.raises(Tampered) as ranged:
        passage.decrypt(cut[passage.start : passage.start + passage.length])

    assert streamed.value.chunk == ranged.value.chunk == kept - 1


@given(texts_of_many_chunks, st.data())
def test_reordered_repeated_and_dropped_chunks_are_found(plain: bytes, data: st.DataObject) -> None:
    ciphertext = encrypted(plain)
    chunks = chunks_of(ciphertext)
    order = data.draw(
        st.lists(st.integers(0, len(chunks) - 1), min_size=1).filter(
            lambda order: order != list(range(len(chunks)))
        )
    )

    with pytest.raises(Tampered):
        decrypted(ciphertext[:HEADER_SIZE] + b"".join(chunks[index] for index in order))


@given(texts_of_many_chunks, st.binary(min_size=1, max_size=40))
def test_nothing_can_be_added_after_the_last_chunk(plain: bytes, more: bytes) -> None:
    with pytest.raises(Tampered):
        decrypted(encrypted(plain) + more)


def test_a_chunk_of_another_file_is_found_even_under_the_same_key() -> None:
    one, other = encrypted(bytes(3 * CHUNK)), encrypted(bytes(3 * CHUNK))
    mixed = one[: HEADER_SIZE + RECORD] + other[HEADER_SIZE + RECORD :]

    with pytest.raises(Tampered, match="chunk 1") as caught:
        decrypted(mixed)

    assert caught.value.chunk == 1


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Tampered, match="chunk 0"):
        decrypted(encrypted(b"text"), new_key())


def test_a_cipher_suite_of_the_future_is_named() -> None:
    ciphertext = bytearray(encrypted(b"text"))
    ciphertext[7] = 9

    with pytest.raises(Tampered, match="header: cipher suite 9 is unknown here"):
        decrypted(bytes(ciphertext))


@given(plaintexts, st.integers(0, 8 * CHUNK), st.integers(0, 8 * CHUNK), st.lists(st.integers(0, 1000)))
def test_a_range_is_the_slice_and_fetches_no_more_than_its_chunks(
    plain: bytes, offset: int, length: int, cuts: list[int]
) -> None:
    ciphertext = encrypted(plain)
    reader = Reader(KEY, ciphertext[:HEADER_SIZE], len(ciphertext))

    passage = reader.plain_range(offset, length)
    fetched = ciphertext[passage.start : passage.start + passage.length]
    read = b"".join(map(passage.feed, pieces(fetched, cuts)))
    passage.finish()

    assert reader.plain_size == len(plain)
    assert read == plain[offset : offset + length]
    assert len(fetched) == passage.length <= (len(read) // CHUNK + 2) * RECORD
    if not read:
        assert passage.length == 0


@given(texts_of_many_chunks, st.data())
def test_a_flipped_bit_inside_a_range_names_its_chunk(plain: bytes, data: st.DataObject) -> None:
    ciphertext = encrypted(plain)
    reader = Reader(KEY, ciphertext[:HEADER_SIZE], len(ciphertext))
    passage = reader.plain_range(
        data.draw(st.integers(0, len(plain) - 1)), data.draw(st.integers(1, 3 * CHUNK))
    )
    fetched = bytearray(ciphertext[passage.start : passage.start + passage.length])
    bit = data.draw(st.integers(0, len(fetched) * 8 - 1))
    fetched[bit // 8] ^= 1 << bit % 8

    with pytest.raises(Tampered) as caught:
        passage.decrypt(bytes(fetched))

    assert caught.value.chunk == (passage.start - HEADER_SIZE + bit // 8) // RECORD


def test_a_range_fetched_short_or_long_is_refused() -> None:
    ciphertext = encrypted(bytes(4 * CHUNK))
    reader = Reader(KEY, ciphertext[:HEADER_SIZE], len(ciphertext))

    for change in (-1, 1):
        passage = reader.plain_range(CHUNK, CHUNK)
        with pytest.raises(Tampered, match="chunk"):
            passage.decrypt(ciphertext[passage.start : passage.start + passage.length + change])


def test_a_finished_file_takes_nothing_more() -> None:
    encryptor = Encryptor(KEY)
    encryptor.finish()

    with pytest.raises(ValueError, match="finished"):
        encryptor.feed(b"more")
    with pytest.raises(ValueError, match="finished"):
        encryptor.state()


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(33)])
def test_only_a_key_of_256_bits_is_a_key(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Encryptor(key)
