"""A reverse proxy as it comes from the package: it passes everything on and writes a line for every request."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PASSED_ON = ("host", "cookie", "content-type", "origin", "x-csrftoken")


@contextmanager
def logging_proxy(port: int, log: Path) -> Iterator[int]:
    """Stand before the server on this port for the block, write the combined log format, and give the proxy's port."""
    with log.open("a", buffering=1) as lines:

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                self.server_behind = HTTPConnection("127.0.0.1", port, timeout=120)

            def finish(self) -> None:
                super().finish()
                self.server_behind.close()

            def do_GET(self) -> None:
                self._pass_on()

            def do_POST(self) -> None:
                self._pass_on()

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name: value for name, value in self.headers.items() if name.lower() in PASSED_ON}
                self.server_behind.request(self.command, self.path, body or None, headers)
                answer = self.server_behind.getresponse()
                content = answer.read()
                self.send_response_only(answer.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                at = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
                first = f"{self.command} {self.path} {self.request_version}"
                lines.write(f'{self.client_address[0]} - - [{at}] "{first}" {answer.status} {len(content)} "-" "-"\n')

            def log_message(self, *_words: object) -> None:
                """Write nothing but the access log."""

        proxy = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        proxy.daemon_threads = True
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy.server_address[1]
        finally:
            proxy.shutdown()
            proxy.server_close()
            thread.join(10)
