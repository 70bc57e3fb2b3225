import io
import struct
import threading
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

from storage.truetype import (
    CSV,
    DOCX,
    JPEG,
    KINDS,
    ODT,
    OFD,
    PDF,
    PNG,
    PPTX,
    TEXT,
    TIFF,
    XLSX,
    ZIP,
    CutShort,
    EmptyFile,
    FileRefused,
    Kind,
    LockedFile,
    UnknownType,
    UnsafeName,
    WrongExtension,
    pdfium_lock,
    safe_name,
    true_type,
)

pytestmark = pytest.mark.only_embedded

MIB = 1 << 20


def typed(content: bytes, name: str, declared: str | None = None) -> Kind:
    def read(start: int, length: int) -> bytes:
        assert start >= 0
        assert length > 0
        assert start + length <= len(content)
        return content[start : start + length]

    return true_type(read, len(content), name, declared)


def pdf(pages: int = 2) -> bytes:
    target = io.BytesIO()
    with pdfium_lock, pypdfium2.PdfDocument.new() as document:
        for _ in range(pages):
            document.new_page(595, 842).close()
        document.save(target)
    return target.getvalue()


def locked_pdf() -> bytes:
    """A PDF whose trailer asks for a password that nobody knows."""
    plain = pdf()
    keys = b"/Filter/Standard/V 2/R 3/Length 128/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">"
    return plain.replace(b"trailer\r\n<<", b"trailer\r\n<</Encrypt<<" + keys + b">>/ID[<00><00>]")


def picture(form: str, **options: object) -> bytes:
    target = io.BytesIO()
    noise = Image.effect_noise((200, 100), 90)
    noise.save(target, form, **options)
    return target.getvalue()


def tiff_of_pages(pages: int = 3) -> bytes:
    target = io.BytesIO()
    first, *others = [Image.effect_noise((60, 40), 90) for _ in range(pages)]
    first.save(target, "TIFF", save_all=True, append_images=others)
    return target.getvalue()


def jpeg_with_preview() -> bytes:
    """As cameras write it: a small JPEG, with an end of its own, inside the large one."""
    preview, large = picture("JPEG"), picture("JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", 2 + len(preview)) + preview
    return large[:2] + segment + large[2:]


