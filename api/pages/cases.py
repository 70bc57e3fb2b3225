"""案件: what waits for whom, one case with its steps in order, a step taken from its page, and decisions in one's own name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api import show
from api.pages import forms, lists, pickers, view
from api.pages.forms import Faults, Form
from api.pages.pickers import Picker
from api.pages.seat import Seat
from api.texts import Language, text
from graph.errors import NotAvailable
from graph.kinds import Node
from graph.law.levels import LEVELS
from graph.law.procedure import STATE_LEVELS, Field, Procedure
from storage import procedures
from storage.casebook import Casebook, CasePage, StepLine

Options = list[tuple[str, str]]
FOUND = 12


def casebook(seat: Seat) -> Casebook:
    return Casebook(seat.wiring.questions)


@get("/cases")
async def cases(request: Request[Any, Any, Any], seat: NamedDependency[Seat]) -> Response[str]:
    book = casebook(seat)
    found = await book.cases(seat.person)
    waiting = await book.waiting(seat.person)
    followed = await book.followed(seat.person)
    papers = await book.papers(seat.person)
    ids = {
        part
        for each in (*found, *waiting, *followed)
        for part in (each.subject, each.opener, each.behalf)
        if part
    }
    return seat.render(
        "cases.html",
        found=found,
        waiting=waiting,
        followed=followed,
        papers=papers,
        procedures=sorted(procedures.load().values(), key=lambda each: each.id),
        names=await show.names(ids | {each.subject for each in papers}, seat.viewer),
        done=request.query_params.get("done", ""),
    )


# One case


@get("/cases/{case:str}")
async def one(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], case: FromPath[str]
) -> Response[str]:
    return await _page(seat, case, Form(), None, done=request.query_params.get("done", ""))


async def _page(
    seat: Seat, case: str, form: Form, faults: Faults | None, *, tried: str = "", done: str = ""
) -> Response[str]:
    page = await casebook(seat).case(seat.person, case)
    if page is None:
        raise NotAvailable
    due = next((step for step in page.steps if step.id == (tried or page.line.next)), None)
    return seat.render(
        "case.html",
        status=faults.status if faults else 200,
        page=page,
        line=page.line,
        due=due if due and page.line.state == "open" else None,
        clauses=[show.clause(rule) for rule in page.rules],
        step_clauses=[show.clause(rule) for rule in due.rules] if due else [],
        grounds=[(ground, _ground(ground, seat.language)) for ground in due.grounds] if due else [],
        inputs=await inputs(seat, due.fields if due else (), form),
        form=form,
        faults=faults,
        names=await show.names(page.ids, seat.viewer),
        done=done,
    )


def _ground(rule: str, language: Language) -> str:
    return f"{rule} {show.clause(rule)['brief'][language]}"


@post("/cases/{case:str}/steps/{step:str}")
async def take(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], case: FromPath[str], step: FromPath[str]
) -> Response[str]:
    form = await Form.sent(request)
    page = await casebook(seat).case(seat.person, case)
    line = _step(page, step)
    if form.has("find"):
        return await _page(seat, case, form, None, tried=step)
    filled = values(line.fields, form)
    verdict = form.text("verdict")
    params = {"case": case, "step": step, "form": {} if verdict == "refuse" else filled}
    params |= forms.given(
        verdict=verdict, words=form.text("words"), ground=form.text("ground"), letter=form.text("letter"),
        occurred_at=form.text("occurred_at"), late=form.text("late"), on_behalf_of=form.text("on_behalf_of"),
    )  # fmt: skip
    came = await forms.enter(seat, "take-step", params, form, {field.id: field.id for field in line.fields})
    if isinstance(came, Faults):
        return await _page(seat, case, form, came, tried=step)
    still = await casebook(seat).case(seat.person, case)
    return view.to(f"/cases/{case}?done=take-step" if still else "/cases?done=take-step")


def _step(page: CasePage | None, step: str) -> StepLine:
    """Raises NotAvailable where there is no such step, or the case is not the reader's to see."""
    found = next((each for each in page.steps if each.id == step), None) if page else None
    if found is None:
        raise NotAvailable
    return found


@post("/cases/{case:str}/withdraw")
async def withdraw(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], case: FromPath[str]
) -> Response[str]:
    form = await Form.sent(request)
    params = {"case": case, "reason": form.required("reason")}
    came = await forms.enter(seat, "withdraw-case", params, form)
    if isinstance(came, Faults):
        return await _page(seat, case, form, came)
    return view.to(f"/cases/{case}?done=withdraw-case")


