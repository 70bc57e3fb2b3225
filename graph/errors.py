"""What can go wrong, as a tree. The doors map each leaf to one problem document (RFC 9457).

ZhixiError
├── BadInput            422  what was sent cannot be read or does not fit; names fields
│   └── BadField             one field
├── NotAvailable        404  no such thing, or the asker may not know of it: the two are one answer [P, G12]
├── Refused             403  the law or a default of ours says no; carries every rule id and reason
├── Conflict            409  the same Idempotency-Key with another request
├── NotReady            409  what was asked for is still being made, or could not be made
├── NotSignedIn         401
├── TooMany             429
├── Unavailable         503  a service is down; names which
│   └── NotYetEffective 503  recorded, and the graph or the anchors could not follow yet
└── Broken              500  the system found itself inconsistent
    └── GraphMismatch        the graph belongs to another ledger, is ahead of it or has another hash: rebuild
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.law.verdict import Reason


class ZhixiError(Exception):
    """The root of everything Zhixi raises on purpose."""


class FieldError:
    """One thing wrong with one field: its path, a message code of the catalogue, and the code's parameters."""

    def __init__(self, field: str, code: str, **values: object) -> None:
        self.field = field
        self.code = code
        self.values = values

    def __repr__(self) -> str:
        return f"{self.field}: {self.code} {self.values or ''}".rstrip()


class BadInput(ZhixiError):
    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(map(repr, self.errors)))


class BadField(BadInput):
    def __init__(self, field: str, code: str, **values: object) -> None:
        super().__init__([FieldError(field, code, **values)])


class NotAvailable(ZhixiError):
    """Says nothing about which id, or whether it exists."""

    def __init__(self) -> None:
        super().__init__("not available")


class Refused(ZhixiError):
    """`reasons` are all that apply; `logged` asks for one refusal entry where a rule wants it."""

    def __init__(self, reasons: Sequence[Reason], *, logged: bool = False) -> None:
        self.reasons = tuple(reasons)
        self.logged = logged
        super().__init__(", ".join(self.rules))

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule id named, once each, in the order of the reasons."""
        return tuple(dict.fromkeys(rule for reason in self.reasons for rule in reason.rules))


class Conflict(ZhixiError):
    """An Idempotency-Key met again with another request."""


class NotReady(ZhixiError):
    """Work that a reader waits for; `code` is a message of the catalogue. Asking again later changes nothing but the answer."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class NotSignedIn(ZhixiError):
    """No session, an expired one, or wrong credentials; `code` is a message of the catalogue."""

    def __init__(self, code: str = "sign-in-first") -> None:
        self.code = code
        super().__init__(code)


class TooMany(ZhixiError):
    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"retry after {retry_after_s} s")


class Unavailable(ZhixiError):
    """`service` is one of graph, database, vault, broker, anchors. The cause stays inside."""

    def __init__(self, service: str) -> None:
        self.service = service
        super().__init__(f"{service} is not reachable")


class NotYetEffective(Unavailable):
    """The entry is in the ledger, and the service did not follow: nothing is lost, and nothing was acknowledged yet."""

    def __init__(self, entry: str, service: str) -> None:
        self.entry = entry
        super().__init__(service)


class Broken(ZhixiError):
    """An inconsistency nobody outside caused."""


class GraphMismatch(Broken):
    """`zhixi rebuild` makes the graph anew from the ledger."""
