#!/usr/bin/env python
"""Django's commands. Where the environment names no servers, ours run while the command does."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from akig.lib import embedded, isolation

WITHOUT_SERVERS = {
    "check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help",
    "makemessages", "provider_simulator", "spectacular", "version", "--help", "--version",
}  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "akig.settings")
    alone = len(sys.argv) < 2 or sys.argv[1] in WITHOUT_SERVERS or "--help" in sys.argv
    var = embedded.var_folder(Path(__file__).resolve().parent)
    isolation.trust_this_process()  # whoever runs commands here reads the database anyway
    try:
        settings.INSTALLED_APPS  # noqa: B018 - read now: some commands swallow a refusal
        with nullcontext() if alone else embedded.running(var):
            execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, embedded.CannotStart) as error:
        sys.exit(f"akig: {error}")


if __name__ == "__main__":
    main()
