"""Pages that listen to the live process: as many as there are, idle until something happens."""

import base64
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

#: A room in which nobody but the benchmark is.
ROOM = "bench"


@contextmanager
def listening(number: int, port: int, ticket: str) -> Iterator[list[socket.socket]]:
    """Keep ``number`` connections open inside the block."""
    with ExitStack() as open_ones:
        yield [open_ones.enter_context(listen(port, ticket)) for _one in range(number)]


def listen(port: int, ticket: str) -> socket.socket:
    """Open one connection as a browser does (RFC 6455)."""
    stream = socket.create_connection(("127.0.0.1", port), timeout=30)
    key = base64.b64encode(os.urandom(16)).decode()
    stream.sendall(
        f"GET /ws/live?token={ticket} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += stream.recv(1)
    if b" 101 " not in answer.partition(b"\r\n")[0]:
        raise OSError(answer.partition(b"\r\n")[0].decode())
    return stream
