"""What a step asks of the case before it may be taken, by the names that definitions use."""

from __future__ import annotations

from graph.facts import Facts
from graph.kinds import Node
from graph.law import cooling  # noqa: F401  (its gate is entered with it)
from graph.law.active import locations
from graph.law.flow import Matter, condition, departments, gate, ids_in
from graph.law.keeping import level_of
from graph.law.person import groups, in_force
from graph.law.proposal import proposed
from graph.law.verdict import Reason
from graph.times import Instant


@condition("in-key-unit")
def in_key_unit(facts: Facts, matter: Matter, at: Instant) -> bool:
    """The subject stands in a key unit, or is one; or did until the case was opened, which may itself end a post in it."""
    return any(
        in_force(facts.out(unit, "KEY_UNIT_OF"), then)
        for then in (at, matter.opened - 1)
        for unit in (
            matter.subject,
            *groups(facts, matter.subject, then),
            *locations(facts, matter.subject, then),
        )
    )


@gate("nothing-in-hand", into=("HELD_BY",))
def nothing_in_hand(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-11b, S03-5.4a: everything held is returned before a leaver's case is closed."""
    return still_holds(facts, matter.subject, at)


def still_holds(facts: Facts, person: str, at: Instant) -> tuple[Reason, ...]:
    """S01-11b, S03-5.4a: what is in hand stands against leaving, in a case or without one."""
    held = in_force(facts.into(person, "HELD_BY"), at)
    if not held:
        return ()
    carriers = ", ".join(sorted(fact.source for fact in held))
    return (
        Reason(
            ("S01-11b", "S03-5.4a"),
            "still-holds",
            {"carriers": carriers},
            tuple(f.id for f in held),
            "return",
        ),
    )


@gate("four-heads")
def four_heads(_facts: Facts, matter: Matter, _at: Instant) -> tuple[Reason, ...]:
    """S01-7c: political conduct, work, study and compliance each have their entry."""
    empty = [head for head in ("politics", "work", "study", "compliance") if not matter.said(head)]
    return (Reason(("S01-7c",), "vetting-heads-missing", {"heads": ", ".join(empty)}),) if empty else ()


@gate("sanction-with-its-paper")
def sanction_with_its_paper(_facts: Facts, matter: Matter, _at: Instant) -> tuple[Reason, ...]:
    """S01-18b: a breach names who answers for it, the sanction and the paper it stands on."""
    if matter.said("outcome") == "unfounded":
        return ()
    empty = [name for name in ("answerable", "sanction", "document") if not matter.said(name)]
    return (Reason(("S01-18b",), "sanction-incomplete", {"fields": ", ".join(empty)}),) if empty else ()


@gate("holds-a-secret-post")
def holds_a_secret_post(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-11a: who leaves holds a secret post that can end."""
    posts = in_force(facts.out(matter.subject, "HOLDS_POST"), at)
    levels = [level_of(facts, post.target, at) for post in posts]
    if any(level is not None and level.scheme == "state" for level in levels):
        return ()
    return (Reason(("S01-11a",), "no-secret-post"),)


@gate("leaving-undertaking")
def leaving_undertaking(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-8a: no departure is closed without the undertaking of leaving."""
    return () if signed(facts, matter, at, "leaving") else (unsigned("S01-8a", "leaving"),)


@gate("exit-undertaking")
def exit_undertaking(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S02-10f: whoever leaves a key unit signs the undertaking of exit too [C05]."""
    if not in_key_unit(facts, matter, at) or signed(facts, matter, at, "exit"):
        return ()
    return (unsigned("S02-10f", "exit"),)


def signed(facts: Facts, matter: Matter, at: Instant, undertaking: str) -> bool:
    """Whether the undertaking stands."""
    return has_signed(facts, matter.subject, at, undertaking)


def has_signed(facts: Facts, person: str, at: Instant, undertaking: str) -> bool:
    return any(
        fact.details.get("undertaking") == undertaking for fact in in_force(facts.out(person, "SIGNED"), at)
    )


def unsigned(rule: str, undertaking: str) -> Reason:
    values = {"undertaking": f"value.{undertaking}"}
    return Reason((rule,), "undertaking-missing", values, (), "sign", "PERSON", own=True)


@gate("carrier-back")
def carrier_back(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-6c: a recall ends when the carrier is out of the holder's hands."""
    held = [
        fact
        for fact in in_force(facts.out(matter.subject, "HELD_BY"), at)
        if fact.target == matter.said("holder")
    ]
    if not held:
        return ()
    return (Reason(("S01-6c",), "still-holds", {"carriers": matter.subject}, (held[0].id,), "return"),)


@gate("of-the-lists-unit", fields=("people",))
def of_the_lists_unit(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-5a: a department lists its own people; the unit itself lists Heads and whoever stands in no department [P]."""
    strangers = [
        each for each in sorted(ids_in(matter.said("people"))) if not _listed_here(facts, matter, each, at)
    ]
    if not strangers:
        return ()
    return (Reason(("S01-5a",), "not-of-the-lists-unit", {"people": ", ".join(strangers)}),)


def _listed_here(facts: Facts, matter: Matter, person: str, at: Instant) -> bool:
    above = groups(facts, person, at)
    if matter.subject_kind != Node.ORGANISATION:
        return matter.subject in above
    return matter.subject in above and (
        not departments(facts, above) or bool(in_force(facts.out(person, "HEAD_OF"), at))
    )


@gate("levels-as-listed", fields=("people",))
def levels_as_listed(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-5b, S01-6b: what is signed is what is granted; where posts or tasks changed since, the list is drawn up anew."""
    listed = matter.form.get(PROPOSED)
    if not isinstance(listed, dict):
        return ()
    now = {person: proposed(facts, person, at).level for person in listed}
    changed = sorted(each for each, level in now.items() if (level.id if level else "") != listed[each])
    if not changed:
        return ()
    rules = ("S01-6a", "S01-6b") if matter.procedure == "level-review" else ("S01-5a", "S01-5b")
    return (Reason(rules, "levels-not-as-listed", {"people": ", ".join(changed)}),)


PROPOSED = "proposed"
"""In the form of a list: the level computed for each when it was drawn up ("" for none), as those who sign it see it."""
