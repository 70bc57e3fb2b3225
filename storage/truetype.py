"""What a file really is, read from its bytes and held against its name: an allow-list, and nothing else comes in.

BadField
├── FileRefused          field `file`
│   ├── EmptyFile        no bytes, or an archive with nothing in it
│   ├── UnknownType      not on the list; `looks_like` says what it seems to be
│   ├── WrongExtension   on the list, but its name or declared type says something else
│   ├── CutShort         it breaks off, or cannot be read
│   └── LockedFile       only a password opens it, so nobody could preview or mark it
└── UnsafeName           field `name`

Nothing here loads a file: it reads ranges through the caller's `Read`, whose own errors come out unchanged.
"""

from __future__ import annotations

import io
import re
import struct
import threading
import unicodedata
import zipfile
import zlib
from codecs import getincrementaldecoder
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import puremagic
from PIL import Image

from graph.errors import BadField

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Read = Callable[[int, int], bytes]
"""(start, length) → exactly these bytes; only ever asked for bytes inside the file."""

pdfium_lock: Final = threading.Lock()
"""pdfium is not made for threads: hold this around every use of pypdfium2 in the process."""

_HEAD: Final = 4096
_WINDOW: Final = 1 << 16
_LARGEST_DIRECTORY: Final = 1 << 24  # of a zip archive: zipfile brings it into memory
_LARGEST_MEMBER: Final = 1 << 20  # of those we read
_MOST_PIECES: Final = 1_000_000  # chunks, markers, pages or strips of a picture
_BLOCK: Final = 1 << 20  # a chunk of the cipher
_BLOCKS_KEPT: Final = 8


class FileRefused(BadField):
    """`detail` is for the log and the reader of the refusal; `code` is a message of the catalogue."""

    code = "file-refused"

    def __init__(self, detail: str, **values: object) -> None:
        super().__init__("file", self.code, detail=detail, **values)
        self.detail = detail


class EmptyFile(FileRefused):
    code = "file-empty"


class UnknownType(FileRefused):
    code = "file-type-unknown"

    def __init__(self, detail: str, looks_like: str | None = None) -> None:
        super().__init__(detail, looks_like=looks_like)
        self.looks_like = looks_like


class WrongExtension(FileRefused):
    code = "file-type-differs"

    def __init__(self, detail: str, found: Kind) -> None:
        super().__init__(detail, found=found.media_type)
        self.found = found


class CutShort(FileRefused):
    code = "file-cut-short"


class LockedFile(FileRefused):
    code = "file-locked"


