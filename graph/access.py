"""The questions: views of one rule, each with `at` and `known_at`, each complete or saying that it is not.

A question reads the ledger's head, waits until the graph has come to it, fixes S there, and sees exactly the facts with
`seq_in <= S < seq_out`. The asker's own right to ask is always judged now, whatever date is asked about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from graph.errors import BadField, NotAvailable
from graph.facts import Fact, Facts
from graph.kinds import Node
from graph.law import gate
from graph.law.gate import Sight
from graph.law.item import Demand, demand
from graph.law.know import judge
from graph.law.person import Card, card
from graph.law.regulation import ALL_BIND, Ruling
from graph.law.verdict import Mark, Reason, Route, Verdict
from graph.projection import Entries, Head
from graph.sources import Brings, Sources, Standing
from graph.times import DAY_MS, Instant

PAGE = 100
LARGEST_PAGE = 5000


class When(msgspec.Struct, frozen=True, kw_only=True):
    """What date is asked about (`at`, None for now), and by which state of the ledger (`known`, a seq, None for the head)."""

    at: Instant | None = None
    known: int | None = None


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """Where an answer stands: the instant and the seq it is true of, and the regulations as the unit applies them."""

    at: Instant
    s: int
    live: bool
    ruling: Ruling = ALL_BIND

    @property
    def silent(self) -> frozenset[str]:
        """The regulations that did not bind then."""
        return self.ruling.silent(self.at)


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """May this person know this item. With `Sight.NAMES` marks and reasons are left out."""

    person: str
    item: str
    allowed: bool
    marks: tuple[Mark, ...]
    routes: tuple[Route, ...]
    reasons: tuple[Reason, ...]
    sight: Sight
    stand: Stand
    complete: bool = True

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule for reason in self.reasons for rule in reason.rules))


class Knower(msgspec.Struct, frozen=True, kw_only=True):
    """One person of an audience, with every route and every mark."""

    person: str
    marks: tuple[Mark, ...]
    routes: tuple[Route, ...]


class Blocked(msgspec.Struct, frozen=True, kw_only=True):
    """One who stands on a list and is stopped, with every reason."""

    person: str
    marks: tuple[Mark, ...]
    reasons: tuple[Reason, ...]


class Handler(msgspec.Struct, frozen=True, kw_only=True):
    """One who handles a carrier without the right to know what it bears [G13]."""

    person: str
    carrier: str
    fact: Fact


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the audience come through one entry of the range; someone may come through several."""

    via: str
    label: str
    people: int


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """Who may know an item. `people` is one page of `total`, in order of id; `blocked` only those the asker may ask about."""

    item: str
    total: int
    groups: tuple[Group, ...]
    people: tuple[Knower, ...]
    blocked: tuple[Blocked, ...]
    handlers: tuple[Handler, ...]
    stand: Stand
    complete: bool
    cursor: str | None


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    level: str | None
    routes: tuple[Route, ...]


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may know: one page in order of id, and the exact count."""

    person: str
    total: int
    items: tuple[Reached, ...]
    stand: Stand
    complete: bool
    cursor: str | None


class Paths(msgspec.Struct, frozen=True, kw_only=True):
    """The subgraph to draw: people with marks and routes, those blocked, those in whose hands carriers are, every fact used."""

    item: str
    audience: Audience
    facts: tuple[Fact, ...]
    labels: dict[str, str]


class Questions:
    """Asks. One per process; safe for concurrent use."""

    def __init__(
        self,
        sources: Sources,
        entries: Entries,
        now: Callable[[], Instant],
        ruling: Callable[[], Awaitable[Ruling]] | None = None,
    ) -> None:
        self._sources = sources
        self._entries = entries
        self._now = now
        self._ask_ruling = ruling
        self._ruled: tuple[Head, Ruling] | None = None

    def remembered(self) -> Standing | None:
        """How much of the ledger this process keeps in memory."""
        return self._sources.remembered()

    async def neighbourhood(self, when: When | None = None) -> tuple[Brings, Stand]:
        """Fix where an answer stands, and what brings facts for it."""
        when = when or When()
        head = await self._entries.head()
        await self._sources.follow(head)
        now = max(self._now(), head.recorded)
        at = now if when.at is None else when.at
        s = head.seq if when.known is None else when.known
        if s > head.seq:
            raise BadField("known_at", "after-the-last-entry")
        past = when.known is not None or at < now - DAY_MS
        stand = Stand(at=at, s=s, live=not past, ruling=await self._ruling(head))
        return self._sources.bring(head, s, past=past), stand

    async def _ruling(self, head: Head) -> Ruling:
        """As the ledger has it: only an entry changes it."""
        if self._ask_ruling is None:
            return ALL_BIND
        if self._ruled is None or self._ruled[0] != head:
            self._ruled = (head, await self._ask_ruling())
        return self._ruled[1]

    async def may_know(self, asker: str, person: str, item: str, when: When | None = None) -> Judgement:
        """The verdict on one pair; refused as "not available" to who may not know of the item.

        The same statements run whether or not item and person exist. Asked about today, what was brought to judge the
        asker serves the verdict too.
        """
        brought, stand = await self.neighbourhood()
        facts = await brought.pairs(tuple(dict.fromkeys((asker, person))), item)
        verdict, known = _judged(facts, asker, item, stand)
        if not known or not gate.someone(facts, person):
            raise NotAvailable
        sight = gate.may_ask_about(facts, asker, person, stand.at)
        today = when is None or when == When()
        if not today:
            brought, stand = await self.neighbourhood(when)
            facts = await brought.pair(person, item)
        if not today or person != asker:
            verdict = judge(card(facts, person, stand.at), demand(facts, item, stand.at), stand.silent)
        full = sight is Sight.FULL
        return Judgement(
            person=person,
            item=item,
            allowed=verdict.allowed,
            marks=verdict.marks if full else (),
            routes=verdict.routes if verdict.allowed or full else (),
            reasons=verdict.reasons if full else (),
            sight=sight,
            stand=stand,
        )

    async def verdict(self, person: str, item: str) -> tuple[Verdict, bool]:
        """For the doors themselves, judged now: the verdict, and whether the person may know of the item."""
        brought, stand = await self.neighbourhood()
        facts = await brought.pair(person, item)
        return _judged(facts, person, item, stand)

    async def may_know_of(self, asker: str, items: Sequence[str]) -> dict[str, tuple[Verdict, bool]]:
        """For lists and search: of each item the verdict and whether the asker may know of it."""
        if not items:
            return {}
        brought, stand = await self.neighbourhood()
        facts = await brought.many(asker, items)

        def each() -> dict[str, tuple[Verdict, bool]]:
            who, silent = card(facts, asker, stand.at), stand.silent
            found = {}
            for item in items:
                verdict = judge(who, demand(facts, item, stand.at), silent)
                known = facts.label(item) == Node.DOCUMENT and gate.knows_of(
                    facts, asker, item, stand.at, verdict
                )
                found[item] = (verdict, known)
            return found

        return await asyncio.to_thread(each)

    async def audience(
        self, asker: str, item: str, when: When | None = None, *, limit: int = PAGE, cursor: str | None = None
    ) -> Audience:
        """Everyone who may know an item: groups with counts, one page of people with their routes."""
        _check_page(limit)
        roles = await self._must_know_of(asker, item)
        brought, stand = await self.neighbourhood(when)
        facts, people = await brought.audience(item)
        return await asyncio.to_thread(
            audience_of, facts, item, people, stand, asker=asker, roles=roles, limit=limit, cursor=cursor
        )

    async def reach(
        self,
        asker: str,
        person: str,
        when: When | None = None,
        *,
        limit: int = PAGE,
        cursor: str | None = None,
    ) -> Reach:
        """Everything a person may know: one page and the exact count, of what the asker may know of."""
        _check_page(limit)
        world, stand_now = await self._about(asker, person)
        if not gate.may_ask_reach(world, asker, person, stand_now.at):
            raise NotAvailable
        brought, stand = await self.neighbourhood(when)
        facts, items = await brought.reach(person)
        reached = await asyncio.to_thread(reach_of, facts, person, items, stand.at, stand.silent)
        if asker != person:
            known = await self.may_know_of(asker, [each.item for each in reached])
            reached = [each for each in reached if known[each.item][1]]
        start = next(
            (i for i, each in enumerate(reached) if cursor is None or each.item > cursor), len(reached)
        )
        page = reached[start : start + limit]
        more = start + limit < len(reached)
        return Reach(
            person=person,
            total=len(reached),
            items=tuple(page),
            stand=stand,
            complete=not more,
            cursor=page[-1].item if more else None,
        )

    async def paths(self, asker: str, item: str, when: When | None = None) -> Paths:
        """The subgraph that proves the audience of an item, to be drawn, with a fact behind every edge."""
        roles = await self._must_know_of(asker, item)
        brought, stand = await self.neighbourhood(when)
        facts, people = await brought.audience(item)
        return await asyncio.to_thread(paths_of, facts, item, people, stand, asker=asker, roles=roles)

    # The asker, judged now

    async def _about(self, asker: str, person: str) -> tuple[Facts, Stand]:
        brought, stand = await self.neighbourhood()
        return await brought.people([asker, person]), stand

    async def _must_know_of(self, asker: str, item: str) -> tuple[Fact, ...]:
        """The asker's roles, once it is clear that the asker may know of the item. Raises NotAvailable."""
        brought, stand = await self.neighbourhood()
        facts = await brought.pair(asker, item)
        _, known = _judged(facts, asker, item, stand)
        if not known:
            raise NotAvailable
        return gate.roles(facts, asker, stand.at)


