"""The registry office: the one way to change anything.

act → ledger lock → graph brought to the head → law judges there → entry appended, committed → facts projected → reply
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import msgspec
import rfc8785

from graph.errors import BadField, Conflict, NotYetEffective, Refused, Unavailable
from graph.law.person import groups
from graph.projection import BATCH, Head, Projection, Step
from graph.sources import Brings, Sources
from graph.supposed import Laid, Supposed
from graph.times import DAY_MS, Instant, parse
from storage import catalogue
from storage.act import ACTS, Act, ActKind, Bench, Draft, decode, happened, opaque
from storage.calendar import Calendar
from storage.counter import Counter
from storage.entry import FORMAT, Body, Decision, Idempotency, fact_text, step_of, text_of
from storage.figures import some_narrowed
from storage.ledger import Ledger
from storage.notice import noticed
from storage.tables.catalogue import Setting
from storage.tables.kept import Task
from storage.transaction import Database

LOGGED_REFUSALS = frozenset({"S03-3.6"})
"""Refusals of these rules are themselves entered ("refused and logged")."""
REFUSAL_REGISTER = "refusals"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an act came to: the entry's opaque reference and the act's result. `repeated` where the key was met again."""

    ref: str
    act: str
    result: dict[str, Any]
    rules: list[str]
    recorded_at: str
    repeated: bool = False


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """An act somebody thinks of: by whom, and with which parameters."""

    actor: str
    act: str
    sent: dict[str, Any]


class _NeverWritten(Exception):
    """Takes a transaction back that was only to try."""


class _Entered(msgspec.Struct, frozen=True):
    """An act committed: the head it made, and what it does to the graph (None where the key was met again)."""

    head: Head
    outcome: Outcome
    step: Step | None


