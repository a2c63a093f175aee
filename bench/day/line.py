"""One tablet's connection to the portal."""

from __future__ import annotations

import http.client
import json
from typing import Any


class Line:
    """One connection of one tablet, for as long as a tick's exchange takes."""

    def __init__(self, port: int, token: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._token = token

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """Status and JSON answer."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        self._connection.request(method, f"/station/v1/{path}", None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else {}

    def put(self, path: str, content: bytes, media_type: str, part: str = "") -> tuple[int, str]:
        """Send bytes, the whole or a part of them; status and body."""
        headers = {"Content-Type": media_type, "Authorization": f"Bearer {self._token}"} | ({"Content-Range": part} if part else {})
        self._connection.request("PUT", f"/station/v1/{path}", content, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()

    def head(self, path: str) -> tuple[int, int]:
        """Status, and how many bytes are there already."""
        self._connection.request("HEAD", f"/station/v1/{path}", headers={"Authorization": f"Bearer {self._token}"})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status, int(answer.headers.get("Upload-Offset", -1))
