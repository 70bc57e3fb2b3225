"""One suite for every store. What only one store can suffer stands at the end."""

import asyncio
import gc
import os
import resource
import secrets
import shutil
import socket
import subprocess
import threading
import time
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from minio import Minio
from minio.deleteobjects import DeleteObject

from storage.vault import (
    PIECE,
    BadObjectId,
    BadVaultAddress,
    NotStaged,
    ObjectExists,
    ObjectMissing,
    Part,
    PartsMissing,
    RangeOutside,
    Vault,
    VaultFull,
    VaultUnavailable,
    open_vault,
)
from storage.vault_directory import DirectoryVault
from storage.vault_minio import MinioVault

pytestmark = pytest.mark.only_embedded  # both stores, whichever column

MIB = 1 << 20
STORES = ["directory", "minio"]


def minio_url() -> str:
    url = os.environ.get("ZHIXI_TEST_MINIO")
    if not url:
        if os.environ.get("ZHIXI_REQUIRE_SERVICES") == "1":
            pytest.fail("ZHIXI_TEST_MINIO names no MinIO, and ZHIXI_REQUIRE_SERVICES=1")
        pytest.skip("no MinIO: ZHIXI_TEST_MINIO is not set (deploy/services env prints it)")
    return url


def minio_client() -> Minio:
    address = urlsplit(minio_url())
    return Minio(address.netloc.rpartition("@")[2], address.username, address.password, secure=False)


@contextmanager
def bucket_url() -> Iterator[str]:
    bucket = f"zhixi-test-{secrets.token_hex(6)}"
    yield f"{minio_url()}/{bucket}"
    client = minio_client()
    if client.bucket_exists(bucket):
        versions = client.list_objects(bucket, recursive=True, include_version=True)
        doomed = (DeleteObject(str(item.object_name), item.version_id) for item in versions)
        assert list(client.remove_objects(bucket, doomed)) == []
        client.remove_bucket(bucket)


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "directory":
        yield f"file://{tmp_path}/vault"
    else:
        with bucket_url() as url:
            yield url


@pytest.fixture
async def vault(url: str) -> AsyncIterator[Vault]:
    vault = open_vault(url)
    await vault.prepare()
    yield vault
    await vault.close()


async def read(vault: Vault, object_id: str, start: int = 0, length: int | None = None) -> bytes:
    async with aclosing(vault.read_range(object_id, start, length)) as pieces:
        return b"".join([piece async for piece in pieces])


async def everything(names: AsyncGenerator[str, None]) -> list[str]:
    return sorted([name async for name in names])


async def written(vault: Vault, object_id: str, *contents: bytes) -> None:
    await vault.begin(object_id)
    for number, content in enumerate(contents, start=1):
        await vault.put_part(object_id, number, content)
    await vault.complete(object_id, parts=len(contents), size=sum(map(len, contents)))


async def test_parts_become_one_object(vault: Vault) -> None:
    await vault.begin("file-1")
    await vault.put_part("file-1", 1, b"know ")
    await vault.put_part("file-1", 2, b"and tell")

    stat = await vault.complete("file-1", parts=2, size=13)

    assert stat.size == 13
    assert abs(time.time() - stat.modified.timestamp()) < 60
    assert await read(vault, "file-1") == b"know and tell"
    assert await vault.stat("file-1") == stat


async def test_nothing_is_seen_before_completion(vault: Vault) -> None:
    await vault.begin("file-1")
    await vault.put_part("file-1", 1, b"staged")

    assert await everything(vault.list_objects()) == []
    assert await everything(vault.list_staged()) == ["file-1"]
    with pytest.raises(ObjectMissing):
        await vault.stat("file-1")
    with pytest.raises(ObjectMissing):
        await read(vault, "file-1")


async def test_nothing_stays_staged_after_completion(vault: Vault) -> None:
    await written(vault, "file-1", b"whole")

    assert await everything(vault.list_objects()) == ["file-1"]
    assert await everything(vault.list_staged()) == []
    with pytest.raises(NotStaged):
        await vault.parts("file-1")
    with pytest.raises(NotStaged):
        await vault.put_part("file-1", 2, b"late")


