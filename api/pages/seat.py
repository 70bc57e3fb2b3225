"""Who sits at a page: their session, language and roles, and the terminal it runs on."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency

from api import show
from api.pages import view
from api.texts import Language
from graph.access import Stand
from graph.errors import Refused
from graph.facts import Facts
from graph.law import gate
from graph.law.verdict import Reason
from storage.accounts import KEEPERS as ACCOUNT_KEEPERS
from storage.accounts import SignedIn
from storage.books import OVERSEEING, Books
from storage.titles import Viewer
from storage.wiring import Wiring

LEADER = "LEADER_OF"
OFFICER = "SECURITY_OFFICER_OF"
Named = dict[str, Any]


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """`world` holds the person's own facts at `stand`, by which `roles` were judged for this request."""

    wiring: Wiring
    books: Books
    viewer: Viewer
    who: SignedIn
    language: Language
    name: Named
    terminal: Named | None
    roles: frozenset[str]
    world: Facts
    stand: Stand
    path: str

    @property
    def person(self) -> str:
        return self.who.person

    @property
    def keeps(self) -> bool:
        """Registers documents and carriers."""
        return bool(self.roles.intersection(gate.KEEPERS))

    @property
    def leads(self) -> bool:
        return LEADER in self.roles

    @property
    def oversees(self) -> bool:
        """Is shown full reasons about everyone."""
        return bool(self.roles.intersection(gate.OVERSEERS))

    @property
    def draws(self) -> bool:
        """Looks at paths, rooms and hands."""
        return bool(self.roles.intersection((*gate.OVERSEERS, "CUSTODIAN_OF")))

    @property
    def reads_books(self) -> bool:
        return bool(self.roles.intersection(OVERSEEING))

    @property
    def keeps_accounts(self) -> bool:
        return bool(self.roles.intersection(ACCOUNT_KEEPERS))

    def require(self, *roles: str) -> None:
        """Refuse a page whose work is somebody else's. Raises Refused."""
        if not self.roles.intersection(roles):
            raise Refused([Reason(("P-role",), "not-your-act", {"roles": ",".join(roles)}, whose=roles[0])])

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response[str]:
        done = values.pop("done", "")
        return view.render(template, self.language, status=status, seat=self, done=done, **values)


async def provide_seat(request: Request[Any, Any, Any], ready: NamedDependency[SignedIn]) -> Seat:
    """Raises Unavailable where the graph does not answer: then there is no page, only the reason."""
    wiring: Wiring = request.app.state.wiring
    brought, stand = await wiring.questions.neighbourhood()
    world = await brought.people([ready.person])
    books: Books = request.app.state.books
    viewer = books.viewer(ready.person)
    names = await show.names({ready.person, *([ready.device] if ready.device else [])}, viewer)
    seat = Seat(
        wiring=wiring,
        books=books,
        viewer=viewer,
        who=ready,
        language="en" if ready.language == "en" else "zh",
        name=names.get(ready.person, {"zh": ready.login, "en": ready.login}),
        terminal=names.get(ready.device or ""),
        roles=frozenset(fact.kind for fact in gate.roles(world, ready.person, stand.at)),
        world=world,
        stand=stand,
        path=request.url.path,
    )
    request.scope["state"]["seat"] = seat
    return seat