class UnsafeName(BadField):
    def __init__(self, code: str) -> None:
        super().__init__("name", code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Kind:
    media_type: str
    extensions: tuple[str, ...]
    also_declared: tuple[str, ...] = ()


_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument"

PDF: Final = Kind("application/pdf", (".pdf",), ("application/x-pdf",))
PNG: Final = Kind("image/png", (".png",), ("image/x-png",))
JPEG: Final = Kind("image/jpeg", (".jpg", ".jpeg"), ("image/jpg", "image/pjpeg"))
TIFF: Final = Kind("image/tiff", (".tif", ".tiff"))
DOCX: Final = Kind(f"{_OPEN_XML}.wordprocessingml.document", (".docx",))
XLSX: Final = Kind(f"{_OPEN_XML}.spreadsheetml.sheet", (".xlsx",))
PPTX: Final = Kind(f"{_OPEN_XML}.presentationml.presentation", (".pptx",))
ODT: Final = Kind(f"{_OPEN_DOCUMENT}.text", (".odt",))
ODS: Final = Kind(f"{_OPEN_DOCUMENT}.spreadsheet", (".ods",))
OFD: Final = Kind("application/ofd", (".ofd",), ("application/vnd.ofd",))
ZIP: Final = Kind("application/zip", (".zip",), ("application/x-zip-compressed", "application/x-zip"))
TEXT: Final = Kind("text/plain", (".txt",))
CSV: Final = Kind("text/csv", (".csv",), ("text/plain", "application/csv", "application/vnd.ms-excel"))

KINDS: Final = (PDF, PNG, JPEG, TIFF, DOCX, XLSX, PPTX, ODT, ODS, OFD, ZIP, TEXT, CSV)
_IN_ZIP: Final = (DOCX, XLSX, PPTX, ODT, ODS, OFD, ZIP)
_OFFICE_PARTS: Final = {
    f"{_OPEN_XML}.wordprocessingml.document.main+xml".encode(): (DOCX, "word/document.xml"),
    f"{_OPEN_XML}.spreadsheetml.sheet.main+xml".encode(): (XLSX, "xl/workbook.xml"),
    f"{_OPEN_XML}.presentationml.presentation.main+xml".encode(): (PPTX, "ppt/presentation.xml"),
}
_UNDECLARED: Final = {"", "application/octet-stream", "binary/octet-stream", "application/x-download"}
_TIFF_VALUE_SIZES: Final = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TEXT_OF_OTHERS: Final = re.compile(rb"\s*(?:\{\\rtf|%!PS|<\?xml|<!doctype|<html|<svg)", re.IGNORECASE)


def true_type(read: Read, size: int, name: str, declared: str | None = None) -> Kind:
    """Raises one of the refusals above. Takes a moment and blocks: call it in a thread."""
    if size == 0:
        raise EmptyFile("the file has no bytes")
    file = Ranges(read, size)
    with file.told():
        extension = PurePosixPath(name).suffix.lower()
        kind = _recognised(file, extension)
        _hold_against_name(kind, extension, declared)
        _CHECKS.get(kind, _nothing_more)(file)
    return kind


def _hold_against_name(kind: Kind, extension: str, declared: str | None) -> None:
    if extension not in kind.extensions:
        raise WrongExtension(
            f"its bytes are {kind.media_type}, its name ends in {extension or 'nothing'}", kind
        )
    said = (declared or "").partition(";")[0].strip().lower()
    if said not in _UNDECLARED and said != kind.media_type and said not in kind.also_declared:
        raise WrongExtension(f"its bytes are {kind.media_type}, it was declared as {said[:100]}", kind)


def _recognised(file: Ranges, extension: str) -> Kind:
    head = file.at(0, _HEAD)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith((b"II*\x00", b"MM\x00*")):
        return TIFF
    if head.startswith(b"PK\x05\x06"):
        raise EmptyFile("the archive holds nothing")
    if head.startswith(b"PK\x03\x04"):
        return _recognised_archive(file, extension)
    if b"%PDF-" in head[:1024]:
        return PDF
    if _is_text(file, head):
        return CSV if extension in CSV.extensions else TEXT
    if extension in (*TEXT.extensions, *CSV.extensions):
        raise UnknownType("it is not text in UTF-8", _guess(head))
    raise UnknownType("its type is not among those kept here", _guess(head))


def _guess(head: bytes) -> str | None:
    try:
        best = puremagic.magic_string(head)[0]
    except (puremagic.PureError, ValueError, IndexError):
        return None
    return str(best.name or best.mime_type or best.extension) or None


def _is_text(file: Ranges, head: bytes) -> bool:
    """UTF-8 without control characters, to the end."""
    if _TEXT_OF_OTHERS.match(head.removeprefix(b"\xef\xbb\xbf")):
        return False
    decoder = getincrementaldecoder("utf-8")()
    try:
        for start in range(0, file.size, _WINDOW):
            if re.search(r"[\x00-\x08\x0e-\x1f\x7f]", decoder.decode(file.at(start, _WINDOW))):
                return False
    except UnicodeDecodeError:
        return False
    if decoder.getstate()[0]:
        raise CutShort("the text breaks off inside a character")
    return True


def _recognised_archive(file: Ranges, extension: str) -> Kind:
    """A broken archive cannot tell its kind: its name says which kind is cut short."""
    try:
        with _archive(file) as archive:
            return _kind_of_archive(archive)
    except CutShort:
        of_its_name = [kind for kind in _IN_ZIP if extension in kind.extensions]
        if of_its_name:
            raise
        return ZIP  # which its name then contradicts


def _kind_of_archive(archive: zipfile.ZipFile) -> Kind:
    names = set(archive.namelist())
    if not names:
        raise EmptyFile("the archive holds nothing")
    if "[Content_Types].xml" in names:
        types = _member(archive, "[Content_Types].xml")
        if any(name.endswith("vbaProject.bin") for name in names) or b"macroEnabled" in types:
            raise UnknownType("it is an office file with macros", "office file with macros")
        for main, (kind, part) in _OFFICE_PARTS.items():
            if main in types:
                if part not in names:
                    raise CutShort(f"{part} is missing")
                return kind
        raise UnknownType("it is an office file of a kind not kept here", "office file")
    if "mimetype" in names:
        said = _member(archive, "mimetype").strip()
        for kind in (ODT, ODS):
            if said == kind.media_type.encode():
                if "content.xml" not in names:
                    raise CutShort("content.xml is missing")
                return kind
        raise UnknownType("it is a container of a kind not kept here", said.decode("ascii", "replace")[:100])
    return OFD if "OFD.xml" in names else ZIP


def _archive(file: Ranges) -> zipfile.ZipFile:
    end = file.at(file.size - 65_557, 65_557)
    place = end.rfind(b"PK\x05\x06")
    if place < 0 or len(end) - place < 22:
        raise CutShort("the archive has no end")
    if int.from_bytes(end[place + 12 : place + 16], "little") > _LARGEST_DIRECTORY:
        raise UnknownType("the archive holds too many files", "archive")
    try:
        archive = zipfile.ZipFile(file.opened())
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, struct.error) as error:
        raise CutShort(f"the archive cannot be read: {error}") from error
    ends = max((each.header_offset + 30 + each.compress_size for each in archive.infolist()), default=0)
    if ends > archive.start_dir or any(each.header_offset < 0 for each in archive.infolist()):
        raise CutShort("the archive lacks bytes its directory names")
    return archive


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as member:
            content = member.read(_LARGEST_MEMBER + 1)
    except RuntimeError as error:  # zipfile's word for: needs a password
        raise LockedFile("the archive needs a password") from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise CutShort(f"{name} cannot be read: {error}") from error
    if len(content) > _LARGEST_MEMBER:
        raise UnknownType(f"{name} is too large", "archive")
    return content


