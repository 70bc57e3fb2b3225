"""Processes by pid and start time, so that a recycled pid is never taken for one of ours."""

import os
import pwd
import select
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

PROC = Path("/proc")
_AFTER_COMMAND = (
    2  # /proc/PID/stat, counted from the field behind the command's closing bracket, which is field 3
)


@dataclass(frozen=True, slots=True)
class Process:
    """`started` is in clock ticks since `boot`, the kernel's id of this boot; a leader is one that we started ourselves."""

    pid: int
    started: int
    boot: str
    role: str
    ends_on: str = "SIGTERM"
    leader: bool = True


@dataclass(frozen=True, slots=True)
class Stat:
    state: str
    session: int
    started: int


def parse_stat(text: str) -> Stat:
    """One /proc/PID/stat line; the command inside it may hold spaces and brackets."""
    fields = text[text.rindex(")") + _AFTER_COMMAND :].split()
    return Stat(state=fields[0], session=int(fields[3]), started=int(fields[19]))


def boot_id() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def read_stat(pid: int) -> Stat | None:
    try:
        return parse_stat((PROC / str(pid) / "stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None


def describe(pid: int, role: str, ends_on: str = "SIGTERM", *, leader: bool = True) -> Process | None:
    """The process as it is now, or None when it has ended."""
    stat = read_stat(pid)
    if stat is None or stat.state in "ZX":
        return None
    return Process(pid=pid, started=stat.started, boot=boot_id(), role=role, ends_on=ends_on, leader=leader)


def alive(process: Process) -> bool:
    stat = read_stat(process.pid)
    return (
        stat is not None
        and stat.state not in "ZX"
        and stat.started == process.started
        and process.boot == boot_id()
    )


def same_session(leader: Process) -> Iterator[Process]:
    """What `leader` started and what stayed in its session, without itself."""
    if not alive(leader):
        return
    for entry in PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == leader.pid:
            continue
        stat = read_stat(int(entry.name))
        if stat is not None and stat.session == leader.pid:
            member = describe(int(entry.name), leader.role, leader=False)
            if member is not None:
                yield member


def stop(process: Process, grace: float) -> bool:
    """End it and wait for its end; True when it had to be killed. A process that is not ours is left alone."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return False
    try:
        # asked behind the handle: from here on the handle cannot mean another process, whatever the pid does
        if not alive(process):
            return False
        signal.pidfd_send_signal(handle, signal.Signals[process.ends_on])
        if _ended(handle, grace):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        _ended(handle, grace)
    except ProcessLookupError:
        return False
    else:
        return True
    finally:
        os.close(handle)


def _ended(handle: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def spawn(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path, user: str | None
) -> subprocess.Popen[bytes]:
    """Start in a session of its own, so that neither this script's end nor a Ctrl-C reaches it."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **identity(user),
        )


class Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def identity(user: str | None) -> Identity:
    """What `subprocess` needs to run as `user`; nothing for ourselves."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def unprivileged(*names: str) -> str | None:
    """The first of these users that exists, when we are root; None when we need not change."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in names if name in known), "nobody")
