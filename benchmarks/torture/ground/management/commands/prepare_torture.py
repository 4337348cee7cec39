"""Migrate, load the example and open a session: what the torture begins with, in one process."""

import json
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import BaseCommand, call_command

from editions.load import load
from editions.reading import read
from foundation.models import Membership, User
from foundation.permissions import Role

EXAMPLE = Path(settings.BASE_DIR) / "examples" / "vistory-sesame.yaml"


class Command(BaseCommand):
    def handle(self, **_: object) -> None:
        call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
        register = load(read(EXAMPLE.read_text(encoding="utf-8")))
        user = User.objects.create_user("dpo@torture.example")
        Membership.objects.create(user=user, register=register, role=Role.DPO)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        self.stdout.write(json.dumps({"session": session.session_key}))
