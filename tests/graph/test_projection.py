"""Facts in: once, in order, whoever races; a graph that is not the ledger's is refused; a sweep changes no answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from neo4j import AsyncGraphDatabase

from graph import connection as connections
from graph.access import When
from graph.connection import Connection
from graph.errors import Broken, GraphMismatch, Unavailable
from graph.facts import Fact, Facts, World
from graph.kinds import Node
from graph.law.know import may_know
from graph.law.levels import LEVELS
from graph.migrate import migrate
from graph.neighbourhood import Neighbourhood
from graph.projection import Projection, empty
from graph.settings import GraphSettings
from graph.times import FOREVER, Instant, parse
from tests import columns
from tests.shelf import Shelf, asking, replay
from tests.worlds import all_traps, shelved, within

NOW = parse("2026-03-05T09:00:00+08:00", field="now")
DATED = {name: trap for name, trap in all_traps().items() if trap.facts}


@pytest_asyncio.fixture(loop_scope="session")
async def graph(graph_engine: GraphSettings) -> AsyncIterator[GraphSettings]:
    """An empty graph with its schema."""
    async with columns.alone(graph_engine):
        connection = Connection(graph_engine)
        await migrate(connection)
        await connection.close()
        yield graph_engine


@pytest_asyncio.fixture(loop_scope="session")
async def connection(graph: GraphSettings) -> AsyncIterator[Connection]:
    opened = Connection(graph)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def other(graph: GraphSettings) -> AsyncIterator[Connection]:
    """A second process's connection."""
    opened = Connection(graph)
    yield opened
    await opened.close()


def projection(connection: Connection, shelf: Shelf) -> Projection:
    return Projection(connection, shelf, 60)


async def brought(connection: Connection, shelf: Shelf, known: int) -> World:
    """Everything the graph holds as the ledger's first `known` entries left it."""
    everything = Neighbourhood(connection, ledger=shelf.ledger, s=known, past=True)
    return await everything.around(replay([step async for step in shelf.steps(0, known)]).labels)


async def assert_at(connection: Connection, shelf: Shelf, known: int) -> None:
    expected = replay([step async for step in shelf.steps(0, known)])
    found = await brought(connection, shelf, known)
    assert by_id(found) == by_id(expected)


def by_id(world: World) -> list[Fact]:
    return sorted(world.facts(), key=lambda fact: fact.id)


async def versions(settings: GraphSettings, *, archived: bool = False) -> int:
    """How many relations there are, whatever they say: what was applied twice would be there twice."""
    at = connections.address(settings.url)
    async with (
        AsyncGraphDatabase.driver(at.uri, auth=(at.user, at.password)) as driver,
        driver.session(database=at.database) as session,
    ):
        text = "MATCH ()-[r]->() WHERE NOT $archived OR type(r) STARTS WITH 'WAS_' RETURN count(r) AS n"
        record = await (await session.run(text, archived=archived)).single(strict=True)
        return int(record["n"])


async def entered(shelf: Shelf) -> int:
    return sum([len(step.facts) async for step in shelf.steps(0, 1_000_000)])


# Once and in order


