"""RabbitMQ: a private node with a port mapper of its own, all on loopback."""

import shutil
from pathlib import Path

from . import debian
from .errors import Unavailable
from .process import unprivileged
from .run import Run, free_port, greets, secret
from .state import Service

NAME = "rabbitmq"
_HEADER = b"AMQP\x00\x00\x09\x01"
_START = b"\x01\x00\x00"  # a method frame on channel 0


def start(run: Run) -> Service:
    program, mapper = _programs(run)
    user = unprivileged("rabbitmq")
    folder, port, mapper_port, peer_port = run.folder(user), free_port(), free_port(), free_port()
    account, password = f"zhixi-{secret()[:8]}", secret()
    environment = {
        "HOME": str(folder),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(mapper_port),
        "RABBITMQ_NODENAME": f"zhixi{port}@localhost",
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_DIST_PORT": str(peer_port),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }
    (folder / "plugins").write_text("[].\n")
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.default = 127.0.0.1:{port}\n"
        f"default_user = {account}\ndefault_pass = {password}\n"
        "disk_free_limit.absolute = 50MB\nvm_memory_high_watermark.absolute = 512MB\n"
    )

    # started by us, so that it is known and ends with the node; otherwise the node leaves a daemon behind
    run.launch("epmd", [mapper, "-address", "127.0.0.1", "-port", str(mapper_port)], user=user)
    run.launch("rabbitmq", [program], user=user, environment=environment)
    run.wait(lambda: greets(port, _HEADER, _START), seconds=120)

    return run.ready(
        version=debian.package_version("rabbitmq-server") or "unknown",
        installed="Debian package rabbitmq-server"
        if debian.package_version("rabbitmq-server")
        else "found on the machine",
        url=f"amqp://127.0.0.1:{port}//",
        variables={"ZHIXI_TEST_RABBITMQ": f"amqp://{account}:{password}@127.0.0.1:{port}//"},
    )


def _programs(run: Run) -> tuple[Path, str]:
    if _find() is None:
        debian.ensure(NAME, ["rabbitmq-server"], run.installation_log)
    program, mapper = _find(), shutil.which("epmd")
    if program is None or mapper is None:
        raise Unavailable("no rabbitmq-server or no epmd was found")
    return program, mapper


def _find() -> Path | None:
    """Debian's program on the path changes user and reads the machine's own settings: the one behind it does not."""
    behind = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    if behind.exists():
        return behind
    on_path = shutil.which("rabbitmq-server")
    return Path(on_path) if on_path else None