def archive(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return target.getvalue()


def open_xml(main: str, part: str, more: dict[str, bytes] | None = None) -> bytes:
    types = f'<Types><Override PartName="/{part}" ContentType="{main}"/></Types>'.encode()
    return archive({"[Content_Types].xml": types, part: b"<x/>"} | (more or {}))


def main_type(kind: Kind) -> str:
    return f"{kind.media_type}.main+xml"


def docx() -> bytes:
    return open_xml(main_type(DOCX), "word/document.xml")


def xlsx() -> bytes:
    target, book = io.BytesIO(), Workbook()
    book.save(target)
    book.close()
    return target.getvalue()


MAKERS: dict[str, tuple[Callable[[], bytes], Kind]] = {
    "章程.pdf": (pdf, PDF),
    "scan.PNG": (lambda: picture("PNG"), PNG),
    "scan.jpg": (lambda: picture("JPEG"), JPEG),
    "scan.jpeg": (lambda: picture("JPEG", progressive=True), JPEG),
    "camera.jpg": (jpeg_with_preview, JPEG),
    "scan.tif": (tiff_of_pages, TIFF),
    "scan.tiff": (lambda: picture("TIFF", compression="tiff_lzw"), TIFF),
    "letter.docx": (docx, DOCX),
    "list.xlsx": (xlsx, XLSX),
    "talk.pptx": (lambda: open_xml(main_type(PPTX), "ppt/presentation.xml"), PPTX),
    "letter.odt": (lambda: archive({"mimetype": ODT.media_type.encode(), "content.xml": b"<x/>"}), ODT),
    "公文.ofd": (lambda: archive({"OFD.xml": b"<x/>"}), OFD),
    "all.zip": (lambda: archive({"a.txt": b"a"}), ZIP),
    "notes.txt": ("国家秘密\r\n\tof all kinds\n".encode, TEXT),
    "bom.txt": ("\ufeff国家秘密".encode, TEXT),
    "list.csv": ("姓名,密级\n".encode, CSV),
}


GOOD: dict[str, tuple[bytes, Kind]] = {name: (make(), kind) for name, (make, kind) in MAKERS.items()}


@pytest.mark.parametrize("name", GOOD)
def test_a_whole_file_has_its_type(name: str) -> None:
    content, kind = GOOD[name]

    assert typed(content, name) == kind
    assert typed(content, name, kind.media_type) == kind
    assert typed(content, name, "application/octet-stream") == kind


@pytest.mark.parametrize("name", GOOD)
def test_a_file_under_another_name_is_refused_and_its_type_is_told(name: str) -> None:
    content, kind = GOOD[name]
    others = {extension for other in KINDS for extension in other.extensions} - set(kind.extensions)
    if kind in (TEXT, CSV):
        others -= {".txt", ".csv"}

    for extension in [*others, ".exe", ""]:
        with pytest.raises(WrongExtension) as caught:
            typed(content, f"file{extension}")
        assert caught.value.found in {kind, TEXT}


def test_a_declared_type_that_contradicts_the_bytes_is_refused() -> None:
    with pytest.raises(WrongExtension, match="declared as image/png"):
        typed(pdf(), "a.pdf", "image/png")


@pytest.mark.parametrize("declared", ["text/plain; charset=utf-8", "TEXT/PLAIN", " text/plain ", "", None])
def test_a_declared_type_is_read_as_http_means_it(declared: str | None) -> None:
    assert typed(b"text", "a.txt", declared) == TEXT


@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a", "a.exe"])
def test_an_empty_file_is_refused_as_empty(name: str) -> None:
    with pytest.raises(EmptyFile):
        typed(b"", name)


def test_an_archive_with_nothing_in_it_is_empty() -> None:
    with pytest.raises(EmptyFile):
        typed(archive({}), "a.zip")


@pytest.mark.parametrize("name", [name for name, (_, kind) in GOOD.items() if kind not in (TEXT, CSV)])
def test_a_file_cut_anywhere_is_refused(name: str) -> None:
    content, kind = GOOD[name]
    lengths = {len(content) * part // 23 for part in range(1, 23)} | {
        len(content) - 1 - less for less in range(12)
    }
    if kind == PDF:
        lengths -= {len(content) - 1, len(content) - 2}  # only the line's end after %%EOF

    if name == "scan.tif":
        lengths -= set(range(len(content) - 16, len(content)))  # only padding after the last page

    for length in sorted(lengths - {0}):
        with pytest.raises((CutShort, UnknownType)) as caught:
            typed(content[:length], name)
        assert length < 64 or isinstance(caught.value, CutShort), length


def test_text_cut_inside_a_character_is_cut_short() -> None:
    with pytest.raises(CutShort, match="inside a character"):
        typed("国家秘密".encode()[:-1], "a.txt")


def test_a_pdf_that_only_looks_whole_is_cut_short() -> None:
    with pytest.raises(CutShort, match="cannot be read"):
        typed(b"%PDF-1.7\n" + bytes(3000) + b"\n%%EOF\n", "a.pdf")


def test_a_pdf_without_pages_is_cut_short() -> None:
    with pytest.raises(CutShort):
        typed(pdf(pages=0), "a.pdf")


def test_a_pdf_that_needs_a_password_is_refused_as_locked() -> None:
    with pytest.raises(LockedFile):
        typed(locked_pdf(), "a.pdf")


@pytest.mark.parametrize("place", [40, 60, -20])
def test_a_damaged_png_is_cut_short(place: int) -> None:
    content = bytearray(picture("PNG"))
    content[place] ^= 1

    with pytest.raises(CutShort):
        typed(bytes(content), "a.png")


def test_a_tiff_whose_pages_run_in_a_circle_is_cut_short() -> None:
    content = bytearray(picture("TIFF"))
    (place,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, place)
    struct.pack_into("<I", content, place + 2 + 12 * count, place)

    with pytest.raises(CutShort, match="circle"):
        typed(bytes(content), "a.tif")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ\x90\x00" + bytes(200), "a.exe"),
        (b"MZ\x90\x00" + bytes(200), "a.pdf"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "a"),
        (b"GIF89a" + bytes(200), "a.gif"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.doc"),
        (b"{\\rtf1 text}", "a.txt"),
        (b"<!DOCTYPE html><script>", "a.txt"),
        (b"  <svg onload=x>", "a.txt"),
        ("国家秘密".encode("gb18030"), "a.txt"),
        ("国家秘密".encode("utf-16"), "a.txt"),
        (b"text\x00text", "a.txt"),
        (b"\x1b[2Jtext", "a.txt"),
        (bytes(5000), "a.pdf"),
        (b"\x00", "a.txt"),
    ],
)
def test_what_is_not_on_the_list_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(UnknownType):
        typed(content, name)


