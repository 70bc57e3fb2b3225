"""MinIO: built once from its sources by the Go tool chain, as upstream documents it, and run beside us."""

import shutil
import urllib.error
import urllib.request
from pathlib import Path

from .cache import artefact, install
from .errors import Unavailable
from .run import Run, free_port, secret
from .state import Service

NAME = "minio"
VERSION = "v0.0.0-20260212201848-7aac2a2c5b7c"
_MODULE = "github.com/minio/minio"


def start(run: Run) -> Service:
    program = (
        artefact(NAME, f"minio-{VERSION}", lambda folder: _build(folder, run.installation_log)) / "minio"
    )
    folder, port, user, password = run.folder(None), free_port(), f"zhixi-{secret()[:8]}", secret()

    run.launch(
        "minio",
        [program, "server", "--quiet", "--address", f"127.0.0.1:{port}", folder / "drive"],
        environment={
            "HOME": str(folder),
            "MINIO_ROOT_USER": user,
            "MINIO_ROOT_PASSWORD": password,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
        },
    )
    run.wait(lambda: _healthy(port), seconds=60)

    return run.ready(
        version=VERSION,
        installed="built by go install",
        url=f"http://127.0.0.1:{port}",
        variables={"ZHIXI_TEST_MINIO": f"http://{user}:{password}@127.0.0.1:{port}"},
    )


def _build(folder: Path, log: Path) -> None:
    go = shutil.which("go")
    if go is None:
        raise Unavailable("no go on the path to build it with")
    environment = {"GOBIN": str(folder), "CGO_ENABLED": "0"}
    install(NAME, "building (some minutes, once)", [go, "install", f"{_MODULE}@{VERSION}"], log, environment)


def _healthy(port: int) -> bool:
    # ready, not live: it also says that the drive can be written
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://127.0.0.1:{port}/minio/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