async def test_staged_parts_survive_a_restart_of_the_server(vault: Vault, url: str) -> None:
    await vault.begin("file-1")
    await vault.put_part("file-1", 1, b"before ")
    await vault.close()

    restarted = open_vault(url)
    await restarted.begin("file-1")
    assert await restarted.parts("file-1") == [Part(1, 7)]
    await restarted.put_part("file-1", 2, b"after")
    await restarted.complete("file-1", parts=2, size=12)

    assert await read(restarted, "file-1") == b"before after"
    await restarted.close()


async def test_a_part_put_again_replaces_the_first(vault: Vault) -> None:
    await vault.begin("file-1")
    await vault.put_part("file-1", 2, b"end")
    await vault.put_part("file-1", 1, b"first try, longer")
    await vault.put_part("file-1", 1, b"second ")

    assert await vault.parts("file-1") == [Part(1, 7), Part(2, 3)]
    await vault.complete("file-1", parts=2, size=10)

    assert await read(vault, "file-1") == b"second end"


async def test_more_than_ten_parts_keep_their_order(vault: Vault) -> None:
    contents = [f"{number},".encode() for number in range(1, 25)]

    await written(vault, "file-1", *contents)

    assert await read(vault, "file-1") == b"".join(contents)


@pytest.mark.parametrize(
    "sizes",
    [
        [8 * MIB, 8 * MIB, 3],
        [5 * MIB, 5 * MIB - 1, 5 * MIB],
        [1, 9 * MIB, 1, 6 * MIB, 1],
        [17 * MIB],
        [3 * MIB] * 5,
    ],
    ids=str,
)
async def test_parts_of_any_size_are_joined(vault: Vault, sizes: list[int]) -> None:
    contents = [secrets.token_bytes(size) for size in sizes]

    await written(vault, "file-1", *contents)

    assert await read(vault, "file-1") == b"".join(contents)


async def test_completing_twice_changes_nothing(vault: Vault) -> None:
    await written(vault, "file-1", b"whole")
    before = await vault.stat("file-1")

    assert await vault.complete("file-1", parts=1, size=5) == before
    with pytest.raises(ObjectExists):
        await vault.complete("file-1", parts=1, size=6)


async def test_an_object_is_written_once(vault: Vault) -> None:
    await written(vault, "file-1", b"whole")

    with pytest.raises(ObjectExists):
        await vault.begin("file-1")


@pytest.mark.parametrize(("parts", "size"), [(0, 0), (1, 3), (2, 6), (3, 9), (2, 7)])
async def test_parts_that_are_not_the_ones_sent_are_not_completed(
    vault: Vault, parts: int, size: int
) -> None:
    await vault.begin("file-1")
    await vault.put_part("file-1", 1, b"one")
    await vault.put_part("file-1", 3, b"two")

    with pytest.raises(PartsMissing):
        await vault.complete("file-1", parts=parts, size=size)

    assert await vault.parts("file-1") == [Part(1, 3), Part(3, 3)]
    assert await everything(vault.list_objects()) == []


async def test_a_size_that_differs_is_not_completed(vault: Vault) -> None:
    await vault.begin("file-1")
    await vault.put_part("file-1", 1, b"one")

    with pytest.raises(PartsMissing, match="4 bytes were sent and 3 are staged"):
        await vault.complete("file-1", parts=1, size=4)


async def test_what_was_never_begun_takes_no_parts(vault: Vault) -> None:
    with pytest.raises(NotStaged):
        await vault.put_part("file-1", 1, b"one")
    with pytest.raises(NotStaged):
        await vault.parts("file-1")
    with pytest.raises(NotStaged):
        await vault.complete("file-1", parts=1, size=3)


async def test_aborting_forgets_the_parts_and_only_them(vault: Vault) -> None:
    await written(vault, "kept", b"whole")
    await vault.begin("file-1")
    await vault.put_part("file-1", 1, b"one")

    for object_id in ("file-1", "file-1", "kept"):
        await vault.abort(object_id)

    assert await everything(vault.list_staged()) == []
    assert await read(vault, "kept") == b"whole"
    await vault.begin("file-1")
    assert await vault.parts("file-1") == []


