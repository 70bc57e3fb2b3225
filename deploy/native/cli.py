"""The commands of deploy/services."""

import argparse
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

from . import chromium, minio, neo4j, postgres, rabbitmq
from .errors import StateDamaged, Unavailable
from .run import Run, say, take_down
from .state import State, environment_lines

SERVICES: dict[str, ModuleType] = {
    module.NAME: module for module in (postgres, rabbitmq, neo4j, minio, chromium)
}
FOLDER = Path(__file__).resolve().parents[2] / ".services"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="deploy/services", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in {
        "start": "install what is missing and start what does not run",
        "stop": "end what was started and remove its data",
        "status": "say what runs",
        "env": "print the variables by which tests find the services, NAME=value",
    }.items():
        command = commands.add_parser(name, help=text, description=text)
        if name in {"start", "stop"}:
            command.add_argument(
                "names", nargs="*", metavar="NAME", help=f"of {', '.join(SERVICES)}; default: all"
            )
    chosen = parser.parse_args(arguments)
    names: list[str] = list(dict.fromkeys(getattr(chosen, "names", []))) or list(SERVICES)
    unknown = [name for name in names if name not in SERVICES]
    if unknown:
        parser.error(f"no such service: {', '.join(unknown)} (there are {', '.join(SERVICES)})")

    state = State(FOLDER)
    commands_by_name: dict[str, Callable[[], int]] = {
        "start": lambda: start(state, names),
        "stop": lambda: stop(state, names),
        "status": lambda: status(state),
        "env": lambda: env(state),
    }
    try:
        return commands_by_name[chosen.command]()
    except StateDamaged as damage:
        print(f"{damage}\nLook at {state.folder / 'state.json'}, end what it names and remove it.")
        return 2


def start(state: State, names: Sequence[str]) -> int:
    """Zero, even when one is unavailable: its tests are skipped with the reason. In CI every one is required."""
    with state.alone(), ThreadPoolExecutor(len(names)) as threads:
        reasons = dict(zip(names, threads.map(lambda name: _start_one(state, name), names), strict=True))
    missing = {name: reason for name, reason in reasons.items() if reason}
    for name, reason in missing.items():
        say(name, f"UNAVAILABLE: {reason}")
    if missing and in_ci(os.environ.get("CI", "")):
        print(f"In CI every service is required, and these do not run: {', '.join(missing)}")
        return 1
    return 0


def in_ci(value: str) -> bool:
    return value.strip().lower() in {"true", "1", "yes"}


def _start_one(state: State, name: str) -> str:
    """The reason why it does not run, or the empty string."""
    known = state.services().get(name)
    if known is not None and known.running():
        say(name, f"runs already {known.url or known.program}")
        return ""
    if known is not None:
        take_down(known)
        state.drop(name)
    begun = time.monotonic()
    run = Run(state, name)
    try:
        service = SERVICES[name].start(run)
    except (Unavailable, OSError, subprocess.SubprocessError) as cause:
        take_down(run.service)
        state.drop(name)
        return str(cause)
    except BaseException:
        take_down(run.service)
        state.drop(name)
        raise
    say(name, f"ready after {time.monotonic() - begun:.1f} s {service.url or service.program}")
    return ""


def stop(state: State, names: Sequence[str]) -> int:
    with state.alone():
        known = [service for name, service in state.services().items() if name in names]
        with ThreadPoolExecutor(max(len(known), 1)) as threads:
            for service, killed in zip(known, threads.map(take_down, known), strict=True):
                state.drop(service.name)
                say(service.name, "killed, it did not end by itself" if killed else "stopped")
    return 0


def status(state: State) -> int:
    """One, when something that was started no longer runs."""
    known = state.services()
    fallen = False
    for name in SERVICES:
        service = known.get(name)
        if service is None:
            say(name, "not started")
            continue
        runs = service.running()
        fallen = fallen or not runs
        word = "runs" if runs else "starting or fallen" if not service.ready else "FALLEN"
        pids = ",".join(str(process.pid) for process in service.leaders())
        say(
            name,
            "  ".join(
                part
                for part in (word, service.version, service.url or service.program, pids, service.installed)
                if part
            ),
        )
    return 1 if fallen else 0


def env(state: State) -> int:
    for line in environment_lines(state.services().values()):
        print(line)
    return 0