def test_the_refusal_says_what_the_file_seems_to_be() -> None:
    with pytest.raises(UnknownType) as caught:
        typed(b"GIF89a" + bytes(200), "a.gif")

    assert "gif" in str(caught.value.looks_like).lower()
    assert caught.value.errors[0].field == "file"
    assert caught.value.errors[0].code == "file-type-unknown"


def test_an_office_file_with_macros_is_refused() -> None:
    with_macros = open_xml(main_type(DOCX), "word/document.xml", {"word/vbaProject.bin": b"x"})
    declared_so = open_xml("application/vnd.ms-word.document.macroEnabled.main+xml", "word/document.xml")

    for content in (with_macros, declared_so):
        with pytest.raises(UnknownType, match="macros"):
            typed(content, "a.docx")


def test_an_office_file_of_a_kind_not_on_the_list_is_refused() -> None:
    drawing = open_xml("application/vnd.ms-visio.drawing.main+xml", "visio/document.xml")
    slides = archive({"mimetype": b"application/vnd.oasis.opendocument.presentation", "content.xml": b"<x/>"})

    for content in (drawing, slides):
        with pytest.raises(UnknownType, match="of a kind not kept here"):
            typed(content, "a.zip")


def test_an_office_file_without_its_text_is_cut_short() -> None:
    with pytest.raises(CutShort, match=r"word/document\.xml is missing"):
        typed(open_xml(main_type(DOCX), "word/other.xml"), "a.docx")
    with pytest.raises(CutShort, match=r"content\.xml is missing"):
        typed(archive({"mimetype": ODT.media_type.encode()}), "a.odt")


def test_an_office_file_that_needs_a_password_is_refused_as_locked() -> None:
    content = bytearray(docx())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1

    with pytest.raises(LockedFile):
        typed(bytes(content), "a.docx")


def test_an_archive_of_too_many_files_is_refused() -> None:
    content = bytearray(archive({"a": b"a"}))
    end = content.rindex(b"PK\x05\x06")
    content[end + 12 : end + 16] = (1 << 25).to_bytes(4, "little")

    with pytest.raises(UnknownType, match="too many files"):
        typed(bytes(content), "a.zip")


def test_a_picture_of_too_many_points_is_refused_unopened() -> None:
    content = bytearray(picture("PNG"))
    content[16:24] = struct.pack(">II", 60_000, 60_000)
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")

    with pytest.raises(UnknownType, match="too many points"):
        typed(bytes(content), "a.png")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xd8\xff\xd9", "no picture"),
        (b"\xff\xd8\xff\xe0\x00\x02\x00\x00\xff\xd9", "marker"),
        (b"\xff\xd8\xff\xff\xff\x01\xff\xd9", "no picture"),
        (b"\xff\xd8\xff\xda\x00\x02\xff\xd9", "cannot be read"),
        (b"\xff\xd8" + b"\xff\x01" * 1_000_001, "too many segments"),
    ],
)
def test_a_jpeg_of_markers_alone_is_cut_short(content: bytes, problem: str) -> None:
    with pytest.raises(CutShort, match=problem):
        typed(content, "a.jpg")


def test_an_archive_that_unpacks_without_end_is_not_unpacked() -> None:
    bomb = archive({"[Content_Types].xml": bytes(64 * MIB), "word/document.xml": b"x"})
    tracemalloc.start()

    with pytest.raises(UnknownType, match="too large"):
        typed(bomb, "a.docx")

    assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    tracemalloc.stop()


@pytest.mark.parametrize("name", GOOD)
def test_a_reader_that_fails_is_no_verdict_about_the_file(name: str) -> None:
    def read(start: int, length: int) -> bytes:
        raise ConnectionError("the vault is down")

    with pytest.raises(ConnectionError, match="the vault is down"):
        true_type(read, len(GOOD[name][0]), name)


@pytest.mark.parametrize("name", ["a.pdf", "a.jpg", "a.png", "a.zip"])
def test_a_reader_that_fails_inside_a_parser_is_no_verdict_either(name: str) -> None:
    padding = bytes([65]) * (3 * MIB)
    content = {
        "a.pdf": b"%PDF-1.7\n%" + padding + b"\n" + pdf(),
        "a.jpg": picture("JPEG")[:-2] + padding + b"\xff\xd9",
        "a.png": picture("PNG")[:33] + struct.pack(">I", len(padding)) + b"teXt" + padding + b"crc?",
        "a.zip": archive({"a": b"a"})[:-80] + padding + archive({"a": b"a"}),
    }[name]

    def read(start: int, length: int) -> bytes:
        if MIB <= start < 2 * MIB or (name == "a.zip" and start >= MIB):
            raise ConnectionError("the vault is down")
        return content[start : start + length]

    with pytest.raises(ConnectionError):
        true_type(read, len(content), name)