async def test_deleting_takes_one_object_and_not_its_neighbours(vault: Vault) -> None:
    for object_id in ("file-1", "file-10", "file"):
        await written(vault, object_id, b"whole")
    await vault.begin("file-1x")

    for _ in range(2):
        await vault.delete("file-1")

    assert await everything(vault.list_objects()) == ["file", "file-10"]
    assert await everything(vault.list_staged()) == ["file-1x"]
    with pytest.raises(ObjectMissing):
        await vault.stat("file-1")


async def test_deleting_takes_what_was_staged_too(vault: Vault) -> None:
    await vault.begin("file-1")
    await vault.put_part("file-1", 1, b"one")

    await vault.delete("file-1")

    assert await everything(vault.list_staged()) == []


async def test_many_objects_are_all_listed(vault: Vault) -> None:
    ids = sorted(f"file-{number}" for number in range(40))

    await asyncio.gather(*(written(vault, object_id, b"x") for object_id in ids))

    assert await everything(vault.list_objects()) == ids


async def test_parts_may_arrive_at_the_same_time(vault: Vault) -> None:
    await vault.begin("file-1")

    await asyncio.gather(
        *(vault.put_part("file-1", number, bytes([number])) for number in range(1, 31)),
        *(vault.put_part("file-1", 7, b"\x07") for _ in range(10)),
    )
    await vault.complete("file-1", parts=30, size=30)

    assert await read(vault, "file-1") == bytes(range(1, 31))


async def test_ranges_are_slices(vault: Vault) -> None:
    content = secrets.token_bytes(2 * PIECE + 5)
    await written(vault, "file-1", content[:PIECE], content[PIECE:])

    ranges = [(0, 0), (0, 1), (PIECE - 1, 2), (3, 2 * PIECE), (len(content), 0), (len(content) - 1, 1)]
    for start, length in ranges:
        assert await read(vault, "file-1", start, length) == content[start : start + length]
    assert await read(vault, "file-1", PIECE) == content[PIECE:]
    assert await read(vault, "file-1", len(content)) == b""


@pytest.mark.parametrize(("start", "length"), [(0, 6), (5, 1), (6, 0), (6, None), (4, 2)])
async def test_bytes_that_are_not_there_are_an_error(vault: Vault, start: int, length: int | None) -> None:
    await written(vault, "file-1", b"whole")

    with pytest.raises(RangeOutside):
        await read(vault, "file-1", start, length)


async def test_a_reader_may_leave_early(vault: Vault) -> None:
    await written(vault, "file-1", bytes(8 * MIB))

    for _ in range(40):
        async with aclosing(vault.read_range("file-1")) as pieces:
            assert len(await anext(pieces)) <= PIECE

    assert await read(vault, "file-1", 5, 3) == bytes(3)


async def test_a_reader_may_be_cancelled(vault: Vault) -> None:
    await written(vault, "file-1", bytes(8 * MIB))

    async def slowly() -> None:
        async with aclosing(vault.read_range("file-1")) as pieces:
            async for _ in pieces:
                await asyncio.sleep(0.01)

    for delay in (0.0, 0.005, 0.02):
        task = asyncio.create_task(slowly())
        await asyncio.sleep(delay)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert len(await read(vault, "file-1")) == 8 * MIB


HOSTILE = ["", "..", ".", "a/b", "../a", "/etc/passwd", "a\x00", "a\n", "ä", "a b", "a.b", "x" * 81, "密"]


@pytest.mark.parametrize("object_id", HOSTILE, ids=repr)
async def test_an_id_that_could_be_a_path_is_refused_everywhere(vault: Vault, object_id: str) -> None:
    attempts = [
        vault.begin(object_id),
        vault.put_part(object_id, 1, b"x"),
        vault.parts(object_id),
        vault.complete(object_id, parts=1, size=1),
        vault.abort(object_id),
        vault.stat(object_id),
        vault.delete(object_id),
        read(vault, object_id),
    ]

    for attempt in attempts:
        with pytest.raises(BadObjectId):
            await attempt