async def test_a_ledger_projected_twice_stands_there_once(
    graph: GraphSettings, connection: Connection
) -> None:
    shelf = shelved(DATED)
    head = await shelf.head()

    await projection(connection, shelf).reach(head)
    await projection(connection, shelf).reach(head)

    assert await versions(graph) == await entered(shelf)
    for known in (1, head.seq // 2, head.seq):
        await assert_at(connection, shelf, known)


async def test_a_rebuilt_graph_holds_what_the_live_one_held(
    graph: GraphSettings, connection: Connection
) -> None:
    shelf = shelved(DATED)
    head = await shelf.head()
    live = projection(connection, shelf)
    for seq in range(1, head.seq + 1, 7):
        await live.reach(shelf.head_at(seq))

    await live.rebuild(head)

    assert await versions(graph) == await entered(shelf)
    await assert_at(connection, shelf, head.seq)
    await assert_at(connection, shelf, head.seq // 2)


async def test_two_projections_that_race_apply_every_entry_once_and_in_order(
    graph: GraphSettings, connection: Connection, other: Connection
) -> None:
    shelf = Shelf("z-race")
    shelf.enter(nodes={"unit": Node.ORGANISATION, "an": Node.PERSON, "bo": Node.PERSON})
    one, two = projection(connection, shelf), projection(other, shelf)
    standing: dict[str, Fact] = {}

    await asyncio.gather(one.reach(await shelf.head()), two.reach(await shelf.head()))
    for n in range(40):
        for _ in range(3):
            person = "an" if n % 2 else "bo"
            fact = Fact(id=f"f-{person}", kind="SIGNED", source=person, target="unit", since=len(standing),
                        details={"undertaking": "entry"})  # fmt: skip
            gone = [standing[person]] if person in standing else []
            head = shelf.enter(superseded=gone, facts=[fact])
            standing[person] = fact
        await asyncio.gather(one.reach(head), two.reach(head), one.reach(head))

    assert await versions(graph) == await entered(shelf)
    for known in (head.seq // 3, head.seq - 1, head.seq):
        await assert_at(connection, shelf, known)


async def test_an_entry_whose_node_was_never_made_is_refused_whole(
    graph: GraphSettings, connection: Connection
) -> None:
    shelf = Shelf("z-missing")
    shelf.enter(nodes={"unit": Node.ORGANISATION, "an": Node.PERSON})
    live = projection(connection, shelf)
    await live.reach(await shelf.head())
    good = Fact(id="good", kind="MEMBER_OF", source="an", target="unit", since=0)
    bad = Fact(id="bad", kind="MEMBER_OF", source="nobody", target="unit", since=0)

    with pytest.raises(Broken, match="both their nodes"):
        await live.reach(shelf.enter(facts=[good, bad], labels={"nobody": Node.PERSON}))

    assert await versions(graph) == 0
    assert (await clock(connection))["seq"] == 1


async def test_an_entry_that_supersedes_what_does_not_stand_is_refused_whole(
    graph: GraphSettings, connection: Connection
) -> None:
    shelf = Shelf("z-superseded")
    shelf.enter(nodes={"unit": Node.ORGANISATION, "an": Node.PERSON})
    live = projection(connection, shelf)
    await live.reach(await shelf.head())
    never = Fact(id="never", kind="MEMBER_OF", source="an", target="unit", since=0)

    with pytest.raises(Broken, match="superseded"):
        await live.reach(shelf.enter(superseded=[never]))

    assert (await clock(connection))["seq"] == 1


async def clock(connection: Connection) -> dict[str, object]:
    found = await connection.read("clock", {})
    assert found is not None
    return found


# Whose graph it is


def small(ledger: str, *people: str) -> Shelf:
    """A ledger with one entry for each person."""
    shelf = Shelf(ledger)
    for person in people:
        shelf.enter(nodes={person: Node.PERSON.value})
    return shelf


@pytest.mark.parametrize(
    ("ours", "the_graphs"),
    [
        (small("z-ours", "an"), small("z-another", "an")),
        (small("z-ours", "an"), small("z-ours", "an", "bo")),
        (small("z-ours", "an", "bo"), small("z-ours", "an", "cy")),
        (small("z-ours", "an", "bo", "cy"), small("z-ours", "an", "dan")),
    ],
    ids=["foreign", "newer", "forked", "forked-and-behind"],
)
async def test_a_graph_that_is_not_this_ledgers_is_refused_and_left_alone(
    connection: Connection, other: Connection, ours: Shelf, the_graphs: Shelf
) -> None:
    await projection(other, the_graphs).reach(await the_graphs.head())
    before = await clock(connection)

    with pytest.raises(GraphMismatch):
        await projection(connection, ours).reach(await ours.head())

    assert await clock(connection) == before


async def test_a_graph_with_nodes_and_no_clock_is_refused(connection: Connection) -> None:
    shelf = small("z-ours", "an")
    await connection.transact(
        lambda writer: writer.run("add_nodes", {"ids": ["left-over"]}, {"label": Node.SEAL})
    )

    with pytest.raises(GraphMismatch):
        await projection(connection, shelf).reach(await shelf.head())


async def test_a_graph_half_emptied_belongs_to_nobody_until_it_is_rebuilt(connection: Connection) -> None:
    shelf = small("z-ours", "an", "bo")
    head = await shelf.head()
    await projection(connection, shelf).reach(head)
    await connection.transact(lambda writer: writer.run("disown_clock", {"lock": "killed here"}))

    with pytest.raises(GraphMismatch, match="half emptied"):
        await projection(connection, shelf).reach(head)
    await projection(connection, shelf).rebuild(head)

    await assert_at(connection, shelf, head.seq)


async def test_who_had_seen_the_graph_whole_is_told_when_it_is_gone_and_asks_rightly_once_it_is_back(
    connection: Connection, other: Connection
) -> None:
    name, shelf = "range-narrowed", shelved(DATED)
    ours, theirs = projection(connection, shelf), projection(other, shelf)
    questions = asking(connection, ours, shelf, lambda: NOW)
    person, item = within(name, "bo"), within(name, "notice")
    assert (await questions.may_know(person, person, item)).allowed

    await empty(other)
    with pytest.raises(GraphMismatch):
        await questions.audience(person, item)
    await theirs.reach(await shelf.head())

    assert (await questions.may_know(person, person, item)).allowed
    assert [each.person for each in (await questions.audience(person, item)).people] == [person]


async def test_what_is_asked_while_the_graph_is_emptied_is_right_or_an_error_and_never_short(
    connection: Connection, other: Connection
) -> None:
    shelf = crowd(60)
    questions = asking(connection, projection(connection, shelf), shelf, lambda: NOW)
    answers: list[int | str] = []

    async def ask() -> None:
        while not answers or answers[-1] == 60:
            try:
                answers.append((await questions.audience("p00", "notice")).total)
            except (GraphMismatch, Unavailable):
                answers.append("refused")

    assert (await questions.audience("p00", "notice")).total == 60
    await asyncio.gather(ask(), empty(other))

    assert set(answers) <= {60, "refused"}


def crowd(count: int) -> Shelf:
    """So many people who may know one notice, through the unit."""
    people = {f"p{n:02}": Node.PERSON.value for n in range(count)}
    shelf = Shelf("z-crowd")
    nodes = {
        "unit": Node.ORGANISATION,
        "notice": Node.DOCUMENT,
        "range": Node.RANGE,
        **dict.fromkeys(LEVELS, Node.LEVEL),
    }
    shelf.enter(
        nodes={**nodes, **people},
        facts=[
            fact("notice", "CLASSIFIED_AS", "internal"),
            fact("range", "RANGE_OF", "notice"),
            fact("unit", "IN_RANGE", "range"),
            *(fact(person, "MEMBER_OF", "unit") for person in people),
            *(fact(person, "SIGNED", "unit", undertaking="acknowledgement") for person in people),
        ],
    )
    return shelf


def fact(source: str, kind: str, target: str, **details: str) -> Fact:
    return Fact(
        id=f"{source}-{kind}-{target}",
        kind=kind,
        source=source,
        target=target,
        since=0,
        details=dict(details),
    )


# Sweeping


async def answers(
    connection: Connection, shelf: Shelf, whens: Sequence[When]
) -> dict[tuple[str, str, When], bool]:
    """Every pair of every dated world, at each of these dates and states.

    What is brought depends on the state and on whether the past is asked about, never on the date.
    """
    questions = asking(connection, projection(connection, shelf), shelf, lambda: NOW)
    items = {
        within(name, person): [within(name, item) for item in trap.documents]
        for name, trap in DATED.items()
        for person in trap.people
    }
    worlds: dict[tuple[int, bool], dict[str, Facts]] = {}
    found: dict[tuple[str, str, When], bool] = {}
    for when in whens:
        near, stand = await questions.neighbourhood(when)
        state = (stand.s, stand.live)
        if state not in worlds:
            brought = await asyncio.gather(*(near.many(*each) for each in items.items()))
            worlds[state] = dict(zip(items, brought, strict=True))
        for person, world in worlds[state].items():
            found |= {
                (person, item, when): may_know(world, person, item, stand.at).allowed
                for item in items[person]
            }
    return found


def every_when(head: int) -> list[When]:
    dates: list[Instant | None] = [
        None,
        *(parse(day, field="at", ends_day=True) for day in ("2026-01-31", "2026-03-01")),
    ]
    return [When(at=at, known=known) for at in dates for known in (None, head // 2, head)]


async def test_a_sweep_moves_what_no_live_question_reads_and_changes_no_answer(
    graph: GraphSettings, connection: Connection
) -> None:
    shelf = shelved(DATED)
    head = await shelf.head()
    live = projection(connection, shelf)
    before = await answers(connection, shelf, every_when(head.seq))

    moved = await live.sweep(before_seq=head.seq, before=NOW - 86_400_000, page=3, pause_s=0)
    again = await live.sweep(before_seq=head.seq, before=NOW - 86_400_000, pause_s=0)

    assert moved > len(DATED) / 2
    assert again == 0
    assert await versions(graph, archived=True) == moved
    assert await versions(graph) == await entered(shelf)
    assert await answers(connection, shelf, every_when(head.seq)) == before
    await assert_at(connection, shelf, head.seq // 2)
    await assert_at(connection, shelf, head.seq)


async def test_a_fact_that_a_sweep_has_moved_can_still_be_superseded(connection: Connection) -> None:
    shelf = small("z-swept", "an")
    shelf.enter(nodes={"unit": Node.ORGANISATION})
    ended = Fact(id="f", kind="MEMBER_OF", source="an", target="unit", since=0, until=100)
    live = projection(connection, shelf)
    await live.reach(shelf.enter(facts=[ended]))
    assert await live.sweep(before_seq=3, before=NOW, pause_s=0) == 1

    longer = Fact(id="f", kind="MEMBER_OF", source="an", target="unit", since=0, until=FOREVER)
    await live.reach(shelf.enter(superseded=[ended], facts=[longer]))

    await assert_at(connection, shelf, 3)
    await assert_at(connection, shelf, 4)


async def test_the_past_asked_about_while_a_sweep_runs_is_as_it_was(
    connection: Connection, other: Connection
) -> None:
    shelf = shelved(DATED)
    head = await shelf.head()
    live = projection(connection, shelf)
    await live.reach(head)
    names = list(DATED)[:4]
    when = When(at=parse("2026-02-01", field="at"), known=None)
    expected = {name: await past(connection, shelf, name, when) for name in names}
    found: list[tuple[str, dict[str, bool]]] = []

    sweeping = asyncio.create_task(
        projection(other, shelf).sweep(before_seq=head.seq, before=NOW - 86_400_000, page=2, pause_s=0.03)
    )
    while not sweeping.done():
        found += [(name, await past(connection, shelf, name, when)) for name in names]

    assert await sweeping > 0
    assert len(found) >= len(names)
    assert [name for name, answer in found if answer != expected[name]] == []


async def past(connection: Connection, shelf: Shelf, name: str, when: When) -> dict[str, bool]:
    questions = asking(connection, projection(connection, shelf), shelf, lambda: NOW)
    near, stand = await questions.neighbourhood(when)
    trap = DATED[name]
    pairs = [(within(name, person), within(name, item)) for person in trap.people for item in trap.documents]
    return {
        f"{person} {item}": may_know(await near.pair(person, item), person, item, stand.at).allowed
        for person, item in pairs
    }


# Asked while it is written


async def test_live_questions_never_see_a_torn_answer_while_a_writer_ends_and_creates(
    connection: Connection, other: Connection
) -> None:
    """p00 stands on one of two ranges at any time; whoever asks sees exactly one, and never an older state than acknowledged."""
    shelf = crowd(3)
    shelf.enter(nodes={f"{each}-{n}": label for n in (0, 1) for each, label in
                       (("d", Node.DOCUMENT.value), ("r", Node.RANGE.value))})  # fmt: skip
    shelf.enter(facts=[fact(f"r-{n}", "RANGE_OF", f"d-{n}") for n in (0, 1)]
                + [fact(f"d-{n}", "CLASSIFIED_AS", "internal") for n in (0, 1)])  # fmt: skip
    listed = fact("p00", "IN_RANGE", "r-0")
    shelf.enter(facts=[listed])
    live = projection(connection, shelf)
    questions = asking(connection, projection(other, shelf), shelf, lambda: NOW)
    writing = True
    acknowledged = 0
    seen: list[list[bool]] = []
    stale: list[int] = []

    async def write() -> None:
        nonlocal listed, writing, acknowledged
        for n in range(1, 61):
            following = Fact(id=f"listed-{n}", kind="IN_RANGE", source="p00", target=f"r-{n % 2}", since=0)
            await live.reach(shelf.enter(superseded=[listed], facts=[following]))
            listed, acknowledged = following, n
        writing = False

    async def ask() -> None:
        while writing:
            asked = acknowledged
            near, stand = await questions.neighbourhood()
            world = await near.many("p00", ["d-0", "d-1"])
            both = [may_know(world, "p00", f"d-{n}", stand.at).allowed for n in (0, 1)]
            seen.append(both)
            held = world.out("p00", "IN_RANGE")
            stale.extend(
                asked for entry in held if entry.id.startswith("listed-") and int(entry.id[7:]) < asked
            )

    await asyncio.gather(write(), ask(), ask(), ask())

    assert len(seen) > 20
    assert [both for both in seen if both.count(True) != 1] == []
    assert stale == []
