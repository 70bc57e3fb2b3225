"""What a child process does on the ground it was given."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from graph.access import Questions
from graph.errors import BadInput, Refused, ZhixiError
from graph.projection import Head
from graph.sources import Sources
from storage.act import ACTS, Act, Bench, Draft
from storage.ledger import Ledger
from storage.organisations import SetClock
from storage.tables.catalogue import Setting
from storage.wiring import Wiring, opened
from tests.faults.children import Heard, Orders, Role, tell

COUNTER = "tests.counter"


@asynccontextmanager
async def _wiring(orders: Orders) -> AsyncIterator[Wiring]:
    async with opened(orders.ground.storage, orders.ground.graph, now=SetClock(orders.at)) as wiring:
        tell("ready")
        yield wiring


async def opener(orders: Orders, heard: Heard) -> None:
    """Opens the house and leaves it."""
    async with _wiring(orders):
        async for _ in heard:
            pass


async def counter(orders: Orders, heard: Heard) -> None:
    """Told a number, adds one as many times to what the database holds, each time under the ledger lock."""
    async with _wiring(orders) as wiring:
        async for times in heard:
            for _ in range(times):
                await add_one(wiring)
            tell("counted")


async def add_one(wiring: Wiring) -> None:
    async with wiring.database.locked():
        rows = await Setting.select().where(Setting.name == COUNTER)
        await asyncio.sleep(0)
        await Setting.update({Setting.value: str(int(rows[0]["value"]) + 1)}).where(Setting.name == COUNTER)


async def holder(orders: Orders, heard: Heard) -> None:
    """Takes the ledger lock, says so, and gives it back when told."""
    async with _wiring(orders) as wiring:
        async for _ in heard:
            async with wiring.database.locked():
                tell("held")
                await anext(heard)
            tell("released")


# Acts


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One act to be done. `early` judges it before the lock is taken: the twin whose protection was taken out."""

    actor: str
    act: str
    params: dict[str, Any]
    key: str | None = None
    early: bool = False


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it, and when it was begun and acknowledged on the clock that all processes share."""

    entered: str | None
    refused: str | None
    begun: int
    acknowledged: int


async def clerk(orders: Orders, heard: Heard) -> None:
    """Does acts as told."""
    async with _wiring(orders) as wiring:
        async for words in heard:
            command = msgspec.convert(words, Command)
            begun = time.monotonic_ns()
            entered, refused = await _tried(wiring, command, heard)
            tell(Done(entered=entered, refused=refused, begun=begun, acknowledged=time.monotonic_ns()))


async def _tried(wiring: Wiring, command: Command, heard: Heard) -> tuple[str | None, str | None]:
    doing = _judged_too_early if command.early else _done
    try:
        return await doing(wiring, command, heard), None
    except BadInput as bad:
        return None, ", ".join(f"{each.field}: {each.code}" for each in bad.errors)
    except Refused as refused:
        return None, ", ".join(refused.rules)
    except ZhixiError as error:
        return None, type(error).__name__


async def _done(wiring: Wiring, command: Command, _heard: Heard) -> str:
    outcome = await wiring.office.do(command.actor, command.act, command.params, key=command.key)
    return outcome.ref


async def _judged_too_early(wiring: Wiring, command: Command, heard: Heard) -> str:
    """The law judges, the other process does the same, and only then is the lock taken and what was judged entered."""
    kind = ACTS[command.act]
    drafts: list[Draft] = []

    async def drawn(params: Act, bench: Bench) -> Draft:
        drafts.append(await kind.perform(params, bench))
        return drafts[0]

    async def already(_params: Act, _bench: Bench) -> Draft:
        return drafts[0]

    try:
        ACTS[command.act] = msgspec.structs.replace(kind, perform=drawn)
        await wiring.office.judge(command.actor, command.act, command.params)
        tell("judged")
        await anext(heard)
        ACTS[command.act] = msgspec.structs.replace(kind, perform=already)
        return await _done(wiring, command, heard)
    finally:
        ACTS[command.act] = kind


# Questions


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """Ask `askers` at a time whether the person may know the item, without a pause, until told something else."""

    asker: str
    person: str
    item: str
    askers: int = 4


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    begun: int
    ended: int
    yes: bool


class ForgetfulLedger(Ledger):
    """The twin: a question takes the head that it remembers for the ledger's."""

    remembered: Head | None = None
    questions = 0

    async def head(self) -> Head:
        self.questions += 1
        if self.remembered is None or self.questions % 50 == 0:
            self.remembered = await super().head()
        return self.remembered


async def asker(orders: Orders, heard: Heard) -> None:
    """Asks all the time; at each line it is told asks once more, from the beginning, and answers with that."""
    async with _wiring(orders) as wiring:
        questions = _questions(wiring, forgetful=bool(orders.wishes.get("forgetful")))
        wanted = msgspec.convert(orders.wishes["ask"], Ask)
        answers: list[Answer] = []
        stop = asyncio.Event()
        asking = [
            asyncio.create_task(_keep_asking(questions, wanted, answers, stop)) for _ in range(wanted.askers)
        ]
        async for words in heard:
            if words == "stop":
                break
            tell(await _answer(questions, wanted))
        stop.set()
        await asyncio.gather(*asking)
        tell(answers)


def _questions(wiring: Wiring, *, forgetful: bool) -> Questions:
    if not forgetful:
        return wiring.questions
    ledger = ForgetfulLedger(wiring.database, wiring.key, wiring.settings.anchors)
    return Questions(Sources(wiring.connection, wiring.projection, ledger, 0), ledger, wiring.now)


async def _keep_asking(questions: Questions, wanted: Ask, answers: list[Answer], stop: asyncio.Event) -> None:
    while not stop.is_set():
        answers.append(await _answer(questions, wanted))


async def _answer(questions: Questions, wanted: Ask) -> Answer:
    begun = time.monotonic_ns()
    judgement = await questions.may_know(wanted.asker, wanted.person, wanted.item)
    return Answer(begun=begun, ended=time.monotonic_ns(), yes=judgement.allowed)


ROLES: Mapping[str, Role] = {role.__name__: role for role in (opener, counter, holder, clerk, asker)}