@pytest.mark.parametrize(("number", "content"), [(0, b"x"), (-1, b"x"), (1_000_001, b"x"), (1, b"")])
async def test_a_part_has_a_number_and_a_byte(vault: Vault, number: int, content: bytes) -> None:
    await vault.begin("file-1")

    with pytest.raises(ValueError, match="part"):
        await vault.put_part("file-1", number, content)


async def test_the_longest_id_is_an_id(vault: Vault) -> None:
    await written(vault, "Z" * 80, b"whole")

    assert await read(vault, "Z" * 80) == b"whole"


async def test_a_prepared_store_is_well_and_preparing_again_loses_nothing(vault: Vault) -> None:
    await written(vault, "file-1", b"whole")

    await vault.prepare()
    await vault.check()

    assert await read(vault, "file-1") == b"whole"


async def test_a_store_that_was_never_prepared_is_unavailable_and_not_empty(url: str) -> None:
    vault = open_vault(url)

    await assert_unavailable_everywhere(vault)

    await vault.close()


async def test_a_store_that_is_lost_is_unavailable_and_not_empty(vault: Vault, url: str) -> None:
    await written(vault, "file-1", b"whole")

    lose(url)

    await assert_unavailable_everywhere(vault)


def lose(url: str) -> None:
    address = urlsplit(url)
    if address.scheme == "file":
        shutil.rmtree(address.path)
        Path(address.path).mkdir()  # an unmounted disk leaves an empty folder
        return
    client, bucket = minio_client(), address.path.strip("/")
    versions = client.list_objects(bucket, recursive=True, include_version=True)
    doomed = (DeleteObject(str(item.object_name), item.version_id) for item in versions)
    assert list(client.remove_objects(bucket, doomed)) == []
    client.remove_bucket(bucket)


async def assert_unavailable_everywhere(vault: Vault) -> None:
    attempts = [
        vault.check(),
        vault.begin("file-1"),
        vault.put_part("file-1", 1, b"x"),
        vault.parts("file-1"),
        vault.complete("file-1", parts=1, size=1),
        vault.abort("file-1"),
        vault.stat("file-1"),
        vault.delete("file-1"),
        read(vault, "file-1"),
        everything(vault.list_objects()),
        everything(vault.list_staged()),
    ]
    for attempt in attempts:
        with pytest.raises(VaultUnavailable) as caught:
            await attempt
        assert vault.store in str(caught.value)
        assert caught.value.service == "vault"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=8), data=st.data())
async def test_any_parts_in_any_order_make_the_same_object(
    vault: Vault, contents: list[bytes], data: st.DataObject
) -> None:
    object_id, whole = secrets.token_hex(8), b"".join(contents)
    order = data.draw(st.permutations(range(len(contents))))
    start = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, len(whole) - start))

    await vault.begin(object_id)
    for index in order:
        await vault.put_part(object_id, index + 1, contents[index])
    await vault.complete(object_id, parts=len(contents), size=len(whole))

    assert await read(vault, object_id, start, length) == whole[start : start + length]