def _judged(facts: Facts, person: str, item: str, stand: Stand) -> tuple[Verdict, bool]:
    """The verdict, and whether the person may know of the item."""
    verdict = judge(card(facts, person, stand.at), demand(facts, item, stand.at), stand.silent)
    known = gate.knows_of(facts, person, item, stand.at, verdict)
    return verdict, facts.label(item) == Node.DOCUMENT and known


def audience_of(
    facts: Facts,
    item: str,
    people: Sequence[str],
    stand: Stand,
    *,
    asker: str,
    roles: Sequence[Fact],
    limit: int = LARGEST_PAGE,
    cursor: str | None = None,
) -> Audience:
    """Pure: the audience among `people` (sorted ids). Each card once, the demand once."""
    what, silent = demand(facts, item, stand.at), stand.silent
    verdicts = [(who := card(facts, person, stand.at), judge(who, what, silent)) for person in people]
    allowed = [verdict for _, verdict in verdicts if verdict.allowed]
    page = [verdict for verdict in allowed if cursor is None or verdict.person > cursor]
    more = len(page) > limit
    page = page[:limit]
    return Audience(
        item=item,
        total=len(allowed),
        groups=_groups(facts, allowed),
        people=tuple(Knower(person=v.person, marks=v.marks, routes=v.routes) for v in page),
        blocked=tuple(_blocked(verdicts, what, asker, roles)),
        handlers=tuple(_handlers(facts, item, stand.at, {verdict.person for verdict in allowed})),
        stand=stand,
        complete=not more,
        cursor=page[-1].person if more else None,
    )


