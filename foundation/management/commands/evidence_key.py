from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Max, Min
from django.utils import timezone

from foundation.errors import RuleViolation
from foundation.evidence import keys, sealing, verifier
from foundation.evidence.models import Checkpoint


class Command(BaseCommand):
    """Print the public keys of the ledger for auditors to keep; make a key; hand the ledger over to another one."""

    help = "Print the public keys that seal evidence, make a new key, or change keys."

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--make", type=Path, metavar="FILE", help="make a private key in a new file")
        group.add_argument(
            "--hand-over", type=Path, metavar="FILE", help="have the present key announce the one in this file"
        )
        group.add_argument(
            "--after-loss", type=Path, metavar="FILE", help="go on with the key in this file; the present one is lost"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["make"]:
            self._make(options["make"])
        elif options["hand_over"] or options["after_loss"]:
            self._change(options["hand_over"] or options["after_loss"], old_is_lost=bool(options["after_loss"]))
        else:
            self._print()

    def _make(self, path: Path) -> None:
        if path.exists():
            raise CommandError(f"{path} exists already: a key is never overwritten.")
        keys.make(path)
        self.stdout.write(f"{path} holds a new private key. Public key: {keys.public(keys.read(path))}")

    def _change(self, path: Path, *, old_is_lost: bool) -> None:
        try:
            checkpoint = sealing.hand_over(timezone.now(), keys.read(path), old_is_lost=old_is_lost)
        except RuleViolation as refusal:
            raise CommandError(str(refusal.detail)) from refusal
        self.stdout.write(
            f"Checkpoint {checkpoint.number} announces the key {verifier.key_id(checkpoint.next_key)}: give {path} to "
            f"the worker as GREFFIER_SIGNING_KEY_FILE, and the public key to the auditors: {checkpoint.next_key}"
        )

    def _print(self) -> None:
        used = Checkpoint.objects.values("key").annotate(first=Min("number"), last=Max("number")).order_by("first")
        for row in used:
            self.stdout.write(f"{row['key']}  checkpoints {row['first']} to {row['last']}")
        expected = sealing.expected_key(sealing.newest())
        if expected and expected not in {row["key"] for row in used}:
            self.stdout.write(f"{expected}  from the next checkpoint on")
        if not used:
            self.stdout.write("Nothing was sealed yet.")