@pytest.mark.parametrize("part", [8 * MIB, 4 * MIB], ids=["joined by the store", "passed through us"])
async def test_a_large_file_never_comes_into_memory(vault: Vault, part: int) -> None:
    size, content = 300 * MIB, secrets.token_bytes(part)
    gc.collect()
    resident = resident_bytes()
    tracemalloc.start()
    try:
        await vault.begin("file-1")
        for number in range(size // part):
            await vault.put_part("file-1", number + 1, content)
        await vault.complete("file-1", parts=size // part, size=size // part * part)
        received = 0
        async with aclosing(vault.read_range("file-1")) as pieces:
            async for piece in pieces:
                received += len(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert received == size // part * part
    assert peak < 64 * MIB
    assert peak_resident_bytes() - resident < 64 * MIB


def resident_bytes() -> int:
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of earlier tests
    return peak_resident_bytes()


def peak_resident_bytes() -> int:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


# Addresses


@pytest.mark.parametrize(
    ("url", "kind", "store"),
    [
        ("file:///var/lib/zhixi/vault", DirectoryVault, "/var/lib/zhixi/vault"),
        ("file:///var/lib/%E7%9F%A5%E6%82%89", DirectoryVault, "/var/lib/知悉"),
        ("http://user:secret@127.0.0.1:9000/files", MinioVault, "127.0.0.1:9000/files"),
        ("http://user:secret@[::1]:9000/files", MinioVault, "[::1]:9000/files"),
        ("https://user:a%2Fb%40c@minio.example/files", MinioVault, "minio.example/files"),
    ],
)
async def test_an_address_opens_its_kind_of_vault_and_its_name_keeps_the_secret(
    url: str, kind: type, store: str
) -> None:
    vault = open_vault(url)

    assert isinstance(vault, kind)
    assert isinstance(vault, Vault)
    assert vault.store == store
    await vault.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "vault",
        "/var/vault",
        "ftp://user:hunter2@host/files",
        "file://host/vault",
        "file:vault",
        "file:///",
        "file:///vault?x=hunter2",
        "http://host/files",
        "http://user@host/files",
        "http://user:hunter2@host",
        "http://user:hunter2@host/a/b",
        "http://user:hunter2@host:port/files",
        "http://user:hunter2@host/No_Bucket",
        "http://user:hunter2@[::1/files",
    ],
)
def test_an_address_of_no_vault_is_refused_without_repeating_the_secret(url: str) -> None:
    with pytest.raises(BadVaultAddress) as caught:
        open_vault(url)

    assert "hunter2" not in str(caught.value)


# A folder


async def test_the_folder_is_nobody_elses(tmp_path: Path) -> None:
    vault = open_vault(f"file://{tmp_path}/vault")
    await vault.prepare()
    await written(vault, "file-1", b"whole")

    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "vault").rglob("*")}

    assert modes == {0}


async def test_a_crash_between_rename_and_tidying_up_is_healed(tmp_path: Path) -> None:
    vault = open_vault(f"file://{tmp_path}/vault")
    await vault.prepare()
    await written(vault, "file-1", b"whole")
    leftover = tmp_path / "vault/staging/file-1"
    leftover.mkdir()
    (leftover / "0000001").write_bytes(b"whole")

    await vault.complete("file-1", parts=1, size=5)

    assert await everything(vault.list_staged()) == []
    assert await read(vault, "file-1") == b"whole"


async def test_drafts_left_by_a_crash_are_no_parts(tmp_path: Path) -> None:
    vault = open_vault(f"file://{tmp_path}/vault")
    await vault.prepare()
    await vault.begin("file-1")
    (tmp_path / "vault/staging/file-1/.0000001.abc").write_bytes(b"half a par")
    await vault.put_part("file-1", 1, b"part")

    await vault.complete("file-1", parts=1, size=4)

    assert await read(vault, "file-1") == b"part"


async def test_a_folder_that_turned_into_something_else_is_unavailable(tmp_path: Path) -> None:
    vault = open_vault(f"file://{tmp_path}/vault")
    await vault.prepare()
    shutil.rmtree(tmp_path / "vault")
    (tmp_path / "vault").write_text("not a folder")

    await assert_unavailable_everywhere(vault)