def test_a_large_file_is_not_loaded() -> None:
    size, head, tail = 200 * MIB, b"%PDF-1.7\n", b"\n%%EOF\n"

    def read(start: int, length: int) -> bytes:
        content = bytearray(length)
        for place, known in ((0, head), (size - len(tail), tail)):
            if start <= place < start + length:
                content[place - start : place - start + len(known)] = known
        return bytes(content)

    tracemalloc.start()
    with pytest.raises(CutShort, match="cannot be read"):
        true_type(read, size, "a.pdf")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 32 * MIB


def test_types_may_be_told_in_many_threads() -> None:
    content, found = pdf(), []
    threads = [threading.Thread(target=lambda: found.append(typed(content, "a.pdf"))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [PDF] * 8


@given(
    st.binary(min_size=1, max_size=300),
    st.sampled_from([b"", b"%PDF-", b"PK\x03\x04", b"\xff\xd8\xff", b"II*\x00", b"\x89PNG\r\n\x1a\n"]),
    st.sampled_from(["a.pdf", "a.docx", "a.jpg", "a.tif", "a.png", "a.txt"]),
)
def test_any_bytes_have_a_type_or_a_refusal(content: bytes, head: bytes, name: str) -> None:
    with suppress(FileRefused):
        assert typed(head + content, name) in KINDS


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_any_damaged_file_has_a_type_or_a_refusal(name: str, data: st.DataObject) -> None:
    content = bytearray(GOOD[name][0])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    with suppress(FileRefused):
        assert typed(bytes(content), name) in KINDS


# Names


@pytest.mark.parametrize(
    "name",
    [
        "关于……的通知〔2024〕3号.pdf",
        "a..b.txt",
        "关于...的通知.pdf",
        "console.txt",
        "com10.txt",
        "x" * 196 + ".pdf",
        "𠮷田.pdf",
        "葛\U000e0100.txt",
        "a",
    ],
)
def test_an_ordinary_name_is_kept(name: str) -> None:
    assert safe_name(name) == name


def test_a_name_is_brought_to_one_form() -> None:
    assert safe_name("cafe\u0301.pdf") == "caf\u00e9.pdf"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name-empty"),
        ("  ", "name-empty"),
        ("x" * 201, "name-too-long"),
        ("a/b.pdf", "name-has-path"),
        ("..\\b.pdf", "name-has-path"),
        ("/etc/passwd", "name-has-path"),
        ("a\x00.pdf", "name-has-invisible-characters"),
        ("a\r\nb.pdf", "name-has-invisible-characters"),
        ("a\x7f.pdf", "name-has-invisible-characters"),
        ("通知\u202efdp.exe", "name-has-invisible-characters"),
        ("a\u2066b.pdf", "name-has-invisible-characters"),
        ("a\u200bb.pdf", "name-has-invisible-characters"),
        ("a\u2028b.pdf", "name-has-invisible-characters"),
        ("a\ud800.pdf", "name-has-invisible-characters"),
        (".", "name-begins-or-ends-badly"),
        ("..", "name-begins-or-ends-badly"),
        (".htaccess", "name-begins-or-ends-badly"),
        ("a.pdf.", "name-begins-or-ends-badly"),
        ("a.pdf ", "name-begins-or-ends-badly"),
        ("\u3000a.pdf", "name-begins-or-ends-badly"),
        ("con", "name-is-a-device"),
        ("NUL.txt", "name-is-a-device"),
        ("aux .tar.gz", "name-is-a-device"),
        ("Com1.pdf", "name-is-a-device"),
        ("lpt².pdf", "name-is-a-device"),
    ],
)
def test_an_unsafe_name_is_refused_with_its_reason(name: str, code: str) -> None:
    with pytest.raises(UnsafeName) as caught:
        safe_name(name)

    assert caught.value.code == code
    assert caught.value.errors[0].field == "name"


@given(st.text(max_size=220))
def test_a_safe_name_is_safe_again_and_has_no_way_out(name: str) -> None:
    try:
        safe = safe_name(name)
    except UnsafeName:
        return

    assert safe_name(safe) == safe
    assert not set(safe) & set("/\\\x00\n\r")
    assert safe not in {"", ".", ".."}
