"""Transfer, resignation and leaving without permission: what has to be there before each step (S01-13 … S01-16)."""

from __future__ import annotations

from graph.facts import Facts
from graph.law.cooling import running
from graph.law.flow import Matter, gate
from graph.law.gates import signed
from graph.law.levels import TOP_SECRET
from graph.law.person import clearance, cools_until, in_force
from graph.law.proposal import proposed
from graph.law.verdict import Reason
from graph.times import Instant, to_date_text


@gate("off-secret-work")
def off_secret_work(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-13a: moved off every secret post and task before the case goes on."""
    found = proposed(facts, matter.subject, at)
    if found.level is None:
        return ()
    return (Reason(("S01-13a",), "still-on-secret-work", {"level": found.level.id}),)


@gate("in-cooling-off")
def in_cooling_off(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """The special routes are for those whose cooling-off runs (S01-13c, S01-14b)."""
    if running(facts, matter.subject, at) is not None:
        return ()
    rule = "S01-14b" if matter.procedure == "resignation-exception" else "S01-13c"
    return (Reason((rule,), "not-cooling-off"),)


@gate("no-cooling-off")
def no_cooling_off(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-14a: no resignation while the cooling-off runs; there is the exception, for those who are not core."""
    period = running(facts, matter.subject, at)
    if period is None:
        return ()
    values = {"until": to_date_text(cools_until(period))}
    return (
        Reason(("S01-14a",), "no-resignation-while-cooling-off", values, (period.id,), "exception", "PERSON"),
    )


@gate("not-core")
def not_core(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-14c: for core cleared persons there is no exception, whatever level their period was entered at."""
    period = running(facts, matter.subject, at)
    cleared, _ = clearance(facts, matter.subject, at)
    core = cleared == TOP_SECRET or (period is not None and period.details.get("level") == TOP_SECRET.id)
    if period is None or not core:
        return ()
    return (Reason(("S01-14c",), "no-exception-for-core", {}, (period.id,)),)


@gate("annotated")
def annotated(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-13c, S01-13d, S01-14b: the personnel file states secret status and period."""
    if in_force(facts.out(matter.subject, "ANNOTATED"), at):
        return ()
    rule = "S01-14b" if matter.procedure == "resignation-exception" else "S01-13c"
    return (Reason((rule, "S01-13d"), "not-annotated", {}, (), "annotate", "OFFICE_OF"),)


@gate("move-undertaking")
def move_undertaking(facts: Facts, matter: Matter, at: Instant) -> tuple[Reason, ...]:
    """S01-13a, S01-13c, S01-14b: the undertaking of the move is signed before the formalities (C05)."""
    if signed(facts, matter, at, "move"):
        return ()
    rules = {"transfer": "S01-13a", "resignation-exception": "S01-14b"}
    rule = rules.get(matter.procedure, "S01-13c")
    return (
        Reason((rule,), "undertaking-missing", {"undertaking": "value.move"}, (), "sign", "PERSON", own=True),
    )


@gate("words-against-a-threat")
def words_against_a_threat(_facts: Facts, matter: Matter, _at: Instant) -> tuple[Reason, ...]:
    """S01-16a: against a review that found a threat nobody approves without saying why [P]."""
    if matter.said("result") != "threat" or matter.taken[-1].words.strip():
        return ()
    return (Reason(("S01-16a",), "approve-against-a-threat"),)


@gate("referral-with-evidence")
def referral_with_evidence(_facts: Facts, matter: Matter, _at: Instant) -> tuple[Reason, ...]:
    """S01-15d: a referral names the body it goes to and its evidence."""
    if matter.said("outcome") != "referred" or (matter.said("referred_to") and matter.said("evidence")):
        return ()
    return (Reason(("S01-15d",), "referral-incomplete"),)
