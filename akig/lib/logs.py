"""One line per log record, with the identifier of the request it belongs to."""

import logging
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class OneLine(logging.Formatter):
    """Time, level, origin, request, message; the lines of a traceback are joined by " | "."""

    def __init__(self):
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = request_id.get()
        return " | ".join(super().format(record).splitlines())
