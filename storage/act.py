"""What an act is: its parameters, the register it is entered in, whose act it is, and what judges it.

An act's function runs under the ledger lock with the graph at the head. It reads through the `Bench`, refuses with every
rule id or fills a `Draft`; `storage/office.py` appends the draft. An act's `project` is pure: entry in, catalogue rows out.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from piccolo.table import Table

from graph import facts as fact_rules
from graph.errors import BadField, FieldError, Refused
from graph.facts import Details, Fact, Facts
from graph.kinds import Node
from graph.law import gate
from graph.law.deputy import may_deputise
from graph.law.person import in_force
from graph.law.regulation import Regulations, binding
from graph.law.verdict import Reason
from graph.sources import Brings
from graph.times import FOREVER, Instant, parse
from storage.calendar import Calendar
from storage.entry import Body, Decision
from storage.figures import figures_of, regulations_of
from storage.tables.catalogue import Number, RegisterRow, Setting, Subject

HANDS = ("P-role",)
"""Whose act it is, is ours to say where no regulation in force does."""
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
GUARDED = frozenset({Node.DOCUMENT, Node.CARRIER, Node.FOLDER, Node.CASE})
"""Kinds of which not everybody knows what there is; people, departments, rooms and seals are open to all."""
SHELF_MARK = re.compile(rf"[A-Z]{{1,2}}[0-9]+|[a-z]+-[{ALPHABET}]{{14}}")
"""Ids like D9, C12 and DE1, and those the system issues: the keepers' to give, so that nobody else finds out by trying which are taken."""
ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
LARGEST = 2**53 - 1
"""The largest whole number that canonical JSON writes."""
PREFIXES = {
    Node.ORGANISATION: "o", Node.PERSON: "p", Node.POST: "post", Node.DEPARTMENT: "dept", Node.PLACE: "r",
    Node.CONTAINER: "box", Node.DEVICE: "dev", Node.DOCUMENT: "d", Node.FOLDER: "v", Node.CARRIER: "c",
    Node.RANGE: "rg", Node.DISTRIBUTION: "ds", Node.SEAL: "seal", Node.CASE: "case", Node.LEVEL: "level",
}  # fmt: skip


def opaque(prefix: str) -> str:
    """A reference that tells nothing: 14 characters of 31, about 69 bits."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(14))}"


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every act may carry beside its own parameters.

    `occurred_at` is when it happened (now where it is left out), `late` the reason of a late entry (补登), `decision` who
    decided and by what proof (the actor's own session where it is left out), `on_behalf_of` whom the actor stands in for (代理).
    """

    occurred_at: str | None = None
    late: str | None = None
    decision: Decision | None = None
    on_behalf_of: str | None = None


class Put(msgspec.Struct, frozen=True):
    """A whole row of the catalogue, made or replaced."""

    table: type[Table]
    values: dict[str, Any]


class Patch(msgspec.Struct, frozen=True):
    """Some columns of a row that exists."""

    table: type[Table]
    key: str | int
    values: dict[str, Any]


class Remove(msgspec.Struct, frozen=True):
    """Every row whose column holds this value."""

    table: type[Table]
    column: str
    value: str


Change = Put | Patch | Remove


class Work(msgspec.Struct, frozen=True):
    """A task for the workers, written in the act's transaction; it waits until it is due."""

    kind: str
    subject: str
    due: Instant = 0


