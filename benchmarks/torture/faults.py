"""The faults, each written once: what is broken, at which random moment, and what else is asked for meanwhile."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random
from signal import SIGKILL, SIGQUIT

import psutil
from celery import Celery

from benchmarks.torture.load import Load
from benchmarks.torture.world import World

Noted = dict[str, float]
BEATS = 2
TICKS_PROMISED = 2
TICKS_OF_SLACK = 3
RUNNING = "SELECT count(*) FROM foundation_job WHERE kind = 'torture.count' AND state = 'running'"
HELD_BY = """
    SELECT e.pid FROM torture_effect e JOIN foundation_job j ON j.subject = e.order_id
    WHERE e.order_id = %s AND j.kind = 'torture.count' AND j.state = 'running' AND e.token = j.token LIMIT 1"""


@dataclass(frozen=True)
class Fault:
    """`strike` breaks things and mends them; what must hold afterwards is the oracle's."""

    name: str
    title: str
    checked: str
    strike: Callable[[World, Load, Random], Noted]


# -- F1 -------------------------------------------------------------------------------------------------------------


def kill_workers(world: World, load: Load, chance: Random) -> Noted:
    """Kill a worker, a process of its pool, or all of it, three times while there is work."""
    for _ in range(8):
        load.order(units=8, pause_ms=100, within_ms=20)
    for number in range(3):
        if number == 1:  # a print gives up after three attempts, rightly: two kills can reach it
            load.ask_for_a_print()
        time.sleep(chance.uniform(0.1, 1.2))
        if world.query(RUNNING)[0][0] == 0:
            load.order(units=8, pause_ms=100, within_ms=20)
            world.until(lambda: world.query(RUNNING)[0][0], "a job to be taken")
        _kill_some_of(world, chance.choice(["worker-1", "worker-2"]), chance)
    return {"kills": 3}


def _kill_some_of(world: World, name: str, chance: Random) -> None:
    world.keep()
    parent = world.process(name)
    how = chance.choice(["parent", "child", "group"])
    children = parent.children()
    if how == "group":
        world.kill_processes(name)
    elif how == "child" and children:
        chance.choice(children).kill()
    else:
        parent.kill()


# -- F2 -------------------------------------------------------------------------------------------------------------


def lose_the_broker(world: World, load: Load, chance: Random) -> Noted:
    """Kill Valkey during work and before bells, freeze it, and empty it."""
    for _ in range(3):
        load.order(units=4, pause_ms=100)
    time.sleep(chance.uniform(0, 0.5))
    waiting: list[int] = []
    with world.without("valkey", SIGKILL):
        for _ in range(3):
            load.promptly(lambda: waiting.extend(load.order(units=1, pause_ms=10)))
        load.promptly(load.ask_for_a_print)
        time.sleep(chance.uniform(0, 2))
    ticks = _ticks_until_taken(world, waiting)
    with world.frozen(world.server("valkey")):
        load.promptly(lambda: load.order(times=8, units=1, pause_ms=10))
        load.promptly(load.ask_for_a_print)
        time.sleep(chance.uniform(0, 1))
    emptied = load.order(times=12, units=2, pause_ms=150)  # more than the workers take at once
    _empty(world)
    ticks = max(ticks, _ticks_until_taken(world, emptied))
    assert ticks <= BEATS * (TICKS_PROMISED + TICKS_OF_SLACK), f"what waited was taken after {ticks} runs of the tick"
    return {"runs of the tick until all was taken": ticks}


def _ticks_until_taken(world: World, orders: list[int]) -> int:
    now = world.query("SELECT clock_timestamp()")[0][0]
    left = "SELECT count(*) FROM foundation_job WHERE kind = 'torture.count' AND subject = ANY(%s) AND token = 0"
    world.until(lambda: world.query(left, orders)[0][0] == 0, "the jobs to be taken once the broker was back")
    taken = "SELECT max(started_at) FROM foundation_job WHERE kind = 'torture.count' AND subject = ANY(%s)"
    until = world.query(taken, orders)[0][0]
    return int(world.query("SELECT count(*) FROM torture_tick WHERE at BETWEEN %s AND %s", now, until)[0][0])


def _empty(world: World) -> None:
    with _bell(world) as app, app.connection_for_write() as connection:
        connection.default_channel.client.flushall()


def _bell(world: World) -> Celery:
    return Celery("torture", broker=world.endpoints.broker_url, set_as_current=False)


# -- F3 -------------------------------------------------------------------------------------------------------------

WHILE_AWAY = {200, 503}


