"""The web process under test, and those who ask it."""

import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from akig.management.commands import run


class NotThere(Exception):
    """The address answers with something else than what is measured."""


@contextmanager
def serving(words: list[str], port: int, path: str) -> Iterator[subprocess.Popen]:
    """Keep a server of ``words`` running inside the block, once it answers at ``path``."""
    child = subprocess.Popen(words, env=run.environment(), stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                Caller(port).get(path)
                break
            except OSError:
                time.sleep(0.1)
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()


def ours() -> list[str]:
    return run.commands()["web"]


def live() -> list[str]:
    return run.commands()["live"]


def bare(port: int) -> list[str]:
    """Return how granian serves the least application there is, with as many workers."""
    words = list(ours())
    words[words.index("--port") + 1] = str(port)
    words[-1] = "tests.benchmarks.bare:application"
    return words


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]


class Caller:
    """One connection that is kept open, with as little of our own work as can be."""

    def __init__(self, port: int, headers: dict[str, str] | None = None):
        self.headers = {"Host": f"127.0.0.1:{port}", **(headers or {})}
        self.stream = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.stream.makefile("rb")

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, body: dict, **headers: str) -> Answer:
        written = json.dumps(body).encode()
        return self.ask("POST", path, written, {"Content-Type": "application/json", **headers})

    def ask(self, method, path, body=b"", headers=None) -> Answer:
        lines = [f"{method} {path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in (self.headers | (headers or {})).items()]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        self.stream.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        status = int(self.file.readline().split()[1])
        found = http.client.parse_headers(self.file)
        if found.get("Transfer-Encoding") == "chunked":
            content = b""
            while size := int(self.file.readline(), 16):
                content += self.file.read(size)
                self.file.readline()
            self.file.readline()
        else:
            content = self.file.read(int(found.get("Content-Length", 0)))
        return Answer(status, content, dict(found))


def token(port: int, email: str, password: str) -> str:
    answer = Caller(port).post("/api/auth/login", {"email": email, "password": password})
    if answer.status != 200:
        raise NotThere(f"sign-in answered {answer.status}")
    return json.loads(answer.body)["access"]


@dataclass
class Rush:
    """What several callers at once got: how long each request took (seconds), how many failed."""

    seconds: float = 0
    times: list[float] = field(default_factory=list)
    failed: dict[int, int] = field(default_factory=dict)
    example: bytes = b""

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    @property
    def p95(self) -> float:
        return percentile(self.times, 95)


def percentile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100)[percent - 1] if len(times) > 1 else times[0]


def rush(callers: int, requests: int, ask: Callable[[int], Callable[[int], Answer]]) -> Rush:
    """Let ``callers`` ask at once; ``ask(caller)`` returns what one of them does for a number."""
    result, lock = Rush(), threading.Lock()

    def work(caller: int) -> None:
        act = ask(caller)
        for number in range(caller, requests, callers):
            begun = time.perf_counter()
            answer = act(number)
            took = time.perf_counter() - begun
            with lock:
                if answer.status in (200, 201):
                    result.times.append(took)
                else:
                    result.failed[answer.status] = result.failed.get(answer.status, 0) + 1
                    result.example = answer.body[:300]

    threads = [threading.Thread(target=work, args=(caller,)) for caller in range(callers)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - begun
    return result


def load_generator() -> str:
    return "wrk" if shutil.which("wrk") else "our own threads"


def requests_per_second(port: int, path: str, headers: dict[str, str], seconds: int = 5) -> float:
    """Return how many GETs a second are answered at 16 connections, the generator beside them."""
    answer = Caller(port, headers).get(path)
    if answer.status != 200:
        raise NotThere(f"{path} answers {answer.status}")
    wrk = shutil.which("wrk")
    if wrk is None:
        return _by_threads(port, path, headers, seconds)
    words = [wrk, "-t2", "-c16", f"-d{seconds}s"]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    told = subprocess.run(
        [*words, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in told:
        raise NotThere(f"{path} did not always answer 200")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])


def _by_threads(port, path, headers, seconds):
    deadline = time.perf_counter() + seconds
    counts = []

    def work():
        caller, number = Caller(port, headers), 0
        while time.perf_counter() < deadline:
            caller.get(path)
            number += 1
        counts.append(number)

    threads = [threading.Thread(target=work) for _caller in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def peaks(parent: int) -> list[float]:
    """Return the most memory that each process below ``parent`` ever held, in MB."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            status = (entry / "status").read_text()
        except OSError:
            continue
        if re.search(rf"^PPid:\s+{parent}$", status, re.MULTILINE):
            found.append(int(re.search(r"^VmHWM:\s+(\d+)", status, re.MULTILINE)[1]) / 1024)
    return found


def python() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py")]


def own_peak() -> float:
    return peak(os.getpid())


def peak(process: int) -> float:
    """Return the most memory that a process ever held, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+)", status, re.MULTILINE)[1]) / 1024