class Draft:
    """What an act would enter. Facts are checked against their kinds as they are added.

    `kept` are rows of tables that are no projection (credentials, wrapped keys), written in the same transaction.
    `register` is the book it is entered in, where that is not the act's own.
    """

    def __init__(self, subject: str, occurred: Instant) -> None:
        self.subject = subject
        self.occurred = occurred
        self.rules: list[str] = []
        self.result: dict[str, Any] = {}
        self.nodes: list[tuple[str, str]] = []
        self.labels: dict[str, str] = {}
        self.facts: list[Fact] = []
        self.superseded: list[Fact] = []
        self.work: list[Work] = []
        self.kept: list[Change] = []
        self.register = ""

    def node(self, id_: str, kind: Node) -> str:
        self.nodes.append((id_, kind.value))
        self.labels[id_] = kind.value
        return id_

    def begin(
        self, kind: str, source: tuple[str, str], target: tuple[str, str], *, since: Instant | None = None,
        until: Instant = FOREVER, details: Details | None = None,
    ) -> Fact:  # fmt: skip
        """A new fact between two nodes, each given as (id, kind of node)."""
        self.labels[source[0]] = source[1]
        self.labels[target[0]] = target[1]
        fact = Fact(
            id=opaque("f"),
            kind=kind,
            source=source[0],
            target=target[0],
            details=details or {},
            since=self.occurred if since is None else since,
            until=until,
        )
        fact_rules.check(fact, self.labels)
        self.facts.append(fact)
        return fact

    def end(self, fact: Fact, labels: Facts, until: Instant | None = None) -> None:
        """The fact holds no longer from `until` on. What had not begun by then is void."""
        end = self.occurred if until is None else until
        self._supersede(fact, labels)
        if fact.since < end:
            self.facts.append(msgspec.structs.replace(fact, until=end, seq_in=0))

    def revise(self, fact: Fact, labels: Facts, **details: str) -> None:
        """The fact holds as before, with other details."""
        self._supersede(fact, labels)
        self.facts.append(msgspec.structs.replace(fact, details={**fact.details, **details}, seq_in=0))

    def void(self, fact: Fact, labels: Facts) -> None:
        """The fact never was: the ledger still shows that it was once entered."""
        self._supersede(fact, labels)

    def _supersede(self, fact: Fact, labels: Facts) -> None:
        for node in (fact.source, fact.target):
            label = labels.label(node)
            if label is not None:
                self.labels[node] = label
        self.superseded.append(msgspec.structs.replace(fact, seq_in=0))


Notices = Callable[[Brings, str, str, str | None, Instant], Awaitable[bool]]
"""Whether a person may know of an id of this kind, or of one that nothing bears (None): `storage/notice.py`."""