# Opening one


@get("/cases/new/{procedure:str}")
async def blank(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], procedure: FromPath[str]
) -> Response[str]:
    subject = str(request.query_params.get("subject", ""))
    return await _opening(seat, _definition(procedure), Form({"subject": [subject]} if subject else {}), None)


@post("/cases/new/{procedure:str}")
async def open_case(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], procedure: FromPath[str]
) -> Response[str]:
    definition = _definition(procedure)
    form = await Form.sent(request)
    if form.has("find"):
        return await _opening(seat, definition, form, None)
    params = {
        "procedure": procedure,
        "subject": form.required("subject"),
        "form": values(definition.fields, form),
        **forms.given(occurred_at=form.text("occurred_at"), late=form.text("late")),
    }
    beside = {"subject": "subject", **{field.id: field.id for field in definition.fields}}
    came = await forms.enter(seat, "open-case", params, form, beside)
    if isinstance(came, Faults):
        return await _opening(seat, definition, form, came)
    return view.to(f"/cases/{came.result['case']}?done=open-case")


def _definition(id_: str) -> Procedure:
    found = procedures.load().get(id_)
    if found is None:
        raise NotAvailable
    return found


async def _opening(seat: Seat, procedure: Procedure, form: Form, faults: Faults | None) -> Response[str]:
    subject = Field(id="subject", type="node", nodes=procedure.subject)
    return seat.render(
        "case_new.html",
        status=faults.status if faults else 200,
        procedure=procedure,
        clauses=[show.clause(rule) for rule in procedure.rules],
        inputs=await inputs(seat, (subject, *procedure.fields), form),
        form=form,
        faults=faults,
    )


# The fields of a form


async def inputs(
    seat: Seat, fields: Iterable[Field], form: Form
) -> list[tuple[Field, Picker | None, Options | None]]:
    """Each field with what it is chosen from: a picker of people, a short list, or nothing where it is typed."""
    return [(field, await _picker(seat, field, form), await _options(seat, field)) for field in fields]


async def _picker(seat: Seat, field: Field, form: Form) -> Picker | None:
    if field.nodes != (Node.PERSON,):
        return None
    return await pickers.picker(seat, field.id, form, structure=False, one=not field.many)


async def _options(seat: Seat, field: Field) -> Options | None:
    """Departments, posts, places and the like are few; carriers and documents are named by their id."""
    if field.type == "choice":
        return [(each, text(seat.language, f"value.{each}")) for each in field.choices]
    if field.type == "yes":
        return [("yes", text(seat.language, "word.yes")), ("no", text(seat.language, "word.no"))]
    if field.type == "level":
        levels = [LEVELS[each] for each in STATE_LEVELS]
        return [(each.id, each.zh if seat.language == "zh" else each.en) for each in levels]
    few = {Node.DEPARTMENT, Node.POST, Node.PLACE, Node.CONTAINER, Node.DEVICE, Node.SEAL}
    if field.type == "node" and field.nodes and set(field.nodes) <= few:
        return lists.options(await lists.nodes(*field.nodes), seat.language)
    return None


def values(fields: Iterable[Field], form: Form) -> forms.Json:
    """What was typed and chosen, as the act takes it; what was left empty is left out."""
    found: forms.Json = {}
    for field in fields:
        if field.many:
            found[field.id] = list(dict.fromkeys(form.many(field.id)))
        elif field.type == "number":
            found[field.id] = form.number(field.id)
        elif field.type == "yes":
            found[field.id] = {"yes": True, "no": False}.get(form.text(field.id))
        else:
            found[field.id] = form.text(field.id)
    return forms.given(**found)


# 以我名义登记


@post("/decisions/{entry:str}/{answer:str}")
async def answer(
    request: Request[Any, Any, Any], seat: NamedDependency[Seat], entry: FromPath[str], answer: FromPath[str]
) -> Response[str]:
    form = await Form.sent(request)
    if answer not in ("confirm", "dispute"):
        raise NotAvailable
    params = {"entry": entry}
    if answer == "dispute":
        params["words"] = form.required("words")
    came = await forms.enter(seat, f"{answer}-decision", params, form)
    if isinstance(came, Faults):
        return seat.render("refused.html", status=came.status, faults=came)
    return view.to(f"/cases?done={answer}-decision")


HANDLERS = (cases, one, take, withdraw, blank, open_case, answer)