def paths_of(
    facts: Facts, item: str, people: Sequence[str], stand: Stand, *, asker: str, roles: Sequence[Fact]
) -> Paths:
    """Pure: the audience among `people`, and every fact that proves it."""
    audience = audience_of(facts, item, people, stand, asker=asker, roles=roles)
    used = _used(facts, item, audience, stand.at)
    labels = {node: facts.label(node) or "" for fact in used for node in (fact.source, fact.target)}
    return Paths(item=item, audience=audience, facts=used, labels=labels)


def _groups(facts: Facts, allowed: Sequence[Verdict]) -> tuple[Group, ...]:
    counts: dict[str, int] = {}
    for verdict in allowed:
        for via in dict.fromkeys(route.via for route in verdict.routes):
            counts[via] = counts.get(via, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Group(via=via, label=facts.label(via) or "", people=count) for via, count in ordered)


def _blocked(
    verdicts: Sequence[tuple[Card, Verdict]], what: Demand, asker: str, roles: Sequence[Fact]
) -> list[Blocked]:
    """Those who stand on the range and are stopped, where the asker may see full reasons about them."""
    oversees = any(fact.kind in gate.OVERSEERS for fact in roles)
    above = {fact.target for fact in roles if fact.kind in ("HEAD_OF", "PRINCIPAL_OF")}
    return [
        Blocked(person=verdict.person, marks=verdict.marks, reasons=verdict.reasons)
        for who, verdict in verdicts
        if not verdict.allowed
        and (who.person in what.range or any(group in what.range for group in who.groups))
        and (oversees or verdict.person == asker or any(group in above for group in who.groups))
    ]


def _handlers(facts: Facts, item: str, at: Instant, allowed: set[str]) -> list[Handler]:
    return [
        Handler(person=held.target, carrier=held.source, fact=held)
        for carries in facts.into(item, "CARRIES")
        if carries.holds(at)
        for held in facts.out(carries.source, "HELD_BY")
        if held.holds(at) and held.target not in allowed
    ]


def reach_of(
    facts: Facts, person: str, items: Sequence[str], at: Instant, silent: AbstractSet[str] = frozenset()
) -> list[Reached]:
    """Pure: which of `items` (sorted ids) the person may know. The card once, each demand once."""
    who = card(facts, person, at)
    found = []
    for item in items:
        what = demand(facts, item, at)
        verdict = judge(who, what, silent)
        if verdict.allowed:
            found.append(
                Reached(item=item, level=what.level.id if what.level else None, routes=verdict.routes)
            )
    return found


def _used(facts: Facts, item: str, audience: Audience, at: Instant) -> tuple[Fact, ...]:
    """Every fact the drawing shows: routes, marks, hands and where carriers are kept."""
    used: dict[str, Fact] = {}
    for knower in audience.people:
        used |= {fact.id: fact for route in knower.routes for fact in route.steps}
        used |= {fact.id: fact for mark in knower.marks for fact in mark.facts}
    for blocked in audience.blocked:
        used |= {fact.id: fact for mark in blocked.marks for fact in mark.facts}
        who = card(facts, blocked.person, at)
        what = demand(facts, item, at)
        for node in what.range:
            if node == blocked.person or node in who.groups:
                used |= {fact.id: fact for fact in (*who.groups.get(node, ()), *what.range[node])}
    for carries in facts.into(item, "CARRIES"):
        if carries.holds(at):
            used[carries.id] = carries
            used |= {f.id: f for f in facts.out(carries.source, "HELD_BY", "KEPT_IN") if f.holds(at)}
    used |= {fact.id: fact for fact in facts.out(item, "CLASSIFIED_AS", "ORIGINATED_BY") if fact.holds(at)}
    return tuple(used.values())


def _check_page(limit: int) -> None:
    if not 1 <= limit <= LARGEST_PAGE:
        raise BadField("limit", "not-between", low="1", high=str(LARGEST_PAGE))
