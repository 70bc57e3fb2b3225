"""What a step of a rehearsal expects, held against what came of it. Format: `docs/scenarios.md`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

ACCEPTED = "accepted"
AT_LEAST = frozenset({"rules", "because", "findings"})
OUTCOMES = ("accepted", "refused", "not-available", "bad-input", "conflict", "unavailable")


def judge(expected: Any, response: httpx.Response) -> tuple[bool, str]:
    """Whether a response is what is expected, and what came in one line."""
    outcome = outcome_of(response)
    body = body_of(response)
    came = f"{outcome} {', '.join(body.get('rules', []) if isinstance(body, dict) else [])}".strip()
    if isinstance(expected, str):
        return outcome == expected, came
    wanted = next((name for name in expected if name in OUTCOMES), ACCEPTED)
    if outcome != wanted or not _fits(wanted, expected.get(wanted) or {}, body):
        return False, came
    gist = gist_of(body)
    rest = {name: value for name, value in expected.items() if name != wanted}
    missing = [name for name, value in rest.items() if not matches(name, value, told(body, gist, name))]
    if not rest:
        return True, came
    return not missing, "; ".join(f"{name}={told(body, gist, name)}" for name in (missing or rest))


def body_of(response: httpx.Response) -> Any:
    """What an answer says; nothing where it is empty, or the bytes of a file."""
    return response.json() if "json" in response.headers.get("content-type", "") else {}


def told(body: Any, gist: Mapping[str, Any], name: str) -> Any:
    """What an answer says under a name of its gist, or at a dotted path of its own."""
    return part_of(body, name) if "." in name else gist.get(name)


def part_of(body: Any, path: str) -> Any:
    """The part of an answer at a dotted path, numbers counting from 0; None where there is none."""
    for key in path.split("."):
        if isinstance(body, Mapping):
            body = body.get(key)
        elif isinstance(body, list) and key.isdecimal() and int(key) < len(body):
            body = body[int(key)]
        else:
            return None
    return body


def outcome_of(response: httpx.Response) -> str:
    if response.status_code < 300:
        return ACCEPTED
    kinds = {403: "refused", 404: "not-available", 422: "bad-input", 409: "conflict", 503: "unavailable"}
    return kinds.get(response.status_code, f"status {response.status_code}")


def _fits(outcome: str, detail: Any, body: Mapping[str, Any]) -> bool:
    if outcome == "refused":
        return set(detail) <= set(body.get("rules", []))
    if outcome == "bad-input":
        return set(detail) <= {each["field"] for each in body.get("errors", [])}
    if outcome == ACCEPTED:
        return all(matches(name, value, body.get("result", {}).get(name)) for name, value in detail.items())
    return not detail


def matches(name: str, expected: Any, came: Any) -> bool:
    """Lists in any order, and of some at least what is named; `without` none of it; mappings entry by entry."""
    if name in AT_LEAST:
        return isinstance(came, Sequence) and not Counter(expected) - Counter(came)
    if name == "without":
        return isinstance(came, Sequence) and not set(expected) & set(came)
    if isinstance(expected, Mapping):
        if not isinstance(came, Mapping) or set(expected) != set(came):
            return False
        return all(
            matches("rules" if name == "blocked" else key, value, came[key])
            for key, value in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(came, list) and sorted(map(str, expected)) == sorted(map(str, came))
    return bool(expected == came)


def gist_of(body: Any) -> dict[str, Any]:
    """An answer's gist, by names a scenario may use."""
    if not isinstance(body, Mapping):
        return {"list": [each.get("id", each.get("name")) for each in body]}
    gist: dict[str, Any] = {**body, "without": body.get("rules")}
    for name, key in (("people", "person"), ("handlers", "person"), ("items", "item"), ("documents", "id")):
        if isinstance(body.get(name), list):
            gist[name] = [each[key] for each in body[name]]
    if isinstance(body.get("cases"), list):
        gist["cases"] = [each["procedure"] for each in body["cases"]]
    if isinstance(body.get("blocked"), list):
        gist["blocked"] = {each["person"]: each["rules"] for each in body["blocked"]}
    for name, key in (
        ("gains", "item"),
        ("loses", "item"),
        ("exposed", "carrier"),
        ("no_longer_exposed", "carrier"),
    ):
        if isinstance(body.get(name), list):
            gist[name] = [f"{each['person']} {each[key]}" for each in body[name]]
    if isinstance(body.get("pairs"), list):
        gist["people"] = sorted(set(gist["people"]))
        gist["pairs"] = ["+".join(each) for each in body["pairs"]]
        gist["tags"] = {each["person"]: sorted(each["tags"]) for each in body["people"]}
        gist["ways"] = {
            each["person"]: [" ".join([*_walked(way), *_borne(each)]) for way in each["ways"]]
            for each in body["people"]
        }
    if isinstance(body.get("groups"), list):
        gist["groups"] = {each["via"]: each["people"] for each in body["groups"]}
    if isinstance(body.get("routes"), list):
        gist["via"] = [each["via"] for each in body["routes"]]
    if isinstance(body.get("people"), list) and isinstance(body.get("blocked"), list):
        gist["paths"] = {
            each["person"]: [_read(each, way) for way in each["routes"]] for each in body["people"]
        }
    if "findings" in body and all("subject" in each for each in body["findings"]):
        gist["findings"] = [
            f"{rule} {each['subject']}" for each in body["findings"] for rule in each["rules"]
        ]
    if isinstance(body.get("lines"), list) and "register" in body:
        gist["lines"] = [f"{each['act']} {each['subject']}" for each in body["lines"]]
    if isinstance(body.get("reasons"), list):
        gist["because"] = [
            f"{name}: {value}" for each in body["reasons"] for name, value in each["values"].items()
        ]
    return gist


def _read(knower: Mapping[str, Any], route: Mapping[str, Any]) -> str:
    """A path to an item as it is read aloud: CLEARED_TO secret MEMBER_OF yewu1 IN_RANGE D2."""
    level = [step for mark in knower["marks"] if mark["name"] == "level" for step in mark["facts"]]
    words: list[str] = []
    for step in [*level, *route["steps"]]:
        if step["kind"] == "RANGE_OF":
            words[-1] = step["to"]
        else:
            words += [step["kind"], step["to"]]
    return " ".join(words)


def _borne(reacher: Mapping[str, Any]) -> list[str]:
    """What lies at the end of a way: CARRIES D1."""
    return [word for item in reacher["items"] for word in ("CARRIES", item)]


def _walked(way: Mapping[str, Any]) -> list[str]:
    """A way as it is read aloud: MAY_ENTER R301 KEPT_IN B1 KEPT_IN C1."""
    first, *rest = way["steps"]
    ends = [first["to"] if first["kind"] != "HELD_BY" else first["from"], *(step["from"] for step in rest)]
    return [word for step, end in zip(way["steps"], ends, strict=True) for word in (step["kind"], end)]
