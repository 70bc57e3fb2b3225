"""Range requests: readers somebody wants on a range. The Leader alone sets it (S03-4.1a–b); until then nothing changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from graph.kinds import Node
from storage.act import ID_PATTERN, Act, Bench, Draft, act
from storage.registers import errands

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
WISH = "range-wish"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is the errand it came from; `answer` what the Leader said to it."""

    document: str
    members: list[str]
    source: str
    answer: str = ""


async def wish_for(draft: Draft, bench: Bench, document: str, members: Sequence[str], source: str) -> None:
    id_ = await bench.new_id(None, Node.CASE)
    content = Wish(document=document, members=list(members), source=source)
    errands.opened(draft, id_, WISH, "open", content, subject=document)
    draft.result.setdefault("wishes", []).append(id_)


class AnswerWish(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Leader has dealt with a request: by setting the range, or by leaving it as it is."""

    wish: Id
    answer: Words


@act("answer-wish", AnswerWish, register="ranges", zh="答复知悉申请", en="Answer a range request", by=("LEADER_OF",),
     rules=("S03-4.1a", "P-role"), project=errands.project,
     examples=({"wish": "case-23456789abcdef", "answer": "已列入"},))  # fmt: skip
async def answer_wish(params: AnswerWish, bench: Bench) -> Draft:
    found = await errands.errand(bench, params.wish, WISH, Wish, field="wish", states=("open",))
    draft = Draft(found.subject, bench.occurred)
    errands.moved(draft, found, "answered", msgspec.structs.replace(found.content, answer=params.answer))
    draft.rules.append("S03-4.1a")
    return draft
