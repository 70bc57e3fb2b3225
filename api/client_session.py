"""The command line as a client: an address and a bearer token, kept in the user's configuration folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import msgspec

from graph.errors import NotSignedIn, Unavailable

TIMEOUT_S = 60.0


class ClientSession(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    token: str

    @classmethod
    def sign_in(cls, url: str, login: str, password: str) -> ClientSession:
        """A session from the server, kept for later calls. Raises NotSignedIn, Unavailable."""
        response = _request("POST", f"{url}/api/v1/session", json={"login": login, "password": password})
        if response.is_error:
            raise NotSignedIn("wrong-credentials")
        session = cls(url=url, token=response.json()["token"])
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(session))
        return session

    @classmethod
    def load(cls) -> ClientSession:
        """From ZHIXI_URL and ZHIXI_TOKEN, or what `zhixi sign-in` kept. Raises NotSignedIn."""
        if os.environ.get("ZHIXI_TOKEN"):
            return cls(
                url=os.environ.get("ZHIXI_URL", "http://127.0.0.1:8000"), token=os.environ["ZHIXI_TOKEN"]
            )
        if not _path().exists():
            raise NotSignedIn
        return msgspec.json.decode(_path().read_bytes(), type=cls)

    def get(self, path: str, params: dict[str, str]) -> httpx.Response:
        return _request("GET", f"{self.url}/api/v1{path}", params=params, headers=self._headers())

    def post(self, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
        return _request("POST", f"{self.url}/api/v1{path}", json=body, headers={**headers, **self._headers()})

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _path() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config")) / "zhixi" / "session.json"


def _request(method: str, url: str, **more: Any) -> httpx.Response:
    try:
        return httpx.request(method, url, timeout=TIMEOUT_S, **more)
    except httpx.TransportError as error:
        raise Unavailable("server") from error
