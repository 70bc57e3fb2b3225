"""Where time goes inside one process: functions wrapped at run time, each moment counted to the innermost of them."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

Label = str | Callable[..., str]
REST = "Litestar: routing, dependencies, response"


class Share(msgspec.Struct):
    """Milliseconds by the wall, and those in which the event loop's thread ran."""

    wall: float = 0.0
    loop: float = 0.0


class Recorder:
    """Marks when wrapped functions begin and end. For one question at a time: whatever runs is that question's."""

    def __init__(self) -> None:
        self._marks: list[tuple[int, str | None, float, float]] = []
        self._next = 0

    @contextmanager
    def span(self, label: str) -> Iterator[None]:
        self._next += 1
        number = self._next
        self._marks.append((number, label, time.perf_counter(), time.thread_time()))
        try:
            yield
        finally:
            self._marks.append((number, None, time.perf_counter(), time.thread_time()))

    def wrap(self, owner: Any, name: str, label: Label) -> None:
        """Replace a function or method by one that marks. `label` may be made of the arguments."""
        wrapped = getattr(owner, name)

        def named(*given: Any, **more: Any) -> str:
            return label if isinstance(label, str) else label(*given, **more)

        if inspect.iscoroutinefunction(wrapped):

            @functools.wraps(wrapped)
            async def marked(*given: Any, **more: Any) -> Any:
                with self.span(named(*given, **more)):
                    return await wrapped(*given, **more)
        else:

            @functools.wraps(wrapped)
            def marked(*given: Any, **more: Any) -> Any:
                with self.span(named(*given, **more)):
                    return wrapped(*given, **more)

        setattr(owner, name, marked)

    def take(self) -> dict[str, Share]:
        """What was marked since the last time, each moment with the span begun last of those that run."""
        marks, self._marks = self._marks, []
        shares: dict[str, Share] = {}
        running: dict[int, str] = {}
        wall = loop = 0.0
        for number, label, now, used in marks:
            if running:
                share = shares.setdefault(running[max(running)], Share())
                share.wall += (now - wall) * 1000
                share.loop += (used - loop) * 1000
            wall, loop = now, used
            if label is None:
                del running[number]
            else:
                running[number] = label
        return shares


def quieter_half(questions: Sequence[dict[str, Share]]) -> dict[str, Share]:
    """The mean over those that were not above the median: what others on the machine took is mostly left out."""
    ordered = sorted(questions, key=total)
    kept = ordered[: max(1, len(ordered) // 2)]
    labels = dict.fromkeys(label for each in kept for label in each)
    return {
        label: Share(
            wall=sum(each[label].wall for each in kept if label in each) / len(kept),
            loop=sum(each[label].loop for each in kept if label in each) / len(kept),
        )
        for label in labels
    }


def total(question: dict[str, Share]) -> float:
    return sum(share.wall for share in question.values())