async def test_a_file_too_large_for_the_store_is_a_full_store(tmp_path: Path) -> None:
    vault = open_vault(f"file://{tmp_path}/vault")
    await vault.prepare()
    await vault.begin("file-1")
    await vault.put_part("file-1", 1, bytes(6_000))
    await vault.put_part("file-1", 2, bytes(6_000))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limit[1]))
    try:
        with pytest.raises(VaultFull):
            await vault.put_part("file-1", 3, bytes(20_000))
        with pytest.raises(VaultFull):
            await vault.complete("file-1", parts=2, size=12_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    assert await vault.parts("file-1") == [Part(1, 6_000), Part(2, 6_000)]
    await vault.complete("file-1", parts=2, size=12_000)
    assert await read(vault, "file-1") == bytes(12_000)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "zhixi-test", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


async def test_a_full_disk_is_told_and_what_was_written_stays(small_disk: Path) -> None:
    vault = open_vault(f"file://{small_disk}/vault")
    await vault.prepare()
    await vault.begin("file-1")
    await vault.put_part("file-1", 1, bytes(600_000))

    with pytest.raises(VaultFull, match="is full"):
        await vault.put_part("file-1", 2, bytes(600_000))
    with pytest.raises(VaultFull):
        await vault.complete("file-1", parts=1, size=600_000)

    assert await vault.parts("file-1") == [Part(1, 600_000)]
    await vault.put_part("file-1", 2, b"what still fits")


# A bucket


async def test_a_deleted_object_leaves_no_version_and_no_marker() -> None:
    with bucket_url() as url:
        vault, client, bucket = open_vault(url), minio_client(), urlsplit(url).path.strip("/")
        await vault.prepare()
        await written(vault, "file-1", b"whole")
        client.remove_object(
            bucket, "objects/file-1/content"
        )  # somebody else's deletion: a marker above a version

        with pytest.raises(ObjectMissing):
            await vault.stat("file-1")
        await vault.delete("file-1")

        assert list(client.list_objects(bucket, recursive=True, include_version=True)) == []
        await vault.close()


async def test_a_crash_between_joining_and_tidying_up_is_healed() -> None:
    with bucket_url() as url:
        vault, client, bucket = open_vault(url), minio_client(), urlsplit(url).path.strip("/")
        await vault.prepare()
        await written(vault, "file-1", b"whole")
        for name in ("begun", "0000001"):
            client.put_object(bucket, f"staging/file-1/{name}", BytesIO(), 0)

        await vault.complete("file-1", parts=1, size=5)

        assert await everything(vault.list_staged()) == []
        assert await read(vault, "file-1") == b"whole"
        await vault.close()


async def test_the_bucket_is_versioned() -> None:
    with bucket_url() as url:
        vault = open_vault(url)
        await vault.prepare()

        assert minio_client().get_bucket_versioning(urlsplit(url).path.strip("/")).status == "Enabled"
        await vault.close()


async def test_wrong_credentials_are_an_unavailable_store() -> None:
    address = urlsplit(minio_url())
    vault = open_vault(f"http://{address.username}:wrong-secret@127.0.0.1:{address.port}/zhixi-test-files")

    await assert_unavailable_everywhere(vault)

    with pytest.raises(VaultUnavailable) as caught:
        await vault.check()
    assert "secret" not in str(caught.value)
    await vault.close()


async def test_a_store_that_nobody_answers_for_fails_at_once() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    vault = open_vault(f"http://user:password@127.0.0.1:{port}/files")
    begun = time.monotonic()

    await assert_unavailable_everywhere(vault)

    assert time.monotonic() - begun < 10  # eleven attempts
    await vault.close()


async def test_a_store_that_never_answers_fails_in_a_few_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=20) as silent:
        vault = MinioVault(
            endpoint=f"127.0.0.1:{silent.getsockname()[1]}",
            user="user",
            secret="password",
            bucket="files",
            secure=False,
            read_seconds=0.3,
        )
        begun = time.monotonic()

        await assert_unavailable_everywhere(vault)

        assert time.monotonic() - begun < 11 * 0.8
        await vault.close()


class _Full(BaseHTTPRequestHandler):
    """Answers as MinIO does when no drive has room."""

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(507, b"<Error><Code>XMinioStorageFull</Code><Message>full</Message></Error>")

    def do_GET(self) -> None:
        self._answer(200, b"<LocationConstraint/>")

    def do_HEAD(self) -> None:
        self._answer(200 if self.path.endswith("begun") else 404, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Mon, 23 Nov 2026 08:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


async def test_a_store_without_room_is_full() -> None:
    with HTTPServer(("127.0.0.1", 0), _Full) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        vault = open_vault(f"http://user:password@127.0.0.1:{server.server_port}/files")

        with pytest.raises(VaultFull):
            await vault.put_part("file-1", 1, b"x")

        await vault.close()
        server.shutdown()
        thread.join()
