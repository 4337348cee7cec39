"""The targets that a command speaks of."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError, CommandParser

from foundation.models import Register
from retention.exclusions import UNSEEN
from retention.models import Target
from retention.previewing import EXCEPTIONS


def add_choice(parser: CommandParser) -> None:
    """Let a command be given a register, or a target of it."""
    parser.add_argument("register", nargs="?", help="short name of the register; without it, every register")
    parser.add_argument("--target", help="name of one target; without it, every target")


def chosen(options: dict[str, Any]) -> list[Target]:
    """Return the targets that the options name, by register, rule and name."""
    targets = Target.objects.with_mapping().order_by("register__slug", "rule__position", "rule__pk", "name")
    if options["register"]:
        register = Register.objects.filter(slug=options["register"]).first()
        if register is None:
            raise CommandError(f"No register is called “{options['register']}”.")
        targets = targets.filter(register=register)
    if options["target"]:
        targets = targets.filter(name=options["target"])
    found = list(targets)
    if not found:
        raise CommandError("No target is bound there: map a rule to a table first.")
    return found


def heading(target: Target) -> str:
    """Return register, rule, target and table in one line."""
    table = f"{target.schema}.{target.table}" if target.schema else target.table
    return f"{target.register.slug} · {target.rule.ref} · {target.name} ({target.source.name}: {table}, {target.step})"


def numbers(counts: dict[str, Any]) -> Iterable[str]:
    """Yield what counts say, a line each; nothing of a person."""
    yield f"due {counts['due']} of {counts['rows']} rows: {counts['erased']} erased, {counts['treated']} treated"
    for table, (erased, treated) in sorted(counts["children"].items()):
        yield f"with them, {table}: {erased} erased, {treated} treated"
    for what, kept in (("by law", counts["kept_by_law"]), ("by other rules", counts["kept_by_rules"])):
        yield from (f"kept {what}, {name}: {rows}" for name, rows in sorted(kept.items()) if rows)
    if counts["held"]:
        yield f"held: {counts['held']}"
    if counts.get(UNSEEN):
        yield f"held for people whom this table cannot tell, look yourself: {', '.join(counts[UNSEEN])}"
    yield from (f"may be kept longer, see that it is held: {case}" for case in counts.get(EXCEPTIONS, ()))
    if counts["without_events"]:
        yield f"without any of the rule's events: {counts['without_events']}"
    if counts["oldest_on"]:
        yield f"oldest event: {counts['oldest_on']}"
