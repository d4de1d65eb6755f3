from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from akig.lib.catalogues import compile_changed
from payments.providers.simulator import SECRETS, Simulator
from payments.providers.simulator.server import PORT


class Command(BaseCommand):
    help = "Play the four providers of mobile money on this machine; Ctrl-C ends it."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="an address of this machine")
        parser.add_argument("--port", type=int, default=PORT)
        parser.add_argument("--delay", type=float, default=0, help="seconds before calls back")
        parser.add_argument("--seed", type=int, default=1, help="for the same names again")
        parser.add_argument(
            "--automatic", action="store_true", help="let payers decide by themselves"
        )

    def handle(self, host, port, delay, seed, automatic, verbosity, **options):
        try:
            simulator = Simulator(host=host, port=port, delay=delay, seed=seed, automatic=automatic)
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        compile_changed(Path(settings.LOCALE_PATHS[0]))
        with simulator:
            if verbosity:
                self.greet(simulator)
            try:
                simulator.join()
            except KeyboardInterrupt:
                self.stdout.write("")

    def greet(self, simulator):
        self.stdout.write(f"Providers, and the payer's telephone: {simulator.url}")
        for kind, secrets in SECRETS.items():
            told = ", ".join(f"{name}={value}" for name, value in secrets.items())
            self.stdout.write(f"  {kind}: {told}")
        self.stdout.flush()
