"""On the real services a rehearsal keeps no replica: every question and every act asks Neo4j for its facts."""

from __future__ import annotations

import msgspec
import pytest

from tests.columns import Ground, column

REPLICA_FACTS = {"embedded": 2_000_000, "services": 0}


@pytest.fixture
def ground(ground: Ground) -> Ground:
    graph = msgspec.structs.replace(ground.graph, replica_facts=REPLICA_FACTS[column()])
    return msgspec.structs.replace(ground, graph=graph)
