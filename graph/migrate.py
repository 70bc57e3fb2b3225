"""Schema of the graph: numbered files of repeatable statements, run at every start."""

from __future__ import annotations

from pathlib import Path

from graph.connection import Connection

FOLDER = Path(__file__).parent / "schema"


async def migrate(connection: Connection) -> None:
    for path in sorted(FOLDER.glob("*.cypher")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("//")]
        for statement in "\n".join(lines).split(";"):
            if statement.strip():
                await connection.statement(statement.strip())
