"""What is given to somebody and taken again, and every door at which it shows: the trials of `test_revoked.py`."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import httpx
import openpyxl

Yes = Callable[[httpx.Response], bool]
Act = tuple[str, str, Mapping[str, object]]
"""By whom, which, and with what."""
KNOWN_ANSWERS = {200, 201, 403, 404, 422}
QUESTIONS = "/api/v1/questions"
BOOK = "/api/v1/registers/ranges?subject=D3"
"""A book that does not grow while D2's range is set and narrowed."""


class Way(NamedTuple):
    """One door: who asks there, for what, and when the answer is a yes to whom it was taken from. With a body it is a POST.

    What `enters` an entry is judged under the ledger lock, whatever head a question would look for.
    """

    name: str
    asker: str
    path: str
    yes: Yes
    body: Mapping[str, Any] | None = None
    enters: bool = False


class Right(NamedTuple):
    """What is taken from one person by one act, and the doors that it shuts."""

    take: Act
    ways: tuple[Way, ...]


class Giving(NamedTuple):
    """One act gives to several; from each it is taken by an act of its own."""

    give: Act
    rights: tuple[Right, ...]


# When an answer is a yes


def well(response: httpx.Response) -> bool:
    """Whether it was answered; an error of ours is neither yes nor no."""
    assert response.status_code in KNOWN_ANSWERS, (str(response.url), response.text[:500])
    return response.status_code in {200, 201}


def _allowed(response: httpx.Response) -> bool:
    return well(response) and bool(response.json()["allowed"])


def _among(person: str) -> Yes:
    def yes(response: httpx.Response) -> bool:
        if not well(response):
            return False
        answer = response.json()
        return person in {each["person"] for each in answer.get("audience", answer)["people"]}

    return yes


def _holds(name: str, key: str, wanted: str = "D2") -> Yes:
    """Whether a list of the answer has it."""
    return lambda response: well(response) and wanted in {each[key] for each in response.json()[name]}


def _shows(text: str) -> Yes:
    return lambda response: well(response) and text in response.text


def _lines(response: httpx.Response) -> bool:
    return well(response) and len(response.text.strip().splitlines()) > 1


def _sheet(response: httpx.Response) -> bool:
    if not well(response):
        return False
    book = openpyxl.load_workbook(io.BytesIO(response.content), read_only=True)
    return len(list(book.active.iter_rows())) > 1


# The doors


def _of_whom(person: str) -> tuple[Way, ...]:
    """What the security officer (p02) is told about who stands on the range of D2."""
    narrowing = {"do": "narrow-range", "as": "p01", "with": {"document": "D2", "remove": [person]}}
    return (
        Way("may-know of another", "p02", f"{QUESTIONS}/may-know?item=D2&person={person}", _allowed),
        Way("why-not of another", "p02", f"{QUESTIONS}/why-not?item=D2&person={person}", _allowed),
        Way("reach of another", "p02", f"{QUESTIONS}/reach?person={person}", _holds("items", "item")),
        Way("audience", "p02", f"{QUESTIONS}/audience?item=D2", _among(person)),
        Way("paths", "p02", f"{QUESTIONS}/paths?item=D2", _among(person)),
        Way("what-if", "p02", f"{QUESTIONS}/what-if", well, {"acts": [narrowing]}),
        Way("page of who can see it", "p02 page", "/documents/D2", _shows(f'href="/people/{person}"')),
        Way("page of the drawing", "p02 page", "/paths/D2", _shows(f'href="/people/{person}"')),
    )


