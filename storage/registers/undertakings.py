"""The texts of undertakings (责任书、承诺书): published with all of their parts, each version for the kinds it serves (S02-8c, C05)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from graph.errors import BadField
from graph.kinds import UNDERTAKINGS
from graph.law.papers import Text, four_parts
from storage.act import Act, Bench, Change, Draft, Put, act, one_of
from storage.entry import Body
from storage.tables.catalogue import UndertakingText

Version = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
Part = Annotated[str, Meta(max_length=20_000)]


class PublishUndertaking(Act, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The text that will be signed: responsibilities, discipline and restrictions, what to notify beforehand, penalties."""

    version: Version
    undertakings: Annotated[tuple[str, ...], Meta(min_length=1, max_length=6)]
    duties: Part = ""
    restrictions: Part = ""
    notify: Part = ""
    penalties: Part = ""


def project_text(params: PublishUndertaking, body: Body) -> Iterable[Change]:
    yield Put(
        UndertakingText,
        {
            "id": params.version,
            "undertakings": ",".join(params.undertakings),
            "duties": params.duties,
            "restrictions": params.restrictions,
            "notify": params.notify,
            "penalties": params.penalties,
            "made": body.seq,
        },
    )


@act("publish-undertaking", PublishUndertaking, register="undertakings", zh="公布责任书文本", en="Publish an undertaking's text",
     by=("LEADING_GROUP_OF",), decided_by=("LEADING_GROUP_OF",), paper=True, project=project_text, rules=("S02-8c", "P-role"),
     examples=({"version": "2027版", "undertakings": ["entry", "in_post"], "duties": "保守国家秘密", "restrictions": "不得私自复制",
                "notify": "出国（境）、调动、婚姻变化", "penalties": "按保密奖惩制度处理"},))  # fmt: skip
async def publish_undertaking(params: PublishUndertaking, bench: Bench) -> Draft:
    for n, each in enumerate(params.undertakings):
        one_of(f"undertakings[{n}]", each, UNDERTAKINGS)
    if len(set(params.undertakings)) != len(params.undertakings):
        raise BadField("undertakings", "listed-twice")
    reasons = four_parts(Text(params.duties, params.restrictions, params.notify, params.penalties))
    bench.refuse(reasons)
    if await UndertakingText.exists().where(UndertakingText.id == params.version):
        raise BadField("version", "number-taken", value=params.version)
    draft = Draft(bench.organisation, bench.occurred)
    draft.rules.append("S02-8c")
    return draft


async def serves_kinds(version: str, kinds: Iterable[str]) -> None:
    """What is signed on a published text is of the kinds that the text serves [C05]. Raises BadField."""
    rows = await UndertakingText.select(UndertakingText.undertakings).where(UndertakingText.id == version)
    for each in kinds if rows else ():
        if each not in rows[0]["undertakings"].split(","):
            raise BadField("version", "not-so", value=version)
