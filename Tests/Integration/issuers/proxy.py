"""The proxy that clients reach the issuers through."""

import http.server
import socket
import socketserver
import ssl
import sys
import threading
from typing import Any

from .reply import NOTHING, Cut, Reply
from .request import Request

# No connection lives longer without a word.
PATIENCE = 30


class Proxy(socketserver.ThreadingTCPServer):
    """Takes CONNECT for whatever host is asked for, and speaks TLS in its name."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, stage: Any) -> None:
        super().__init__(("127.0.0.1", 0), Tunnel)
        self.stage = stage
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no failure of the proxy; anything else is said."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Tunnel(http.server.BaseHTTPRequestHandler):
    """The connection up to TLS."""

    timeout = PATIENCE
    disable_nagle_algorithm = True

    def do_CONNECT(self) -> None:
        self.close_connection = True
        host = self.path.rpartition(":")[0].strip("[]").lower()
        stage = self.server.stage
        context = stage.context(host)
        if context is None:
            self.send_error(502, "nobody plays this host")
            return
        self.send_response_only(200, "Connection established")
        self.end_headers()
        try:
            secure = context.wrap_socket(self.connection, server_side=True)
        except OSError:
            stage.distrusted.append(host)
            return
        with secure:
            Conversation(secure, self.client_address, stage, host)

    def in_the_clear(self) -> None:
        """A request that was not encrypted: refused, and remembered."""
        self.close_connection = True
        self.server.stage.in_the_clear.append(f"{self.command} {self.path}")
        self.send_error(403, "only https is played")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = in_the_clear

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing: the stage keeps what tests want to know."""


class Conversation(http.server.BaseHTTPRequestHandler):
    """The requests of one connection, behind TLS."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    disable_nagle_algorithm = True

    def __init__(self, connection: ssl.SSLSocket, address: Any, stage: Any, host: str) -> None:
        self.stage, self.host = stage, host
        super().__init__(connection, address, None)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def play(self) -> None:
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self.send_error(411)
            return
        # A client behind a proxy may wait for this before it sends the body: 40 ms each time.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            # The client died over it: half a request is none.
            self.close_connection = True
            return
        request = Request(self.command, self.host, self.path, self.headers, body)
        try:
            self.send(self.stage.perform(request))
        except Cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = play

    def send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, text in reply.headers.items():
            self.send_header(name, text)
        if reply.length is None:
            self.send_header("Connection", "close")
        elif reply.status != NOTHING:
            self.send_header("Content-Length", str(reply.length))
        self.end_headers()
        if self.command != "HEAD":
            self.send_body(reply)

    def send_body(self, reply: Reply) -> None:
        """A body that is shorter than announced ends with the connection."""
        sent = 0
        for piece in reply.pieces:
            self.wfile.write(piece)
            sent += len(piece)
        if sent != reply.length:
            self.close_connection = True

    def version_string(self) -> str:
        return "test issuer"

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(timestamp or self.stage.clock.now())

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing: the stage keeps what tests want to know."""