def of_a_reader(person: str, reading: str, file: str) -> tuple[Way, ...]:
    """Everything that the range of D2 opens to somebody who keeps nothing and holds nothing."""
    own, page = person, f"{person} page"
    return (
        Way("may-know", own, f"{QUESTIONS}/may-know?item=D2", _allowed),
        Way("why-not", own, f"{QUESTIONS}/why-not?item=D2", _allowed),
        Way("reach", own, f"{QUESTIONS}/reach", _holds("items", "item")),
        Way("document", own, "/api/v1/documents/D2", well),
        Way("documents", own, "/api/v1/documents", _holds("documents", "id")),
        Way("folders", own, "/api/v1/folders", _shows('"V11"')),
        Way("search", own, "/api/v1/search?q=乙号", lambda r: well(r) and r.json()["hits"] != []),
        Way("a reading is opened", own, "/api/v1/documents/D2/readings", well, {"file": file}, enters=True),
        Way("page of a scan", own, f"/api/v1/readings/{reading}/pages/1", well),
        Way("document page", page, "/documents/D2", well),
        Way("search page", page, "/search?q=乙号", _shows('href="/documents/D2')),
        Way("filing page", page, "/filing", _shows('href="/documents/D2')),
        *_of_whom(person),
    )


def of_a_holder(person: str, download: str) -> tuple[Way, ...]:
    """Who holds a copy goes on knowing that there is a document; its content they get no more."""
    return (Way("content", person, f"/api/v1/readings/{download}/content", well),)


def of_a_custodian(person: str) -> tuple[Way, ...]:
    """Everything that keeping the books opens to somebody who may know none of their documents."""
    page = f"{person} page"
    return (
        Way("has-known", person, f"{QUESTIONS}/has-known?item=D2", well),
        Way("can-reach as custodian", person, f"{QUESTIONS}/can-reach?item=D2", well),
        Way("exposure as custodian", person, f"{QUESTIONS}/exposure?item=D2", well),
        Way("carrier", person, "/api/v1/carriers/C2", well),
        Way("books", person, "/api/v1/registers", lambda r: well(r) and len(r.json()) > 1),
        Way("book", person, BOOK, lambda r: well(r) and r.json()["lines"] != []),
        Way("book as CSV", person, f"{BOOK}&format=csv", _lines),
        Way("book as Excel", person, f"{BOOK}&format=xlsx", _sheet),
        Way("paper book", person, "/api/v1/paper/incoming", lambda r: well(r) and r.json()["lines"] != []),
        Way("paper book as CSV", person, "/api/v1/paper/incoming?format=csv", _lines),
        Way("paper book as Excel", person, "/api/v1/paper/incoming?format=xlsx", _sheet),
        Way("page of a book", page, "/registers/incoming", well),
        Way("page of a paper book", page, "/paper/incoming", well),
        Way("page of the drawing as custodian", page, "/paths/D2", well),
        Way("page of exposure", page, "/documents/D2/exposure", well),
    )


def of_one_listed(person: str) -> tuple[Way, ...]:
    """What the security officer is told about who comes into the room where D2 lies and may not know it."""
    return (
        Way("can-reach", "p02", f"{QUESTIONS}/can-reach?item=D2", _among(person)),
        Way("can-reach of one", "p02", f"{QUESTIONS}/can-reach?item=D2&person={person}", _among(person)),
        Way("exposure", "p02", f"{QUESTIONS}/exposure?carrier=C2", _among(person)),
        Way(
            "page of reach", "p02 page", "/documents/D2/carriers/C2/reach", _shows(f'href="/people/{person}"')
        ),
    )


# What is given and taken


def ranged(rights: Mapping[str, Sequence[Way]]) -> Giving:
    """The range of D2, set once and narrowed by one person at a time."""
    members = ["p01", "p03", "p04", *rights]
    return Giving(
        ("p01", "set-range", {"document": "D2", "members": members}),
        tuple(
            Right(("p01", "narrow-range", {"document": "D2", "remove": [person]}), tuple(ways))
            for person, ways in rights.items()
        ),
    )


def custodian(person: str) -> Giving:
    role = {"person": person, "role": "CUSTODIAN_OF", "over": "jiyao"}
    return Giving(("p01", "appoint", role), (Right(("p01", "relieve", role), of_a_custodian(person)),))


def listed(person: str) -> Giving:
    line = {"person": person, "place": "R301"}
    return Giving(
        ("p02", "admit-to-list", line), (Right(("p02", "strike-from-list", line), of_one_listed(person)),)
    )
