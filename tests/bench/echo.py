"""The floor: what uvicorn and Litestar cost with nothing behind them. Run as `python -m tests.bench.echo`."""

from __future__ import annotations

import os
from typing import Annotated, Any

import uvicorn
from litestar import Litestar, get
from litestar.params import QueryParameter


@get("/echo")
async def echo(
    person: Annotated[str, QueryParameter()] = "", item: Annotated[str, QueryParameter()] = ""
) -> dict[str, Any]:
    return {"person": person, "item": item, "allowed": True}


def main() -> None:
    """Configured as `api/server.py` configures the product."""
    application = Litestar(route_handlers=[echo], logging_config=None, openapi_config=None)
    uvicorn.run(
        application,
        host=os.environ["ZHIXI_HOST"],
        port=int(os.environ["ZHIXI_PORT"]),
        log_level="warning",
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
