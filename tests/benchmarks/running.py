"""The works, one function each; each yields the lines of the table it can measure."""

import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core import signing
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Max
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from agents.services.missions import plan_missions
from akig.demo.people import PASSWORD
from akig.lib.freshness import renew
from akig.lib.live import tell_now
from akig.management.commands.run import collect_static
from payments.models import Callback, JournalEntry, Receipt
from payments.services.charging import charge_rent
from payments.services.payouts import approve_payouts, prepare_payouts
from payments.services.printing import Bundle, print_receipts
from recovery.models import Case
from recovery.services.cases import refresh_cases
from reporting.reports.finance import finance_report
from reporting.reports.finance_paper import finance_pdf
from sites_app import rooms
from sites_app.models import Site
from sites_app.services.branches import set_rule
from sites_app.services.importing import import_files
from tenants.models import Lease, Tenant
from tests.benchmarks import late, limits, live, telephone, web
from tests.benchmarks.owners import add_owners
from tests.benchmarks.table import Line, keep, kept, show, show_head
from tests.benchmarks.web import Caller, NotThere

SKIPPED = (NotThere, OSError, DatabaseError, subprocess.CalledProcessError)
DIRECTOR = "pdg@akig.demo"
AGENT = "agent@akig.demo"
MOST_SECONDS = 15  # for one page: a slow one is known by then
PAGES = {
    "home": "/",
    "tenants": "/locataires/",
    "payments": "/paiements/",
    "ageing": "/impayes/",
    "recovery desk": "/recouvrement/",
    "cases": "/recouvrement/dossiers/",
    "finance": "/rapports/finance/?span=12m",
    "search": "/recherche/?q=diallo",
    "journal": "/journal/",
    "charges": "/echeances/",
}
FIGURES = {
    "dashboard summary": "/api/dashboard/summary?period=month",
    "dashboard sites": "/api/dashboard/sites",
    "finance, 12 months": "/api/reporting/finance?range=12m",
    "good payers": "/api/dashboard/good-payers",
}


def run(size: str, folder: Path) -> None:
    call_command("migrate", verbosity=0)
    call_command("seed_demo", size=size, seed=1)
    collect_static()
    port = settings.PORT
    print(f"\n{size}, {settings.CORES} cores, load generator: {web.load_generator()}")
    show_head()
    lines: list[Line] = []
    with web.serving(web.ours(), port, "/api/health") as server:
        bench = Bench(port, server.pid, kept("agency" if size != "agency" else "", folder))
        for work in (
            bench.health, bench.calls_back, bench.cached_get, bench.figures, bench.ageing,
            bench.pages, bench.payments, bench.isolation, bench.memory, bench.rent_run,
            bench.payouts, bench.papers, bench.import_rows, bench.statement, bench.route,
            bench.missions, bench.telephone, bench.live, bench.cases,
        ):  # fmt: skip
            try:
                for line in work():
                    show(line)
                    lines.append(line)
            except SKIPPED as reason:
                told = getattr(reason, "stderr", None) or reason
                show(Line(work.__name__, f"skipped: {str(told).strip()[:150]}"))
    keep(lines, size, folder)