def restart_the_database(world: World, load: Load, chance: Random) -> Noted:
    """Restart PostgreSQL without ceremony, in the middle of a request and of jobs."""
    load.ask_for_a_print()
    for _ in range(4):
        load.order(units=14, pause_ms=100, within_ms=50)
    before = len(load.statuses)
    slow = threading.Thread(target=load.order, kwargs={"units": 2, "linger_ms": 1000})
    slow.start()
    time.sleep(chance.uniform(0.1, 0.9))
    with world.without("postgres", SIGQUIT):
        for _ in range(3):
            load.order(units=1)
        time.sleep(chance.uniform(0, 1.5))
    slow.join()
    away = load.statuses[before:]
    assert set(away) <= WHILE_AWAY, f"the web answered {away} while the database was away"
    after = len(load.statuses)
    for _ in range(6):
        load.order(units=1)
    assert load.statuses[after:] == [200] * 6, f"the web answered {load.statuses[after:]} once the database was back"
    return {"requests refused": sum(status >= 500 for status in away)}


# -- F5 -------------------------------------------------------------------------------------------------------------


def double_and_freeze(world: World, load: Load, chance: Random) -> Noted:
    """Ring ten times for each job, and freeze the worker of three others for longer than its lease."""
    edition = load.ask_for_a_print()
    for _ in range(3):
        load.ask_for_the_print_of(edition)
    doubled = load.order(times=2, units=4, pause_ms=100)
    rung = "SELECT id FROM foundation_job WHERE kind = 'torture.count' AND subject = ANY(%s)"
    with _bell(world) as app:
        for (job,) in world.query(rung, doubled):
            for _ in range(10):
                app.send_task("jobs.run", (job,), ignore_result=True)
    told = _lost_leases(world)
    frozen = [*load.order(units=8, pause_ms=400), *load.order(units=8, pause_ms=0, within_ms=400)]
    wait_for_the_end = chance.choice([True, False])
    with ExitStack() as until_taken_over:
        for order in frozen:  # the first between two writes, the second within one
            world.until(lambda order=order: world.query(HELD_BY, order), "a worker to begin")
            until_taken_over.enter_context(world.frozen(psutil.Process(world.query(HELD_BY, order)[0][0])))
        world.until(lambda: _taken_over(world, frozen) == len(frozen), "others to take the frozen jobs over")
        if wait_for_the_end:
            world.until(lambda: _taken_over(world, frozen, ended=True) == len(frozen), "the others to finish")
    world.until(
        lambda: _lost_leases(world) >= told + len(frozen), "the frozen workers to see that they lost their jobs"
    )
    return {"holders frozen": len(frozen)}


def _taken_over(world: World, orders: list[int], *, ended: bool = False) -> int:
    states = ["done"] if ended else ["running", "done"]
    found = "SELECT count(*) FROM foundation_job WHERE kind = 'torture.count' AND subject = ANY(%s) AND token > 1"
    return int(world.query(f"{found} AND state = ANY(%s)", orders, states)[0][0])


def _lost_leases(world: World) -> int:
    return sum(world.log(f"worker-{n}").read_text(errors="replace").count("went on elsewhere") for n in (1, 2))


# -- F8 -------------------------------------------------------------------------------------------------------------


def cut_the_power(world: World, load: Load, chance: Random) -> Noted:
    """Kill everything at once while three people order work, and start it again."""
    over = threading.Event()

    def order_and_order() -> None:
        while not over.is_set() and load.order(units=3, pause_ms=30, linger_ms=20):
            pass

    people = [threading.Thread(target=order_and_order) for _ in range(3)]
    load.ask_for_a_print()
    for person in people:
        person.start()
    time.sleep(chance.uniform(0.5, 2.5))
    world.kill_everything()
    over.set()
    for person in people:
        person.join()
    acknowledged = len(load.acknowledged)
    world.see_to_the_servers()
    return {"acknowledged before the cut": acknowledged}


FAULTS = (
    Fault(
        "F1",
        "workers killed (parent, pool process or both; three times a round)",
        "every unit once, every job done once, no stale write",
        kill_workers,
    ),
    Fault(
        "F2",
        "Valkey killed, frozen, emptied",
        "the web answers within 2 s; what waited is taken within the promised ticks",
        lose_the_broker,
    ),
    Fault(
        "F3",
        "PostgreSQL restarted in the middle of requests and jobs",
        "no half transaction; 503 meanwhile, 200 at once afterwards",
        restart_the_database,
    ),
    Fault(
        "F5",
        "bells rung ten times, two beats, workers frozen beyond their lease",
        "the late write of the frozen worker is refused, and its log says so",
        double_and_freeze,
    ),
    Fault(
        "F8",
        "everything killed at once under load",
        "every acknowledged row is there, every job is done",
        cut_the_power,
    ),
)
