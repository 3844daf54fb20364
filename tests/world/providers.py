"""A mail provider on this machine: keeps each request as it came over the wire, and answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TAKEN: dict[str, Any] = {
    "postmark": {"ErrorCode": 0, "Message": "OK", "MessageID": "1", "To": "ana@hospital.example"},
    "mailgun": {"id": "<1@hospital.example>", "message": "Queued. Thank you."},
    "mailjet": {
        "Messages": [
            {"Status": "success", "To": [{"Email": "ana@hospital.example", "MessageID": 1}], "Cc": [], "Bcc": []}
        ]
    },
    "mandrill": [{"email": "ana@hospital.example", "status": "sent", "_id": "1"}],
    "sparkpost": {"results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0, "id": "1"}},
}
"""How each provider says that it took a letter to Ana."""


@dataclass
class LocalProvider:
    """``status`` and ``said``: what it answers. ``came``: path, headers and body of each request."""

    status: int = 200
    said: Any = None
    came: list[tuple[str, Message, bytes]] = field(default_factory=list)
    address: str = ""

    @contextmanager
    def serving(self) -> Iterator[LocalProvider]:
        """Serve on a free port of this machine until the end."""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                provider.came.append((self.path, self.headers, body))
                answer = json.dumps(provider.said).encode()
                self.send_response(provider.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_args: Any) -> None:
                """Write nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.address = f"http://127.0.0.1:{server.server_port}/api/"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