class Bench:
    """Where an act is judged: the actor, the instants, and the facts at the ledger's head.

    `asker` is who only asks what an act would do, in somebody else's place: neither learns of what they may not know of.
    `secret` is what the door supplies and the ledger must never show: a password's hash, a wrapped key. `departments` are
    those the actor stands in, where a regulation binds some departments only. `rules` are those the act rests on.
    """

    def __init__(
        self,
        *,
        actor: str,
        decision: Decision,
        occurred: Instant,
        now: Instant,
        facts: Brings,
        settings: Mapping[str, str],
        secret: Mapping[str, str],
        notices: Notices,
        on_behalf_of: str | None = None,
        departments: frozenset[str] = frozenset(),
        asker: str | None = None,
        rules: tuple[str, ...] = ("P-role",),
    ) -> None:
        self.secret = secret
        self.rules = rules
        self.departments = departments
        self._notices = notices
        self._eyes: tuple[tuple[str | None, ...], ...] = (
            (actor, on_behalf_of),
            *(((asker,),) if asker else ()),
        )
        self.actor = actor
        self.on_behalf_of = on_behalf_of
        self.decision = decision
        self.occurred = occurred
        self.now = now
        self.facts = facts
        self.settings = settings
        self.organisation = settings.get("organisation", "")

    @property
    def own(self) -> tuple[str, str]:
        """The unit's own node."""
        return (self.organisation, Node.ORGANISATION.value)

    @property
    def calendar(self) -> Calendar:
        return msgspec.json.decode(self.settings.get("calendar", "{}"), type=Calendar)

    @property
    def regulations(self) -> Regulations:
        """As they are in force here."""
        return regulations_of(self.settings)

    def parameter(self, name: str) -> int:
        """A figure of the regulations as the unit has set it. Raises UnknownParameter."""
        return figures_of(self.settings)(name)

    def binding(self, reasons: Iterable[Reason]) -> list[Reason]:
        """Those that rest on a rule which bound the actor when it happened, each with such rules alone (S01-20)."""
        found = list(reasons)
        return binding(found, self.regulations, self.occurred, self.departments) if found else found

    def refuse(self, reasons: Iterable[Reason]) -> None:
        """Raises Refused with every reason that binds; what no rule in force forbids goes on."""
        standing = self.binding(reasons)
        if standing:
            raise Refused(standing)

    async def subject(
        self, id_: str, *kinds: Node, field: str, excused: bool = False, beside: str | None = None
    ) -> tuple[str, str]:
        """A node that must exist and be of one of these kinds, as (id, kind). Raises BadField.

        What the actor may not know of does not exist for them, unless it comes to their hands by their office (`excused`),
        or `beside` them somebody else may, for whom they write. A document or a carrier existed when it happened, too:
        before that it had no level to judge by.
        """
        rows = await Subject.select(Subject.kind, Subject.void, Subject.made).where(Subject.id == id_)
        known = await self.notices(id_, rows[0]["kind"] if rows else None, excused, beside)
        if not rows or not known:
            raise BadField(field, "unknown-id", value=id_)
        if kinds and rows[0]["kind"] not in kinds:
            raise BadField(field, "wrong-kind", value=id_, allowed=", ".join(kinds))
        if rows[0]["void"]:
            raise BadField(field, "voided", value=id_)
        if self.occurred < self.now and rows[0]["kind"] in (Node.DOCUMENT, Node.CARRIER):
            lines = await RegisterRow.select(RegisterRow.occurred_at).where(
                RegisterRow.seq == rows[0]["made"]
            )
            if self.occurred < lines[0]["occurred_at"]:
                raise BadField("occurred_at", "dates-backwards", value=id_)
        return (id_, rows[0]["kind"])

    async def notices(
        self, id_: str, kind: str | None, excused: bool = False, beside: str | None = None
    ) -> bool:
        """Whether the actor (or whom they stand in for), and who asks, may know that it exists."""
        if kind is not None and kind not in GUARDED:
            return True
        (actor, behalf), *asking = self._eyes
        for eyes in asking if excused else ((actor, behalf, beside), *asking):
            if kind not in (None, Node.CASE) and await self._holds_one_of(eyes, gate.KNOW_OF_ALL):
                continue
            if not any([await self._notices(self.facts, each, id_, kind, self.now) for each in eyes if each]):
                return False
        return True

    async def _holds_one_of(self, people: Iterable[str | None], kinds: Sequence[str]) -> bool:
        return any([await self.roles_of(each, *kinds) for each in people if each])

    def follows(self, world: Facts, node: tuple[str, str], *kinds: str) -> None:
        """What stands once at a time is entered in the order it happened. Raises BadField."""
        if any(fact.since > self.occurred for fact in world.out(node[0], *kinds)):
            raise BadField("occurred_at", "dates-backwards", value=node[0])

    def about(self, person: str) -> None:
        """Nobody decides about oneself, nor lets a deputy. Raises Refused."""
        if person in (self.decision.by, self.on_behalf_of):
            raise refusal(("P-self",), "not-for-oneself")

    async def standing_among(self, ids: Sequence[str]) -> set[str]:
        """Of these nodes, those whose entry has not been voided."""
        if not ids:
            return set()
        rows = await Subject.select(Subject.id, Subject.void).where(Subject.id.is_in(list(ids)))
        return {row["id"] for row in rows if not row["void"]}

    async def new_id(self, wanted: str | None, kind: Node, *, field: str = "id") -> str:
        """An id that nobody has: the one wanted, or an opaque one. Raises BadField.

        A clash is told only to keepers: others choose no id of a case, and none that looks like a shelf mark. In a what-if
        it is whoever asks that is told.
        """
        if wanted is None:
            return opaque(PREFIXES[kind])
        told: tuple[str, ...] = (*gate.KNOW_OF_ALL, "LEADING_GROUP_OF") if kind == Node.CASE else ()
        if SHELF_MARK.fullmatch(wanted):
            told = gate.KNOW_OF_ALL
        if told and not await self._holds_one_of(self._eyes[-1], told):
            raise BadField(field, "id-is-issued", value=wanted)
        if await Subject.exists().where(Subject.id == wanted):
            raise BadField(field, "id-taken", value=wanted)
        return wanted

    async def standing(
        self, node: tuple[str, str], *kinds: str, target: str | None = None
    ) -> tuple[Fact, ...]:
        """Facts of these kinds from a node in force when it happened."""
        world = await self.facts.around({node[0]: node[1]})
        return tuple(
            fact
            for fact in in_force(world.out(node[0], *kinds), self.occurred)
            if target in (None, fact.target)
        )

    async def roles_of(self, person: str, *kinds: str) -> tuple[Fact, ...]:
        """Roles held now: whose act it is, is judged at the time of entry."""
        world = await self.facts.around({person: Node.PERSON.value})
        return in_force(world.out(person, *kinds), self.now)

    async def require(self, person: str, roles: Sequence[str], rules: tuple[str, ...]) -> None:
        """Refuse unless the person, or whom they stand in for, holds one of the roles."""
        if person == self.actor and self.on_behalf_of:
            person = self.on_behalf_of
        if roles and not await self.roles_of(person, *roles):
            reason = Reason(rules, "not-your-act", {"roles": ",".join(roles)}, whose=roles[0])
            raise Refused(self.binding([reason]) or [msgspec.structs.replace(reason, rules=HANDS)])

    async def deputises(self, act: str) -> None:
        """The actor stands in for whom they say, now and for this act. Raises BadField, Refused."""
        principal = self.on_behalf_of or ""
        world = await self.facts.around({self.actor: Node.PERSON.value})
        for fact in in_force(world.out(self.actor, "DEPUTY_OF"), self.now):
            if fact.target == principal and act in str(fact.details.get("acts", "")).split(","):
                people = await self.facts.people([self.actor, principal])
                self.refuse(may_deputise(people, self.actor, principal, self.now))
                return
        raise Refused([Reason(("P-deputy",), "not-their-deputy", {"act": act}, whose="LEADING_GROUP_OF")])

    async def next_number(self, series: str, year: int) -> int:
        rows = await Number.select(Number.n).where((Number.series == series) & (Number.year == year))
        return max((row["n"] for row in rows), default=0) + 1


