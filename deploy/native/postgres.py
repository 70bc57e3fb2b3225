"""PostgreSQL: a private cluster, passwords over loopback, no Unix socket."""

import re
import shutil
import subprocess
from pathlib import Path

from . import debian
from .errors import Unavailable
from .process import unprivileged
from .run import Run, free_port, secret
from .state import Service

NAME = "postgres"
_OLDEST = 15
_DATABASE = "zhixi_test"
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
# The cluster lives as long as a test run: it need not survive the machine.
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 200
"""


def start(run: Run) -> Service:
    programs = _programs(run)
    user = unprivileged("postgres")
    folder, port = run.folder(user), free_port()
    admin, owner, server = secret(), secret(), secret()

    # initdb takes the password from a file alone
    password_file = folder / "password"
    password_file.write_text(admin)
    password_file.chmod(0o644)  # the folder around it is closed
    cluster = folder / "cluster"
    how = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--username=postgres"]
    run.command([programs / "initdb", *how, f"--pwfile={password_file}", f"--pgdata={cluster}"], user=user)
    password_file.unlink()
    with (cluster / "postgresql.conf").open("a") as settings:
        settings.write(f"{_SETTINGS}port = {port}\n")

    run.launch(
        "postgres", [programs / "postgres", "-D", cluster], user=user, ends_on="SIGINT"
    )  # a fast shutdown
    run.wait(lambda: _accepts(programs, port), seconds=60)
    script = folder / "roles.sql"
    script.write_text(
        f"CREATE ROLE zhixi_owner LOGIN CREATEDB PASSWORD '{owner}';\n"
        f"CREATE ROLE zhixi_server LOGIN PASSWORD '{server}';\n"
        f"CREATE DATABASE {_DATABASE} OWNER zhixi_owner;\n"
    )
    connect = {"PGPASSWORD": admin, "PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "postgres"}
    run.command(
        [programs / "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-f", script],
        environment=connect,
    )
    script.unlink()

    where = f"127.0.0.1:{port}/{_DATABASE}"
    return run.ready(
        version=_version(programs),
        installed="Debian package postgresql"
        if debian.package_version("postgresql")
        else "found on the machine",
        url=f"postgresql://{where}",
        variables={
            "ZHIXI_TEST_POSTGRES": f"postgresql://zhixi_owner:{owner}@{where}",
            "ZHIXI_TEST_POSTGRES_SERVER": f"postgresql://zhixi_server:{server}@{where}",
        },
        secrets={"postgres": admin},
    )


def _programs(run: Run) -> Path:
    found = _find()
    if found is None:
        debian.ensure(NAME, ["postgresql"], run.installation_log)
        found = _find()
    if found is None:
        raise Unavailable(f"no initdb of PostgreSQL {_OLDEST} or newer was found")
    return found


def _find() -> Path | None:
    """Debian keeps the server's programs off the path, one folder a version."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    ranked = sorted((int(_version(folder).partition(".")[0]), folder) for folder in folders)
    return ranked[-1][1] if ranked and ranked[-1][0] >= _OLDEST else None


def _version(programs: Path) -> str:
    said = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = re.search(r"\d+(\.\d+)*", said)
    return number.group() if number else "0"


def _accepts(programs: Path, port: int) -> bool:
    command = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(command, check=False).returncode == 0
