"""What must hold after every fault, whatever was killed: read from the rows, never from what the processes say."""

from collections.abc import Collection

from benchmarks.torture.world import World

BREACHES = {
    "an order without its job, or a job without its order (half a transaction)": """
        SELECT o.id, j.id FROM torture_order o
        FULL JOIN (SELECT * FROM foundation_job WHERE kind = 'torture.count') j ON j.subject = o.id
        WHERE o.id IS NULL OR j.id IS NULL""",
    # but the next sealing, which each tick may ask for
    "a job that is not done": """
        SELECT id, kind, state, error FROM foundation_job
        WHERE state <> 'done' AND NOT (kind = 'evidence.seal' AND state IN ('asked', 'running'))""",
    "a unit that was not done exactly once": """
        SELECT o.id, u.unit, count(e.id) FROM torture_order o
        CROSS JOIN LATERAL generate_series(0, o.units - 1) AS u(unit)
        LEFT JOIN torture_effect e ON e.order_id = o.id AND e.unit = u.unit
        GROUP BY o.id, u.unit HAVING count(e.id) <> 1""",
    "a write with a stale token": """
        SELECT order_id, id, token FROM (
            SELECT *, max(token) OVER (PARTITION BY order_id ORDER BY id) AS newest FROM torture_effect) e
        WHERE token < newest""",
    "an order that was not ended exactly once, by the last token": """
        SELECT o.id, count(e.id) FROM torture_order o JOIN foundation_job j ON j.subject = o.id
        LEFT JOIN torture_ending e ON e.order_id = o.id
        WHERE j.kind = 'torture.count'
        GROUP BY o.id, j.token HAVING count(e.id) <> 1 OR max(e.token) <> j.token""",
    "a gap or a double among the seals of the evidence": """
        SELECT count(*), max(position), count(DISTINCT event_id) FROM foundation_leaf
        HAVING max(position) <> count(*) OR count(DISTINCT event_id) <> count(*)""",
    "evidence that nobody will seal": """
        SELECT count(*), min(e.id) FROM foundation_event e LEFT JOIN foundation_leaf l ON l.event_id = e.id
        WHERE l.event_id IS NULL AND e.occurred_at < clock_timestamp() - interval '30 seconds'
        AND NOT EXISTS (SELECT FROM foundation_job WHERE kind = 'evidence.seal' AND state IN ('asked', 'running'))
        HAVING count(*) > 0""",
    "a document that was not printed exactly once, with one piece of evidence": """
        SELECT p.edition_id, count(DISTINCT p.id), count(e.id) FROM documents_print p
        LEFT JOIN foundation_event e ON e.verb = 'document_printed' AND e.subject_id = p.id
        GROUP BY p.edition_id
        HAVING count(DISTINCT p.id) <> 1 OR count(e.id) <> 1 OR bool_or(p.sha256 = '')""",
}


def wait_for_the_end(world: World) -> None:
    """Wait until no job is open."""
    still = "SELECT count(*) FROM foundation_job WHERE state IN ('asked', 'running', 'paused')"
    world.until(lambda: world.query(still)[0][0] == 0, "the jobs to be done")


def hold(world: World, acknowledged: Collection[int]) -> None:
    """Raise `AssertionError` with every breach that the rows show."""
    kept = {row[0] for row in world.query("SELECT id FROM torture_order")}
    found = {"an order that was acknowledged and is gone": sorted(set(acknowledged) - kept)}
    found |= {name: world.query(statement) for name, statement in BREACHES.items()}
    breaches = [f"{name}: {rows[:5]}" for name, rows in found.items() if rows]
    assert not breaches, "\n".join(breaches)


def taken_again(world: World, orders: Collection[int]) -> int:
    """Return how many of these orders needed more than one worker: the fault bit."""
    jobs = "SELECT count(*) FROM foundation_job WHERE kind = 'torture.count' AND token > 1 AND subject = ANY(%s)"
    return int(world.query(jobs, list(orders))[0][0])
