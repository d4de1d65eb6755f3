"""``python -m tests.benchmarks agency|network``: seed once, start the web, measure, print."""

import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIZES = ("tiny", "agency", "network", "country")
size = next((word for word in sys.argv[1:] if not word.startswith("-")), "agency")
if size not in SIZES:
    sys.exit(f"SIZE must be one of {', '.join(SIZES[1:])}, not {size!r}.")

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
folder = Path(os.environ.get("AKIG_BENCH") or ROOT / "var" / "bench")
# Set before Django reads it: production's settings, an own data folder, no limits to requests.
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "akig.settings",
    "AKIG_VAR": str(folder / size),
    "AKIG_LOCAL": "1",
    "DEMO": "1",
    "DEBUG": "0",
    "PORT": str(port),
    "THROTTLE_USER": "1000000000",
    "THROTTLE_AUTH": "1000000000",
    "LOG_LEVEL": "ERROR",
}

import django  # noqa: E402 - after the environment is set

from akig.lib import embedded, isolation  # noqa: E402

with embedded.running(folder / size):
    django.setup()
    isolation.trust_this_process()
    from tests.benchmarks.running import run

    run(size, folder)