class Bench:
    def __init__(self, port: int, server: int, agency: dict[str, float]):
        self.port, self.server, self.agency = port, server, agency
        self.token = {"Authorization": f"Bearer {web.token(port, DIRECTOR, PASSWORD)}"}
        client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
        client.force_login(User.objects.get(email=DIRECTOR))
        self.session = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
        self.client = client
        self.sites = list(Site.objects.order_by("code"))

    # --- Requests a second

    def health(self) -> Iterator[Line]:
        rate = web.requests_per_second(self.port, "/api/health", {})
        yield self._rate("GET /api/health", rate, 5000)

    def calls_back(self) -> Iterator[Line]:
        path = "/api/mobile-money/callback/orange_money/GN_CONAKRY"
        body = {"status": "SUCCESS", "notif_token": "0" * 32, "txnid": "MP261031.0900.A00001"}
        callers = [Caller(self.port) for _number in range(8)]
        before = Callback.objects.count()
        rush = web.rush(8, 4000, lambda caller: lambda _number: callers[caller].post(path, body))
        if rush.failed or Callback.objects.count() - before != len(rush.times):
            raise NotThere(f"{path}: {rush.failed}, {Callback.objects.count() - before} kept")
        yield self._rate("provider's call back, kept", rush.rate, 500)

    def cached_get(self) -> Iterator[Line]:
        for name in ("dashboard summary", "finance, 12 months"):
            rate = web.requests_per_second(self.port, FIGURES[name], self.token)
            yield self._rate(f"GET from cache: {name}", rate, 3000)

    def _rate(self, work, rate, target) -> Line:
        if not hasattr(self, "bare"):
            port = web.free_port()
            with web.serving(web.bare(port), port, "/"):
                self.bare = web.requests_per_second(port, "/", {})
        return Line(
            work,
            f"{rate:,.0f}/s",
            f"{self.bare:,.0f}/s bare WSGI",
            f"{rate / self.bare:.0%}",
            f"over {target:,}/s",
            rate > target,
            work,
            rate,
        )

    # --- Figures, cold and warm

    def figures(self) -> Iterator[Line]:
        for name, path in FIGURES.items():
            yield from self._cold_and_warm(name, path, self.token)

    def ageing(self) -> Iterator[Line]:
        yield from self._cold_and_warm("ageing page", "/impayes/", self.session)

    def _cold_and_warm(self, name, path, headers) -> Iterator[Line]:
        caller = Caller(self.port, headers)
        self._asked(caller, path)
        cold = [self._after_a_change(caller, path) for _turn in range(7)]
        warm = [self._timed(caller, path) for _turn in range(30)]
        ours, key = statistics.median(cold) * 1000, f"{name}, cold"
        before = self.agency.get(key)
        compared = f"{before:.0f} ms at agency" if before else ""
        good = ours < 100 and (not before or ours < 2 * before or ours < 20)
        yield Line(
            key,
            f"{ours:.0f} ms",
            compared,
            f"{ours / before:.1f}x" if before else "",
            "under 100 ms, 2x agency",
            good,
            key,
            ours,
        )
        ours = statistics.median(warm) * 1000
        yield Line(f"{name}, warm", f"{ours:.1f} ms", target="under 10 ms", good=ours < 10)

    def _after_a_change(self, caller, path):
        for site in self.sites:
            renew(f"site:{site.pk}")
        return self._timed(caller, path)

    def _timed(self, caller, path):
        begun = time.perf_counter()
        self._asked(caller, path)
        return time.perf_counter() - begun

    @staticmethod
    def _asked(caller, path):
        answer = caller.get(path)
        if answer.status != 200:
            raise NotThere(f"{path} answers {answer.status}")
        return answer

    # --- Pages

    def pages(self) -> Iterator[Line]:
        lease = Lease.objects.filter(site="GN_CONAKRY", state="active").order_by("pk").first()
        pages = PAGES | {
            "tenant": f"/locataires/{lease.tenant_id}/",
            "property": f"/biens/{lease.property_id}/",
        }
        for name, path in pages.items():
            try:
                yield self._page(name, path)
            except NotThere as reason:
                yield Line(f"page: {name}", f"skipped: {reason}")

    def _page(self, name, path) -> Line:
        caller = Caller(self.port, self.session)
        size = len(self._asked(caller, path).body)
        times, deadline = [], time.monotonic() + MOST_SECONDS
        while len(times) < 40 and time.monotonic() < deadline:
            times.append(self._timed(caller, path))
        self.client.get(path)
        with CaptureQueriesContext(connection) as queries:
            self.client.get(path)
        p95 = web.percentile(times, 95) * 1000
        return Line(
            f"page: {name}",
            f"p95 {p95:.0f} ms, {size / 1000:.0f} kB, {len(queries)} queries",
            target="150 ms, 50 kB, 12 queries",
            good=p95 < 150 and size < 50_000 and len(queries) <= 12,
        )

    # --- Money

    def payments(self) -> Iterator[Line]:
        leases = list(
            Lease.objects.filter(state="active", start__lte=timezone.localdate())
            .order_by("reference")
            .values_list("pk", "rent")[:4000]
        )
        with limits.copies():
            limits.raw_payments(8, 1)
            raw, latency = limits.raw_payments(8)

        def ask(_caller):
            caller = Caller(self.port, self.token)

            def pay(number):
                lease, rent = leases[number % len(leases)]
                body = {"lease": lease, "amount": rent, "method": "orange_money"}
                return caller.post("/api/payments", body, **{"Idempotency-Key": str(uuid.uuid4())})

            return pay

        web.rush(8, 80, ask)
        result = web.rush(8, 1600, ask)
        if not result.times:
            raise NotThere(f"POST /api/payments: {result.failed} {result.example!r}")
        yield Line(
            "payment POST, 8 clients",
            f"{result.rate:,.0f}/s" + (f", failed {result.failed}" if result.failed else ""),
            f"{raw:,.0f}/s pgbench",
            f"{result.rate / raw:.0%}",
            "at least 12 %",
            result.rate > 0.12 * raw,
            "payments",
            result.rate,
        )
        p95 = result.p95 * 1000
        yield Line(
            "payment POST, p95",
            f"{p95:.0f} ms",
            f"{latency:.1f} ms pgbench, mean",
            target="under 50 ms",
            good=p95 < 50,
        )

    def isolation(self) -> Iterator[Line]:
        """What row-level security costs; with and without it in turns, for the machine's moods."""
        caller = Caller(self.port, self.token)
        leases = Lease.objects.filter(state="active", start__lte=timezone.localdate())
        leases = list(leases.order_by("-reference").values_list("pk", "rent")[:200])

        def show_dashboard():
            return self._after_a_change(caller, FIGURES["dashboard summary"])

        def pay():
            lease, rent = leases.pop()
            body = {"lease": lease, "amount": rent, "method": "orange_money"}
            begun = time.perf_counter()
            caller.post("/api/payments", body, **{"Idempotency-Key": str(uuid.uuid4())})
            return time.perf_counter() - begun

        for name, work in (("dashboard, cold", show_dashboard), ("payment POST", pay)):
            isolated, open_to_all = [], []
            for _turn in range(10):
                isolated += [work() for _time in range(10)]
                with limits.without_isolation():
                    open_to_all += [work() for _time in range(10)]
            ours, bare = (statistics.median(times) * 1000 for times in (isolated, open_to_all))
            yield Line(
                f"row-level security: {name}",
                f"{ours:.1f} ms",
                f"{bare:.1f} ms without it",
                f"{ours / bare:.2f}x",
                "at most 1.10x",
                ours <= 1.1 * bare,
            )

    def rent_run(self) -> Iterator[Line]:
        month = timezone.localdate().replace(day=1) + relativedelta(months=1)
        actor = User.objects.system()
        begun_at = web.own_peak()
        last = JournalEntry.objects.aggregate(last=Max("pk"))["last"]
        with tempfile.TemporaryDirectory() as folder:
            with transaction.atomic():
                begun = time.perf_counter()
                runs = [charge_rent(actor=actor, site=site, month=month) for site in self.sites]
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                ours = time.perf_counter() - begun
                grown = web.own_peak() - begun_at
                limits.rows_of_run(last, Path(folder))
                transaction.set_rollback(True)
            raw = limits.raw_rent_run(Path(folder))
        created = sum(run.created for run in runs)
        yield Line(
            f"rent run, {created:,} charges",
            f"{ours:.1f} s, +{grown:.0f} MB",
            f"{raw:.1f} s INSERT … SELECT",
            f"{ours / raw:.1f}x",
            "at most 3x",
            ours < 3 * raw,
            "rent run",
            ours,
        )

    def cases(self) -> Iterator[Line]:
        """Let every case follow the journal: opened if there was none, then each of them wrong."""
        with transaction.atomic():
            opening, opened = self._refreshed()
            Case.objects.running().update(balance=F("balance") + 1)
            mending, mended = self._refreshed()
            transaction.set_rollback(True)
        yield Line(
            f"case refresh, {mended:,} cases",
            f"{mending:.1f} s ({opened:,} changes in {opening:.1f} s before)",
            target="under 30 s",
            good=mending < 30 and opening < 30,
            key="cases",
            figure=mending,
        )

    def _refreshed(self) -> tuple[float, int]:
        """Refresh the cases of all branches; return the seconds that it took and what changed."""
        actor, begun = User.objects.system(), time.perf_counter()
        changed = sum(refresh_cases(actor=actor, site=site) for site in self.sites)
        return time.perf_counter() - begun, changed

    def payouts(self) -> Iterator[Line]:
        """Prepare and approve a month of 5,000 owners, beside copying the rows that it leaves."""
        month = timezone.localdate().replace(day=1) - relativedelta(months=1)
        site = self.sites[0]
        with transaction.atomic():
            add_owners(site, month, 5000)
            begun = time.perf_counter()
            run = prepare_payouts(actor=User.objects.system(), site=site, month=month)
            prepared = time.perf_counter() - begun
            approve_payouts(actor=User.objects.get(email=DIRECTOR), run=run)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            whole = time.perf_counter() - begun
            owners = run.payouts.count()
            raw = limits.raw_payouts([run.pk])
            transaction.set_rollback(True)
        yield Line(
            f"payout run, {owners:,} owners",
            f"{whole:.1f} s ({prepared:.1f} s to prepare)",
            f"{raw:.2f} s INSERT … SELECT",
            f"{whole / raw:.0f}x",
            "under 10 s",
            whole < 10,
            "payouts",
            whole,
        )

    # --- Papers and files

    def papers(self) -> Iterator[Line]:
        report = finance_report(self.sites, "12m")
        finance_pdf(report, self.sites, printed_by="AKIG")
        begun = time.perf_counter()
        content = finance_pdf(report, self.sites, printed_by="AKIG")
        took = time.perf_counter() - begun
        yield Line(
            "finance PDF, 12 months, all branches",
            f"{took:.1f} s, {len(content) / 1000:.0f} kB",
            target="under 2 s",
            good=took < 2,
        )
        keys = list(Receipt.objects.order_by("-pk").values_list("pk", flat=True)[:1000])
        for bundle in Bundle:
            with tempfile.NamedTemporaryFile() as file:
                begun = time.perf_counter()
                print_receipts(
                    actor=User.objects.get(email=DIRECTOR),
                    keys=keys,
                    bundle=bundle,
                    file=file,
                    progress=lambda _done, _all: None,
                )
                took = time.perf_counter() - begun
                size = Path(file.name).stat().st_size / 1_000_000
            yield Line(
                f"{len(keys):,} receipts, {bundle}, two processes",
                f"{took:.0f} s, {size:.1f} MB",
                target="under 60 s",
                good=took < 60,
            )

    def statement(self) -> Iterator[Line]:
        """A statement of 100,000 lines in a fresh process; two figures, see ``statement``."""
        told = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.statement"],
            capture_output=True,
            text=True,
            check=True,
        )
        found = json.loads(told.stdout)
        matching = found["whole"] - found["suspending"]
        speed, limit = 100_000 / matching, 100_000 / found["limit"]
        yield Line(
            "statement read, deduplicated, matched",
            f"{speed:,.0f} lines/s, {found['peak']} MB",
            f"COPY {limit:,.0f} lines/s",
            f"{speed / limit:.0%}",
            "10,000 lines/s, 300 MB",
            speed > 10_000 and found["peak"] < 300,
            "statement",
            speed,
        )
        yield Line(
            "… and 40,000 of its lines in suspense",
            f"{100_000 / found['whole']:,.0f} lines/s",
        )

    def import_rows(self) -> Iterator[Line]:
        actor = User.objects.get(email=DIRECTOR)
        with transaction.atomic():
            begun = time.perf_counter()
            import_files(actor=actor, files=[("locataires.csv", tenants_file(10_000))])
            took = time.perf_counter() - begun
            came = Tenant.objects.filter(code__startswith="BENCH-").count()
            transaction.set_rollback(True)
        yield Line(
            f"import of {came:,} tenants", f"{took:.1f} s", target="under 60 s",
            good=took < 60 and came == 10_000,
        )  # fmt: skip

    # --- In the field

    def route(self) -> Iterator[Line]:
        """A walk to 150 late tenants of a branch."""
        caller, path = Caller(self.port, self.token), "/api/map/late-tenants"
        here = json.loads(self._asked(caller, f"{path}?site=GN_CONAKRY").body)["features"]
        tenants = sorted({one["properties"]["tenant"] for one in here})[:150]
        begun = time.perf_counter()
        route = json.loads(caller.post("/api/map/route", {"tenants": tenants}).body)
        took = time.perf_counter() - begun
        yield Line(
            f"route: {len(route['stops'])} visits",
            f"{took:.1f} s, {route['distance_m'] / 1000:.0f} km",
            f"{route['baseline_distance_m'] / 1000:.0f} km always to the nearest",
            target="under 5 s",
            good=took < 5,
        )

    def missions(self) -> Iterator[Line]:
        """The map of 5,000 more late tenants of a branch, and a day planned for all of them.

        All of it in this process, for the rows are taken back at the end.
        """
        site, day = self.sites[0], timezone.localdate()
        director = User.objects.get(email=DIRECTOR)
        with transaction.atomic():
            late.add_late_tenants(director, site, day)
            late.add_agents(director, site, day)
            times = []
            for _turn in range(9):
                begun = time.perf_counter()
                answer = self.client.get("/api/map/late-tenants")
                times.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            planned = plan_missions(actor=director, site=site, day=day, anew=True)
            took = time.perf_counter() - begun
            transaction.set_rollback(True)
        drawn = statistics.median(times) * 1000
        yield Line(
            f"map: {len(answer.json()['features']):,} late tenants",
            f"{drawn:.0f} ms",
            target="under 200 ms",
            good=drawn < 200,
        )
        yield Line(
            f"missions: {planned.tenants:,} late tenants, {planned.unassigned} unassigned",
            f"{took:.1f} s",
            target="under 3 s",
            good=took < 3 and not planned.unassigned,
        )

    def telephone(self) -> Iterator[Line]:
        """A day's mission goes out; what was done without network comes in."""
        yield self._pulled()
        agent = {"Authorization": f"Bearer {web.token(self.port, AGENT, PASSWORD)}"}
        late = Case.objects.running().filter(site="GN_CONAKRY").values("tenant")
        leases = Lease.objects.filter(
            site="GN_CONAKRY", tenant__in=late, state="active", start__lte=timezone.localdate()
        )
        leases = list(
            leases.select_related("tenant").order_by("tenant_id", "pk").distinct("tenant_id")
        )
        works = {
            "a mixed day": telephone.mixed(leases, 500),
            "visits with cash": telephone.cash(leases, 500),
        }
        caller = Caller(self.port, agent)
        caller.post("/api/sync/push", telephone.push(telephone.cash(leases[:5], 5)))
        for name, operations in works.items():
            begun = time.perf_counter()
            answer = caller.post("/api/sync/push", telephone.push(operations))
            took = time.perf_counter() - begun
            told = json.loads(answer.body)
            done = sum(result["status"] == "applied" for result in told.get("results", ()))
            if done < len(operations):
                raise NotThere(f"push: {done} of {len(operations)} done, {answer.body[:200]!r}")
            yield Line(
                f"push of {done} operations, {name}",
                f"{took:.1f} s",
                target="under 2 s",
                good=took < 2,
            )

    def _pulled(self) -> Line:
        site, day = Site.objects.get(pk="GN_CONAKRY"), timezone.localdate()
        director = User.objects.get(email=DIRECTOR)
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(User.objects.get(email=AGENT))
        with transaction.atomic():
            since = {"valid_from": day, "value": "60"}
            set_rule(actor=director, site=site, name="visits_per_day", **since)
            planned = plan_missions(actor=director, site=site, day=day, anew=True)
            answer = client.get("/api/sync/pull", headers={"Accept-Encoding": "gzip"})
            transaction.set_rollback(True)
        size = len(answer.content) / 1000
        return Line(
            f"pull of a mission, {planned.tenants} tenants",
            f"{size:.0f} kB compressed",
            target="under 100 kB",
            good=size < 100,
        )

    def live(self) -> Iterator[Line]:
        """A thousand pages that listen, and how soon the last of them hears."""
        ticket = signing.dumps([live.ROOM], salt=rooms.SALT)
        with (
            web.serving(web.live(), settings.LIVE_PORT, "/ws/live") as server,
            live.listening(1000, settings.LIVE_PORT, ticket) as streams,
        ):
            begun = time.perf_counter()
            tell_now(live.ROOM, "payment", {"id": 1})
            for stream in streams:
                stream.recv(200)
            took = time.perf_counter() - begun
            most = web.peak(server.pid)
        yield Line(
            f"live: {len(streams):,} connections",
            f"{most:.0f} MB, the last hears in {took:.1f} s",
            target="200 MB",
            good=most < 200,
        )

    def memory(self) -> Iterator[Line]:
        most = max(web.peaks(self.server), default=0)
        yield Line(
            "peak memory of a web process", f"{most:.0f} MB", target="150 MB", good=most < 150
        )


def tenants_file(rows: int) -> bytes:
    """Return a CSV of invented tenants as another agency would send it."""
    written = io.StringIO()
    written.write("Code;Nom et prénom;Téléphone;Email;Agence;Profession\n")
    for number in range(rows):
        phone = f"62{number // 10_000}00{number % 10_000:04d}"
        written.write(f"BENCH-{number:05d};Essai {number} Mesure;{phone};;GN_CONAKRY;commerçant\n")
    return written.getvalue().encode()