def _check_pdf(file: Ranges) -> None:
    if b"%%EOF" not in file.at(file.size - 1024, 1024):
        raise CutShort("the PDF has no end (%%EOF)")
    import pypdfium2

    with pdfium_lock:
        try:
            with pypdfium2.PdfDocument(file.opened()) as document:
                pages = len(document)
                if pages:
                    document[pages - 1].close()
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD:
                raise LockedFile("the PDF needs a password") from error
            raise CutShort(f"the PDF cannot be read: {error}") from error
    if not pages:
        raise CutShort("the PDF has no page")


def _check_png(file: Ranges) -> None:
    place, kind = 8, b""
    for _ in range(_MOST_PIECES):
        if kind == b"IEND":
            break
        length, kind = struct.unpack(">I4s", file.whole(place, 8))
        if length > 0x7FFF_FFFF:
            raise CutShort("a chunk of the PNG is damaged")
        checksum = zlib.crc32(kind)
        for start in range(place + 8, place + 8 + length, _WINDOW):
            checksum = zlib.crc32(file.whole(start, min(_WINDOW, place + 8 + length - start)), checksum)
        if file.whole(place + 8 + length, 4) != checksum.to_bytes(4, "big"):
            raise CutShort("a chunk of the PNG is damaged")
        place += 12 + length
    else:
        raise CutShort("the PNG has too many chunks")
    _check_picture(file, "PNG")


def _check_jpeg(file: Ranges) -> None:
    """Follows the markers to the end of the image: a preview inside the file has an end too, and does not count."""
    place, scans = 2, 0
    for _ in range(_MOST_PIECES):
        lead, marker = file.whole(place, 2)
        if lead != 0xFF:
            raise CutShort("a marker of the JPEG is damaged")
        if marker == 0xD9:
            break
        if marker == 0xFF:
            place += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:
            place += 2
        else:
            place += 2 + int.from_bytes(file.whole(place + 2, 2), "big")
            if marker == 0xDA:
                scans += 1
                place = _end_of_scan(file, place)
    else:
        raise CutShort("the JPEG has too many segments")
    if not scans:
        raise CutShort("the JPEG has no picture")
    _check_picture(file, "JPEG")


def _end_of_scan(file: Ranges, place: int) -> int:
    while True:
        window = file.at(place, _WINDOW)
        found = re.search(rb"\xff[^\x00\xd0-\xd7\xff]", window)
        if found:
            return place + found.start()
        if len(window) < 2:
            raise CutShort("the JPEG breaks off")
        place += len(window) - 1


def _check_tiff(file: Ranges) -> None:
    order = "<" if file.at(0, 2) == b"II" else ">"
    (place,) = struct.unpack(f"{order}I", file.whole(4, 4))
    seen: set[int] = set()
    while place:
        if place in seen or len(seen) >= _MOST_PIECES:
            raise CutShort("the TIFF's pages run in a circle")
        seen.add(place)
        (count,) = struct.unpack(f"{order}H", file.whole(place, 2))
        fields = file.whole(place + 2, 12 * count + 4)
        _check_tiff_page(file, order, fields[:-4])
        (place,) = struct.unpack(f"{order}I", fields[-4:])
    if not seen:
        raise CutShort("the TIFF has no page")
    _check_picture(file, "TIFF")


