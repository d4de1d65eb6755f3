import hashlib
import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, call_command, get_commands
from django.db import connections

from akig.lib.catalogues import compile_changed
from akig.lib.supervisor import Supervisor
from payments.providers.simulator.server import PORT as PROVIDERS
from sites_app.models import Site

SIGN_INS = ("admin", "pdg", "chef", "secretaire", "comptable", "agent", "proprietaire", "kindia")
PASSWORD = "akig-demo"  # noqa: S105 - printed on purpose, refused outside the demonstration


class Command(BaseCommand):
    help = "Run the whole of AKIG: web, workers, schedule (and servers, where none are named)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--prepare-only", action="store_true", help="Prepare everything, start nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["prepare_only"]:
            refuse_taken_port("PORT", settings.PORT)
            refuse_taken_port("LIVE_PORT", settings.LIVE_PORT)
        compile_changed(Path(settings.LOCALE_PATHS[0]))
        collect_static()
        call_command("migrate", verbosity=0)
        self.fill_empty_database()
        connections.close_all()
        if options["prepare_only"]:
            return
        code = Supervisor(commands(), environment()).run(announced=self.greet)
        if code:
            sys.exit(code)

    def fill_empty_database(self) -> None:
        if Site.objects.exists():
            return
        known = get_commands()
        if settings.DEMO and "seed_demo" in known:
            self.stdout.write("Loading the demonstration agency…")
            call_command("seed_demo", size="agency")
            return
        if "seed_sites" in known:
            call_command("seed_sites")
        call_command("create_admin", stdout=self.stdout)

    def greet(self) -> bool:
        """Say where it is as soon as it answers; tell whether that was said."""
        if not answers():
            return False
        self.stdout.write(f"\nAKIG is ready: http://{settings.HOST}:{settings.PORT}/")
        people = get_user_model().objects
        if settings.DEMO and people.filter(email="admin@akig.demo").exists():
            self.stdout.write(f"Sign in with the password {PASSWORD} as one of:")
            for name in SIGN_INS:
                self.stdout.write(f"  {name}@akig.demo")
            self.stdout.write(f"Payers' phones, for mobile money: http://127.0.0.1:{PROVIDERS}")
        connections.close_all()
        self.stdout.write("Ctrl-C stops everything.\n")
        self.stdout.flush()
        return True


def refuse_taken_port(name: str, port: int) -> None:
    if error := taken(settings.HOST, port):
        raise CommandError(
            f"Nothing can listen on {settings.HOST}:{port} ({error.strerror}). "
            f"Another program may be there; choose a port: {name}={port + 10} make run"
        ) from error


def taken(host: str, port: int) -> OSError | None:
    """Return why nothing can listen there; None when it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            return error
    return None


def collect_static() -> None:
    """Collect the static files when one of them changed since the last time."""
    if settings.DEBUG:
        return
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    stamp = settings.VAR / "static.sha256"
    collected = stamp.read_text() if stamp.exists() else ""
    if collected != digest.hexdigest() or not (settings.STATIC_ROOT / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(digest.hexdigest())


def commands() -> dict[str, list[str]]:
    """Return the words of each process, by its name in the log."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws",
        "--host", settings.HOST, "--port", str(settings.PORT),
        "--workers", str(settings.WEB_WORKERS), "--blocking-threads", str(settings.WEB_THREADS),
        "--blocking-threads-idle-timeout", "600", "--respawn-failed-workers",
        "--workers-kill-timeout", "5", "--log-level", "warning",
        "--working-dir", str(settings.BASE_DIR), "akig.wsgi:application",
    ]  # fmt: skip
    workers = {
        f"worker {number + 1}": [*manage, "run_worker"] for number in range(settings.JOB_WORKERS)
    }
    live = [
        sys.executable, "-m", "uvicorn", "--ws", "websockets-sansio", "--lifespan", "off",
        "--host", settings.HOST, "--port", str(settings.LIVE_PORT),
        "--ws-per-message-deflate", "false", "--ws-max-size", "4096", "--ws-ping-interval", "50",
        "--timeout-graceful-shutdown", "1", "--log-level", "warning", "--no-access-log",
        "--app-dir", str(settings.BASE_DIR), "akig.asgi:application",
    ]  # fmt: skip
    schedule = [*manage, "rqcron", "akig.schedule", "--logging-level", "WARNING"]
    found = {"web": web, "live": live, **workers, "schedule": schedule}
    # The contracts of the demonstration lead there; another installation's does as well.
    if settings.DEMO and not taken("127.0.0.1", PROVIDERS):
        found["providers"] = [*manage, "provider_simulator", "-v0"]
    return found


def environment() -> dict[str, str]:
    """Return the environment of the processes: ours, and one folder for their measurements."""
    folder = settings.VAR / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {
        **os.environ,
        "AKIG_VAR": str(settings.VAR),
        # Otherwise each thread keeps a heap of its own, up to eight for each core, and what was
        # once needed for a large answer is kept for the next.
        "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
        "MALLOC_TRIM_THRESHOLD_": os.environ.get("MALLOC_TRIM_THRESHOLD_", "131072"),
        "PROMETHEUS_MULTIPROC_DIR": str(folder),
        "PYTHONUNBUFFERED": "1",
    }


def answers() -> bool:
    """Tell whether the web process takes requests (an address that asks for no host name)."""
    host = "127.0.0.1" if settings.HOST in ("0.0.0.0", "::") else settings.HOST  # noqa: S104  # nosec B104 # asked, not bound
    address = f"http://{host}:{settings.PORT}/api/health"
    try:
        with urllib.request.urlopen(address, timeout=2):  # nosec B310 # our own
            return True
    except (urllib.error.URLError, OSError):
        return False