P = TypeVar("P", bound=Act)
Perform = Callable[[Any, Bench], Awaitable[Draft]]
Project = Callable[[Any, Body], Iterable[Change]]


def _nothing(_params: Any, _body: Body) -> Iterable[Change]:
    return ()


class Clerical(msgspec.Struct, frozen=True):
    """A field that a correction may mend: where it lies in the catalogue, keyed by a value of the entry's result.

    `beside` are the columns together with which a value stands once only.
    """

    field: str
    table: type[Table]
    column: str
    key: str
    beside: tuple[str, ...] = ()


class ActKind(msgspec.Struct, frozen=True):
    """One act of the catalogue of acts.

    `by` are the roles of which the actor needs one (none: anyone signed in), `decided_by` those the decider needs; `rules`
    the ids named when the role is missing. `paper` says whether the decision may stand on paper, `counter` whether it may be taken before a clerk, `public` whether the
    door of acts offers it: others have a door of their own, which supplies what may not be typed.
    """

    name: str
    params: type[Act]
    register: str
    perform: Perform
    project: Project
    by: tuple[str, ...]
    decided_by: tuple[str, ...]
    rules: tuple[str, ...]
    paper: bool
    counter: bool
    zh: str
    en: str
    examples: tuple[dict[str, Any], ...] = ()
    public: bool = True
    clerical: tuple[Clerical, ...] = ()


ACTS: dict[str, ActKind] = {}


