"""Reading, handling, hearing: what is signed for and what is written down of it (S03-4.1d, 4.3a, 4.4, C16, C29)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graph.law.levels import TOP_SECRET, Level
from graph.law.rules import rule
from graph.law.verdict import Reason


@rule("S03-4.1d", reads="act", kinds=("HAS_KNOWN",))
def touched(level: Level | None, people: Sequence[str]) -> tuple[str, ...]:
    """Whose handling of a carrier is entered in the record of contact: everyone's for 绝密 [C29, G13]."""
    return tuple(dict.fromkeys(people)) if level == TOP_SECRET else ()


@rule("S03-4.3a", reads="act")
def signed_for(signed: bool) -> tuple[Reason, ...]:
    """Nothing is handed out without its taker's signature, and nobody signs for another."""
    return () if signed else (Reason(("S03-4.3a",), "not-signed-for", remedy="sign-for", whose="PERSON"),)


@rule("S03-4.4", reads="act")
def said_beforehand(no_notes: bool, declared: bool) -> tuple[Reason, ...]:
    """Where notes are not allowed, whoever relays says so before it begins."""
    if not no_notes or declared:
        return ()
    return (Reason(("S03-4.4",), "no-notes-not-declared", remedy="declare-no-notes", whose="PERSON"),)


def not_planned() -> tuple[Reason, ...]:
    """What is relayed is used: registered, with everyone checked, before it begins (S03-4.3a)."""
    return (Reason(("S03-4.3a",), "relay-not-planned", remedy="plan-meeting", whose="ARCHIVIST_OF"),)


def no_record(no_notes: bool, kind: str) -> tuple[Reason, ...]:
    """Then the attendance list is all there is: minutes and recordings are refused (S03-4.4, C16)."""
    if not no_notes or kind == "attendance":
        return ()
    return (Reason(("S03-4.4",), "no-notes-allowed"),)


@rule("S07-3b", reads="act")
def next_reader(
    reader: str, readers: Sequence[str], states: Mapping[str, str], *, parallel: bool
) -> tuple[Reason, ...]:  # fmt: skip
    """Along the list of readers: in their order, or side by side where the folder says so; each from the custodian."""
    if reader not in readers:
        return (Reason(("S07-3b",), "not-on-the-list"),)
    if parallel:
        return ()
    waiting = [each for each in readers if states.get(each) not in ("read", "skipped")]
    if waiting and waiting[0] == reader:
        return ()
    return (Reason(("S07-3b",), "not-their-turn", {"person": waiting[0] if waiting else ""}),)


def passed_on(reader: str, to: str) -> tuple[Reason, ...]:
    """横传: from reader to reader, past the custodian, who then does not know where it is (S03-4.3b)."""
    return (Reason(("S07-3b", "S03-4.3b"), "passed-past-the-custodian", {"person": reader, "member": to}),)