class Office:
    """Does acts. One per process; without a projection (a worker's) the graph follows when it is next asked or written."""

    def __init__(
        self,
        *,
        database: Database,
        ledger: Ledger,
        sources: Sources,
        projection: Projection | None,
        now: Callable[[], Instant],
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._sources = sources
        self._projection = projection
        self._now = now
        self._counter = Counter(database, now)
        self._deferring = False

    async def do(
        self,
        actor: str,
        name: str,
        sent: Mapping[str, Any],
        *,
        key: str | None = None,
        secret: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Do one act. Raises BadInput, Refused, Conflict, Unavailable, NotYetEffective."""
        kind = ACTS.get(name)
        if kind is None:
            raise BadField("act", "unknown-act", value=name)
        params = decode(kind, sent)
        idempotency = _idempotency(key, name, sent)
        if params.decision is not None and params.decision.proof == "counter":
            await self._at_the_counter(kind, params.decision, actor, secret or {})
        try:
            async with self._database.locked():
                entered = await self._enter(kind, params, actor, idempotency, secret or {})
        except Refused as refused:
            await self._log(kind, actor, refused)
            raise
        return await self._effective(entered)

    async def admit(self, actor: str, name: str, sent: Mapping[str, Any]) -> None:
        """Judge what is about to begin and will be entered when it is done. A refusal is one: it is logged like an act's."""
        try:
            await self.judge(actor, name, sent)
        except Refused as refused:
            await self._log(ACTS[name], actor, refused)
            raise

    async def _log(self, kind: ActKind, actor: str, refused: Refused) -> None:
        if refused.logged or LOGGED_REFUSALS & set(refused.rules):
            await self._enter_refusal(kind, actor, refused)

    async def _at_the_counter(
        self, kind: ActKind, decision: Decision, actor: str, secret: Mapping[str, str]
    ) -> None:
        """Whoever decides stands beside the clerk and types a PIN of their own. Raises BadField."""
        _may_be_at_the_counter(kind, decision, actor)
        await self._counter.check(decision.by, secret.get("pin", ""))

    async def judge(self, actor: str, name: str, sent: Mapping[str, Any]) -> None:
        """Whether an act would be entered now; nothing is written. Raises what `do` would."""
        kind = ACTS[name]
        params = decode(kind, sent)
        head = await self._ledger.head()
        await self._sources.follow(head)
        bench = await self._bench(params, actor, head, {}, kind.rules)
        await _judge_hands(kind, bench)
        _late(params, bench)
        await kind.perform(params, bench)

    async def suppose(self, proposals: Sequence[Proposal], *, asker: str | None = None) -> list[Step]:
        """What acts would enter one after the other, each judged as if those before it stood. Nothing is written.

        What the asker may not know of does not exist for whomever they propose, either.

        Catalogue rows are put into a transaction that never commits. Raises what `do` would, of the first that is refused.
        """
        steps: list[Step] = []
        try:
            async with self._database.locked():
                await self._drafted(proposals, steps, asker)
        except _NeverWritten:
            return steps

    async def _drafted(self, proposals: Sequence[Proposal], steps: list[Step], asker: str | None) -> NoReturn:
        head = next_ = await self._ledger.head()
        await self._sources.follow(head)
        laid = Laid()
        for proposal in proposals:
            kind = ACTS.get(proposal.act)
            if kind is None or not kind.public:
                raise BadField("act", "unknown-act", value=proposal.act)
            params = decode(kind, proposal.sent)
            bench = await self._bench(params, proposal.actor, head, {}, kind.rules, asker)
            bench.facts = Supposed(bench.facts, laid)
            await _judge_hands(kind, bench)
            late = _late(params, bench)
            draft = await kind.perform(params, bench)
            body = _body(kind, params, bench, draft, next_, late, None)
            await catalogue.write(catalogue.apply(body))
            step = step_of(body, "")
            laid.lay(step)
            steps.append(step)
            next_ = Head(head.ledger, body.seq, "")
        raise _NeverWritten

    async def _bench(
        self, params: Act, actor: str, head: Head, secret: Mapping[str, str], rules: tuple[str, ...],
        asker: str | None = None,
    ) -> Bench:  # fmt: skip
        settings = {row["name"]: row["value"] for row in await Setting.select()}
        now = max(self._now(), head.recorded)
        occurred = happened(params, now, int(settings.get("opening", "0")))
        facts = self._sources.bring(head, head.seq, past=occurred < now - DAY_MS)
        return Bench(
            actor=actor,
            decision=params.decision or Decision(by=actor),
            occurred=occurred,
            now=now,
            facts=facts,
            settings=settings,
            secret=secret,
            notices=noticed,
            on_behalf_of=params.on_behalf_of,
            departments=await _departments(facts, actor, occurred)
            if some_narrowed(settings)
            else frozenset(),
            asker=asker,
            rules=rules,
        )

    async def _enter(
        self,
        kind: ActKind,
        params: Act,
        actor: str,
        idempotency: Idempotency | None,
        secret: Mapping[str, str],
    ) -> _Entered:
        earlier = await self._earlier(kind, actor, idempotency)
        head = await self._ledger.head()
        await self._sources.follow(head)
        if not self._deferring and self._projection is not None:
            await self._projection.reach(head)  # a graph that is down is told before anything is written
        bench = await self._bench(params, actor, head, secret, kind.rules)
        await _judge_hands(kind, bench)
        if earlier is not None:
            return _Entered(head, _outcome(earlier, repeated=True), None)
        late = _late(params, bench)
        draft = await kind.perform(params, bench)
        body = _body(kind, params, bench, draft, head, late, idempotency)
        hash_ = await self._ledger.append(body, bench.now)
        await catalogue.write(catalogue.apply(body))
        await catalogue.write(draft.kept)
        for work in draft.work:
            await Task.insert(
                Task(
                    id=opaque("t"),
                    kind=work.kind,
                    subject=work.subject,
                    lease_until=work.due,
                    made_at=bench.now,
                )
            )
        return _Entered(Head(head.ledger, body.seq, hash_, bench.now), _outcome(body), step_of(body, hash_))

    async def _earlier(self, kind: ActKind, actor: str, idempotency: Idempotency | None) -> Body | None:
        """A key met again: the same request will get its outcome while its hands still fit, another one is a conflict."""
        if idempotency is None:
            return None
        earlier = await self._ledger.repeated(actor, kind.name, idempotency.key)
        if earlier is not None and (
            earlier.idempotency is None or earlier.idempotency.request != idempotency.request
        ):
            raise Conflict
        return earlier

    async def _effective(self, entered: _Entered) -> Outcome:
        """After the commit: anchor, and acknowledge only once the graph has followed."""
        if entered.step is not None:
            self._sources.entered(entered.head.ledger, entered.step)
        try:
            self._ledger.anchor(entered.head)
            self._ledger.note_destroyed(entered.head, entered.outcome.result.get("_files", ()))
            if self._projection is not None and (not self._deferring or entered.head.seq % BATCH == 0):
                await self._projection.reach(entered.head, entered.step)
        except Unavailable as down:
            raise NotYetEffective(entered.outcome.ref, down.service) from down
        return entered.outcome

    @asynccontextmanager
    async def many(self) -> AsyncIterator[None]:
        """For a long row of acts in this process: none counts as acknowledged before this ends; the graph follows in batches."""
        self._deferring = True
        try:
            yield
        finally:
            self._deferring = False
            if self._projection is not None:
                await self._projection.reach(await self._ledger.head())

    async def _enter_refusal(self, kind: ActKind, actor: str, refused: Refused) -> None:
        """Exactly one entry for a refusal that a rule wants logged."""
        async with self._database.locked():
            head = await self._ledger.head()
            now = max(self._now(), head.recorded)
            body = Body(
                format=FORMAT, ledger=head.ledger, seq=head.seq + 1, ref=opaque("e"), prev=head.hash,
                occurred_at=text_of(now), recorded_at=text_of(now), late=None, actor=actor, on_behalf_of=None,
                decision=None, register=REFUSAL_REGISTER, act=catalogue.REFUSAL, subject=actor,
                payload={"act": kind.name}, result={}, rules=list(refused.rules), nodes=[], labels={},
                superseded=[], facts=[], idempotency=None,
            )  # fmt: skip
            hash_ = await self._ledger.append(body, now)
            await catalogue.write(catalogue.apply(body))
        self._ledger.anchor(Head(head.ledger, body.seq, hash_))


async def _departments(facts: Brings, person: str, at: Instant) -> frozenset[str]:
    """Every department the person stood in, with those above it."""
    return frozenset(groups(await facts.people([person]), person, at))


async def _judge_hands(kind: ActKind, bench: Bench) -> None:
    """Whose act it is, for whom a deputy may do it, and whether the decision's proof may stand."""
    decision = bench.decision
    if bench.on_behalf_of is not None:
        await bench.deputises(kind.name)
    if decision.proof == "paper":
        if not kind.paper:
            raise BadField("decision.proof", "paper-not-allowed")
        if decision.paper is None:
            raise BadField("decision.paper", "missing")
    elif decision.proof == "counter":
        _may_be_at_the_counter(kind, decision, bench.actor)
    elif decision.by != bench.actor:
        raise BadField("decision.by", "own-means-the-actor")
    if decision.paper is not None:
        if decision.proof != "paper":
            raise BadField("decision.paper", "unknown-field")
        if parse(decision.paper.date, field="decision.paper.date") > bench.now:
            raise BadField("decision.paper.date", "in-the-future")
    if kind.decided_by:
        await bench.require(decision.by, kind.decided_by, kind.rules)
    if decision.by != bench.actor or not kind.decided_by:
        await bench.require(bench.actor, kind.by, kind.rules)


def _may_be_at_the_counter(kind: ActKind, decision: Decision, actor: str) -> None:
    """Raises BadField where this is not decided before a clerk's eyes, or the clerk would be the one who decides."""
    if not kind.counter:
        raise BadField("decision.proof", "counter-not-allowed")
    if decision.by == actor:
        raise BadField("decision.proof", "counter-is-for-others")


def _late(params: Act, bench: Bench) -> str | None:
    """The reason of a 补登; None where the entry is in time."""
    calendar = msgspec.json.decode(bench.settings.get("calendar", "{}"), type=Calendar)
    if calendar.working_days(bench.occurred, bench.now) <= bench.parameter("late-entry"):
        return None
    if not (params.late or "").strip():
        raise BadField("late", "late-needs-reason")
    return params.late


def _body(
    kind: ActKind,
    params: Act,
    bench: Bench,
    draft: Draft,
    head: Head,
    late: str | None,
    idempotency: Idempotency | None,
) -> Body:
    sent = {name: value for name, value in msgspec.to_builtins(params).items() if name not in _ENVELOPE}
    return Body(
        format=FORMAT,
        ledger=head.ledger,
        seq=head.seq + 1,
        ref=opaque("e"),
        prev=head.hash,
        occurred_at=text_of(bench.occurred),
        recorded_at=text_of(bench.now),
        late=late,
        actor=bench.actor,
        on_behalf_of=bench.on_behalf_of,
        decision=bench.decision,
        register=draft.register or kind.register,
        act=kind.name,
        subject=draft.subject,
        payload=sent,
        result=draft.result,
        rules=list(dict.fromkeys(draft.rules)),
        nodes=draft.nodes,
        labels=draft.labels,
        superseded=[fact_text(fact) for fact in draft.superseded],
        facts=[fact_text(fact) for fact in draft.facts],
        idempotency=idempotency,
    )


_ENVELOPE = frozenset({"occurred_at", "late", "decision", "on_behalf_of"})


def _outcome(body: Body, *, repeated: bool = False) -> Outcome:
    return Outcome(
        ref=body.ref,
        act=body.act,
        result=body.result,
        rules=body.rules,
        recorded_at=body.recorded_at,
        repeated=repeated,
    )


def _idempotency(key: str | None, name: str, sent: Mapping[str, Any]) -> Idempotency | None:
    if key is None:
        return None
    if not 1 <= len(key) <= 200:
        raise BadField("Idempotency-Key", "not-between", low="1", high="200")
    try:
        request = rfc8785.dumps({"act": name, "sent": dict(sent)})
    except rfc8785.CanonicalizationError:
        raise BadField("body", "wrong-type", expected="JSON") from None
    return Idempotency(
        key=hashlib.sha256(key.encode()).hexdigest(), request=hashlib.sha256(request).hexdigest()
    )