def _check_tiff_page(file: Ranges, order: str, fields: bytes) -> None:
    lists: dict[int, list[int]] = {}
    for tag, kind, count, value in struct.iter_unpack(f"{order}HHI4s", fields):
        length = count * _TIFF_VALUE_SIZES.get(kind, 1)
        (offset,) = struct.unpack(f"{order}I", value)
        if length > 4 and offset + length > file.size:
            raise CutShort("the TIFF breaks off")
        if tag in {273, 279, 324, 325} and kind in {3, 4}:
            if count > _MOST_PIECES:
                raise CutShort("a page of the TIFF has too many strips")
            stored = value[:length] if length <= 4 else file.whole(offset, length)
            lists[tag] = list(struct.unpack(f"{order}{count}{'H' if kind == 3 else 'I'}", stored))
    for offsets, lengths in ((273, 279), (324, 325)):
        pieces = zip(lists.get(offsets, []), lists.get(lengths, []), strict=False)
        if any(offset + length > file.size for offset, length in pieces):
            raise CutShort("the TIFF breaks off")
    if not lists.get(273) and not lists.get(324):
        raise CutShort("a page of the TIFF has no picture")


def _check_picture(file: Ranges, form: str) -> None:
    with picture_read(form), Image.open(file.opened(), formats=[form]) as picture:
        if min(picture.size) < 1:
            raise CutShort("the picture has no size")


@contextmanager
def picture_read(form: str) -> Iterator[None]:
    """Whatever Pillow says of a picture, as a refusal of ours."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnknownType("the picture has too many points", form) from error
    except (OSError, EOFError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError,
            struct.error, zlib.error) as error:  # fmt: skip
        raise CutShort(f"the picture cannot be read: {error}") from error


def _nothing_more(_: Ranges) -> None:
    """The kind was recognised only by reading all that has to be read."""


class Ranges:
    """The file behind `read`, in blocks kept for a moment: parsers ask for a few bytes at a time."""

    def __init__(self, read: Read, size: int) -> None:
        self.size = size
        self.read = read
        self.failure: Exception | None = None
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def at(self, start: int, length: int) -> bytes:
        """What of this lies inside the file."""
        place, end = max(0, start), min(self.size, max(0, start + length))
        pieces = []
        while place < end:
            number, within = divmod(place, _BLOCK)
            piece = self._block(number)[within : within + end - place]
            pieces.append(piece)
            place += len(piece)
        return b"".join(pieces)

    def whole(self, start: int, length: int) -> bytes:
        if start + length > self.size:
            raise CutShort("it breaks off")
        return self.at(start, length)

    def opened(self) -> io.BufferedReader:
        return io.BufferedReader(_OpenedRanges(self), _WINDOW)

    @contextmanager
    def told(self) -> Iterator[None]:
        """A reader's failure is no verdict about the file, whatever a parser made of it."""
        try:
            yield
        except Exception:
            self.check()
            raise
        self.check()

    def check(self) -> None:
        """Raises what the reader failed with: what a parser made of the file since is not what the file is."""
        if self.failure:
            raise self.failure from None

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        start = number * _BLOCK
        length = min(_BLOCK, self.size - start)
        block = self.read(start, length)
        if len(block) != length:
            raise OSError(f"{length} bytes were asked for and {len(block)} came")
        self._blocks[number] = block
        if len(self._blocks) > _BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        return block


class _OpenedRanges(io.RawIOBase):
    """For parsers that want a file. Some swallow exceptions, and C code cannot pass one on: a failure is kept instead."""

    def __init__(self, ranges: Ranges) -> None:
        self._ranges = ranges
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._ranges.size}[whence]
        if base + offset < 0:
            raise ValueError("there is nothing before the file")
        self._place = base + offset
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: WriteableBuffer) -> int:
        into = memoryview(buffer).cast("B")
        if self._ranges.failure:
            return 0
        try:
            content = self._ranges.at(self._place, len(into))
        except Exception as error:  # noqa: BLE001 - any failure of the caller's reader, raised again by `told`
            self._ranges.failure = error
            return 0
        into[: len(content)] = content
        self._place += len(content)
        return len(content)


_CHECKS: Final = {PDF: _check_pdf, PNG: _check_png, JPEG: _check_jpeg, TIFF: _check_tiff}


_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)
_LONGEST_NAME: Final = 200


def safe_name(name: str) -> str:
    """The name in NFC, or UnsafeName: fit to be shown, kept in a register and saved on any system."""
    name = unicodedata.normalize("NFC", name)
    if not name.strip():
        raise UnsafeName("name-empty")
    if len(name) > _LONGEST_NAME:
        raise UnsafeName("name-too-long")
    if "/" in name or "\\" in name:
        raise UnsafeName("name-has-path")
    # controls, bidirectional overrides and other invisible characters, half characters, line and paragraph separators
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in name):
        raise UnsafeName("name-has-invisible-characters")
    if name.startswith(".") or name != name.strip() or name.endswith("."):
        raise UnsafeName("name-begins-or-ends-badly")
    if _DEVICES.fullmatch(name.partition(".")[0].rstrip()):
        raise UnsafeName("name-is-a-device")
    return name
