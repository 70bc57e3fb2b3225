"""The embedded engine's own process: ArcadeDB inside a JVM inside this Python process.

Run as a script by `graph/engine.py` with `python -P engine_child.py PARENT LOCK_FD REPORT_FD`, and never
imported by it. It knows nothing of the rest of Zhixi, so that it starts fast.

    standard input   one line of JSON: {"home", "heap_mb"}; later `stop`, or its end when the parent is gone
    LOCK_FD          `home/engine.lock`, already locked by the parent; held here until this process ends
    REPORT_FD        one line of JSON: the record also written to `home/engine.json`, or {"error"}
    output           `home/engine.log`

It ends within a second of its parent by three ways that do not rely on each other: PR_SET_PDEATHSIG (Linux), the
end of standard input, and a look at the parent's pid. It then kills itself: every committed transaction is in the
write-ahead log, and a JVM that hangs at its end would keep the folder.
"""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import select
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

DATABASE = "zhixi"
USER = "root"
_PR_SET_PDEATHSIG = 1
_LOOK_S = 0.5
_LOGGING = """handlers = java.util.logging.ConsoleHandler
.level = INFO
io.undertow.level = WARNING
org.xnio.level = WARNING
org.jboss.level = WARNING
java.util.logging.ConsoleHandler.level = INFO
java.util.logging.ConsoleHandler.formatter = com.arcadedb.log.LogFormatter
"""


def main() -> None:
    parent, lock, report = map(int, sys.argv[1:4])
    _die_with(parent)
    os.umask(0o077)
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)

    settings = json.loads(_first_line())
    home = Path(settings["home"])
    record_file = home / "engine.json"
    record_file.unlink(missing_ok=True)
    stopping = threading.Event()
    threading.Thread(target=_watch, args=(parent, stopping), name="watch", daemon=True).start()
    try:
        password = secrets.token_hex(24)
        server, port = _start(home, int(settings["heap_mb"]), password)
        record = {
            "pid": os.getpid(),
            "started_at": time.time(),
            "starter": parent,
            "port": port,
            "user": USER,
            "password": password,
            "database": DATABASE,
        }
        _write_private(record_file, json.dumps(record))
    except BaseException as error:  # noqa: BLE001  (told to the parent; what was started must not outlive it)
        _tell(report, {"error": f"{type(error).__name__}: {error}"})
        os._exit(1)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: stopping.set())
    _tell(report, record)

    stopping.wait()
    # gone before the engine is, so that nobody adopts one that is on its way out
    record_file.unlink(missing_ok=True)
    server.stop()
    # threads that the server leaves behind would hold up an ordinary end
    os._exit(0)


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        # The signal comes when the *thread* that started us ends: engine.py starts us from one that outlives us.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _first_line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            _die()
        line += byte
    return line


def _watch(parent: int, stopping: threading.Event) -> None:
    while os.getppid() == parent:
        readable, _, _ = select.select([0], [], [], _LOOK_S)
        if readable:
            if not os.read(0, 64):
                break
            stopping.set()
    _die()


def _start(home: Path, heap_mb: int, password: str) -> tuple[Any, int]:
    """The running server and its Bolt port."""
    (home / "logging.properties").write_text(_LOGGING)
    # A new password at each start; the file holds nothing else, and one cut short by a crash would shut us out.
    (home / "config" / "server-users.jsonl").unlink(missing_ok=True)
    os.environ["LC_ALL"] = "C.UTF-8"  # or Java writes a folder's Chinese name as question marks
    os.environ["ARCADEDB_JVM_ERROR_FILE"] = str(home / "hs_err_%p.log")
    from arcadedb_embedded.jvm import start_jvm
    from arcadedb_embedded.server import ArcadeDBServer

    start_jvm(
        heap_size=f"{heap_mb}m",
        jvm_args=[
            "-Xrs",  # signals stay ours
            "-XX:-UsePerfData",
            "-XX:+UseSerialGC",  # on two cores with this heap it answers more questions a second than G1
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.net.preferIPv4Stack=true",
            f"-Djava.util.logging.config.file={home / 'logging.properties'}",
            "-Darcadedb.txWalFlush=2",  # fsync at commit: 1 leaves out file sizes, 0 trusts the kernel
        ],
    )
    server = ArcadeDBServer(
        str(home),
        password,
        config={
            "mode": "production",
            "host": "127.0.0.1",
            "http_port": "0",  # the server cannot do without; closed below
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "bolt_port": "0",
            "server_saltIterations": 1000,  # of 192 random bits
            "server_logsDirectory": str(home / "log"),
            "serverMetrics": False,
            "support_autoRegister": False,
            "opencypher_loadCsv_allowFileUrls": False,
            "opencypher_loadCsv_allowRemoteUrls": False,
        },
    )
    server.start()
    java = server._java_server  # the wheel wraps neither of the two things below
    java.getHttpServer().stopService()
    server.create_database(DATABASE)
    return server, _bolt_port(java)


def _bolt_port(java: Any) -> int:
    for plugin in java.getPlugins():
        if str(plugin.getClass().getSimpleName()) == "BoltProtocolPlugin":
            listener = plugin.getClass().getDeclaredField("listener")
            listener.setAccessible(True)
            return int(str(listener.get(plugin)).rsplit(":", 1)[1])
    raise RuntimeError("the server started without its Bolt listener")


def _write_private(file: Path, text: str) -> None:
    """Whole or not at all, readable by the owner alone."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    draft.replace(file)


def _tell(report: int, message: dict[str, Any]) -> None:
    with os.fdopen(report, "w") as out:
        out.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    main()
