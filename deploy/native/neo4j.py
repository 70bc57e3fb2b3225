"""Neo4j Community: the published libraries under a launcher of ours, Bolt alone."""

import os
import shutil
from pathlib import Path

from .cache import artefact, install
from .errors import Unavailable
from .run import Run, free_port, greets, secret
from .state import Service

NAME = "neo4j"
VERSION = "5.26.29"
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
_LAUNCHER = Path(__file__).with_name("Neo4jLauncher.java")
_POM = f"""<project><modelVersion>4.0.0</modelVersion><groupId>zhixi</groupId><artifactId>neo4j</artifactId><version>1</version>
<dependencies><dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{VERSION}</version></dependency></dependencies></project>
"""
_JAVA = [
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
]
_SETTINGS = """server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
dbms.security.auth_enabled=true
dbms.usage_report.enabled=false
server.memory.pagecache.size=128m
db.shutdown_transaction_end_timeout=1s
internal.server.bolt.thread_pool_shutdown_wait_time=1s
internal.server.bolt.connection_shutdown_wait_time=1s
db.tx_log.preallocate=false
db.tx_log.rotation.retention_policy=keep_none
"""
_OFFER = bytes.fromhex("6060b017 00000405 00000000 00000000 00000000")  # Bolt's magic, then 5.4 alone
_CHOICE = bytes.fromhex("00000405")


def start(run: Run) -> Service:
    if shutil.which("java") is None or shutil.which("javac") is None:
        raise Unavailable("no java with its compiler on the path: a JDK of 17 or newer is needed")
    libraries = (
        artefact(NAME, f"neo4j-{VERSION}", lambda folder: _fetch(folder, run.installation_log)) / "lib"
    )
    folder, port, password = run.folder(None), free_port(), secret()
    (folder / "neo4j.conf").write_text(_SETTINGS.format(port=port))

    run.launch(
        "neo4j",
        ["java", *_JAVA, "-cp", f"{libraries}{os.sep}*", _LAUNCHER, folder],
        environment={"ZHIXI_NEO4J_PASSWORD": password},
    )
    # the connector listens before the password is set, so a greeting alone would be too early
    run.wait(
        lambda: "ready" in run.log.read_text(errors="replace").splitlines() and greets(port, _OFFER, _CHOICE),
        seconds=180,
    )

    return run.ready(
        version=VERSION,
        installed="published libraries, fetched by Maven",
        url=f"bolt://127.0.0.1:{port}",
        variables={"ZHIXI_TEST_NEO4J": f"bolt://neo4j:{password}@127.0.0.1:{port}"},
    )


def _fetch(folder: Path, log: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable("no mvn on the path to fetch it with")
    pom = folder / "pom.xml"
    pom.write_text(_POM)
    goal = [f"{_PLUGIN}:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder / 'lib'}"]
    install(
        NAME,
        f"fetching Neo4j {VERSION}",
        [maven, "-B", "-ntp", "-q", "-Dstyle.color=never", "-f", pom, *goal],
        log,
    )