def act(
    name: str, params: type[P], *, register: str, zh: str, en: str, by: tuple[str, ...] = (),
    decided_by: tuple[str, ...] = (), rules: tuple[str, ...] = ("P-role",), paper: bool = False,
    project: Callable[[P, Body], Iterable[Change]] | None = None, examples: tuple[dict[str, Any], ...] = (),
    counter: bool | None = None, public: bool = True, clerical: tuple[Clerical, ...] = (),
) -> Callable[[Callable[[P, Bench], Awaitable[Draft]]], Callable[[P, Bench], Awaitable[Draft]]]:  # fmt: skip
    """Enter a function in the catalogue of acts. What may be decided on paper may be decided at the counter."""

    def enter(perform: Callable[[P, Bench], Awaitable[Draft]]) -> Callable[[P, Bench], Awaitable[Draft]]:
        if name in ACTS:
            raise ValueError(f"two acts are called {name}")
        ACTS[name] = ActKind(
            name=name,
            params=params,
            register=register,
            perform=perform,
            project=project or _nothing,
            by=by,
            decided_by=decided_by,
            rules=rules,
            paper=paper,
            counter=paper if counter is None else counter,
            zh=zh,
            en=en,
            examples=examples,
            public=public,
            clerical=clerical,
        )
        return perform

    return enter


def decode(kind: ActKind, sent: Mapping[str, Any]) -> Act:
    """Parameters as sent → the act's struct. Raises BadField naming the field."""
    for field, value in _leaves("", sent):
        if isinstance(value, str) and not is_plain(value):
            raise BadField(field, "not-plain-text")
        if isinstance(value, int) and abs(value) > LARGEST:
            raise BadField(field, "wrong-type", expected="a number of at most 53 bits")
    try:
        return msgspec.convert(dict(sent), kind.params, strict=True)
    except msgspec.ValidationError as error:
        raise bad_field(error) from None


def is_plain(text: str) -> bool:
    """Text that both databases and canonical JSON hold: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _leaves(path: str, value: object) -> Iterable[tuple[str, object]]:
    """Every text and number inside what was sent, with the path of its field."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), each)
    elif isinstance(value, (list, tuple)):
        for n, each in enumerate(value):
            yield from _leaves(f"{path}[{n}]", each)
    else:
        yield path, value


def bad_field(error: msgspec.ValidationError) -> BadField:
    """msgspec's words → the field, a code of the catalogue, and what it expected."""
    message, _, path = str(error).partition(" - at `$")
    field = path.rstrip("`").lstrip(".")
    if "missing required field" in message or "unknown field" in message:
        name = message.rpartition("field `")[2].rstrip("`")
        code = "missing" if "missing" in message else "unknown-field"
        return BadField(f"{field}.{name}" if field else name, code)
    return BadField(field or "body", "wrong-type", expected=message)


def happened(params: Act, now: Instant, opening: Instant) -> Instant:
    """When an act says it happened: never in the future, never before the opening date."""
    if params.occurred_at is None:
        return now
    occurred = parse(params.occurred_at, field="occurred_at")
    if occurred > now:
        raise BadField("occurred_at", "in-the-future")
    if occurred < opening:
        raise BadField("occurred_at", "before-opening")
    return occurred


def refusal(rules: tuple[str, ...], code: str, **values: str) -> Refused:
    """A refusal with one reason."""
    return Refused([Reason(rules, code, values)])


def one_of(field: str, value: str, allowed: Iterable[str]) -> str:
    options = tuple(allowed)
    if value not in options:
        raise BadField(field, "not-in-list", allowed=", ".join(options))
    return value


def subject_row(id_: str, kind: Node, name: str, body: Body, **more: Any) -> Put:
    """The catalogue's row of a new node."""
    values = {"name_en": "", "parent": "", "ordering": 0, "void": False, **more}
    return Put(Subject, {"id": id_, "kind": kind.value, "name": name, "made": body.seq, **values})


def setting_row(name: str, value: str) -> Put:
    return Put(Setting, {"name": name, "value": value})


__all__ = ["ACTS", "Act", "ActKind", "Bench", "Change", "Draft", "FieldError", "Patch", "Put", "Work", "act"]
