"""SISTEC: software hosted for local authorities (as their processor), backups, support, contacts of its own site.

A hosting that has ended is handed back first, then destroyed; what its controller asks to erase goes at once.
"""

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from examples.databases.building import Built, BusinessDatabase
from examples.databases.days import Placing, limit, moment
from examples.databases.expected import Expected, Tally
from examples.databases.people import TOWNS, person

SLUG = "sistec"
HOSTING = "hebergements · fin de prestation"
CITIZENS = "administres · demande du responsable"
METADATA = sa.MetaData()

sa.Table(
    "hebergements",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("collectivite", sa.String(120), nullable=False),
    sa.Column("siret", sa.String(14), nullable=False, unique=True),
    sa.Column("plateforme", sa.String(10), nullable=False),
    sa.Column("referent", sa.String(120), nullable=False),
    sa.Column("referent_courriel", sa.String(254), nullable=False),
    sa.Column("fin_service_le", sa.Date, index=True),
    sa.Column("restitue_le", sa.Date),
)
sa.Table(
    "agents",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hebergement_id", sa.ForeignKey("hebergements.id"), nullable=False, index=True),
    sa.Column("prenom", sa.String(60), nullable=False),
    sa.Column("nom", sa.String(80), nullable=False),
    sa.Column("courriel", sa.String(254), nullable=False, unique=True),
    sa.Column("service", sa.String(60), nullable=False),
)
sa.Table(
    "administres",
    METADATA,
    sa.Column("hebergement_id", sa.ForeignKey("hebergements.id"), primary_key=True),
    sa.Column("numero", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("prenom", sa.String(60), nullable=False),
    sa.Column("nom", sa.String(80), nullable=False),
    sa.Column("ne_le", sa.Date),
    sa.Column("adresse", sa.String(200)),
    sa.Column("telephone", sa.String(20)),
    sa.Column("effacement_demande_le", sa.DateTime(timezone=True)),
    sa.Index("administres_a_effacer", "effacement_demande_le"),
)
sa.Table(
    "sauvegardes",
    METADATA,
    sa.Column("plateforme", sa.String(10), primary_key=True),
    sa.Column("jeu", sa.String(40), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("faite_le", sa.DateTime(timezone=True), nullable=False),
    sa.Column("empreinte", sa.String(64), nullable=False),
    sa.Column("apercu", sa.LargeBinary),
    sa.Column("complete", sa.Boolean, nullable=False),
)
sa.Table(
    "tickets",
    METADATA,
    sa.Column("numero", sa.String(20), primary_key=True),
    sa.Column("hebergement_id", sa.Uuid),  # no foreign key: the tool for support is another one
    sa.Column("demandeur", sa.String(120), nullable=False),
    sa.Column("courriel", sa.String(254), nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("ouvert_le", sa.DateTime(timezone=True), nullable=False),
    sa.Column("clos_le", sa.DateTime(timezone=True)),
)
sa.Table(
    "contacts_site",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("nom", sa.String(120), nullable=False),
    sa.Column("courriel", sa.String(254), nullable=False),
    sa.Column("objet", sa.String(40), nullable=False),
    sa.Column("ecrit_le", sa.DateTime, nullable=False),
    sa.UniqueConstraint("courriel", "ecrit_le", name="contacts_site_une_fois"),
)


def build(*, scale: int, seed: int, as_of: date) -> Built:
    """Make the rows and count what should become of them."""
    chance = random.Random(f"{SLUG}-{seed}")  # noqa: S311 made-up people, not secrets
    rows: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in METADATA.sorted_tables}
    ended, asked = Placing(limit(as_of=as_of), chance), Placing(limit(as_of=as_of), chance)
    hosting, citizens = Tally(), Tally()
    hostings = max(ended.edge_count, scale // 10)
    for number in range(1, hostings + 1):
        key, ended_on = UUID(int=chance.getrandbits(128), version=4), ended.day()
        is_over = ended_on is not None and ended_on < as_of
        returned_on = as_of if is_over and number % 3 else None
        rows["hebergements"].append(_hosting(key, number, ended_on, returned_on, chance))
        agents = chance.randrange(1, 4)
        for _ in range(agents):
            rows["agents"].append(_agent(len(rows["agents"]) + 1, key, chance))
        people = scale // hostings + chance.randrange(1, 4)
        for rank in range(1, people + 1):
            # who goes with a returned hosting never asked: either rule may run first
            asked_on = asked.day() if returned_on is None else None
            rows["administres"].append(_citizen(key, rank, asked_on, chance))
        if hosting.row(is_over=returned_on is not None, has_event=ended_on is not None, first_on=ended_on):
            hosting.child("agents", erased=agents)
            hosting.child("administres", erased=people)
    for row in rows["administres"]:
        asked_at = row[-1]
        is_asked = asked_at is not None and asked_at.date() < as_of
        citizens.row(is_over=is_asked, has_event=asked_at is not None, first_on=asked_at and asked_at.date())
    _others(rows, scale, as_of, chance)
    targets = {HOSTING: hosting.expected(), CITIZENS: citizens.expected()}
    return Built(rows, Expected(as_of, targets, {name: len(found) for name, found in rows.items()}))


def _hosting(
    key: UUID, number: int, ended_on: date | None, returned_on: date | None, chance: random.Random
) -> tuple[Any, ...]:
    who = person(number, chance)
    place = f"Commune de {chance.choice(TOWNS)[1]} {number}"
    name = f"{who.first_name} {who.last_name}"
    platform = "OLS" if number % 4 == 0 else "standard"
    return (key, place, f"{number:09}00017", platform, name, f"referent.{number}@mairie.example", ended_on, returned_on)


def _agent(number: int, hosting: UUID, chance: random.Random) -> tuple[Any, ...]:
    who = person(number, chance)
    service = chance.choice(("État civil", "Comptabilité", "Élections"))
    return (number, hosting, who.first_name, who.last_name, f"agent.{number}@mairie.example", service)


def _citizen(hosting: UUID, rank: int, asked_on: date | None, chance: random.Random) -> tuple[Any, ...]:
    who = person(rank, chance)
    born_on = date(chance.randrange(1930, 2008), chance.randrange(1, 13), 28 if rank % 2 else 1) if rank % 5 else None
    asked_at = moment(asked_on, chance) if asked_on else None
    return (hosting, rank, who.first_name, who.last_name, born_on, who.street, who.landline, asked_at)


def _others(rows: dict[str, list[tuple[Any, ...]]], scale: int, as_of: date, chance: random.Random) -> None:
    """Backups by days and by versions, support, and the site: no rule of the policy gives them a date of its own."""
    for platform, days in (("standard", 9), ("OLS", 16)):
        for version in range(1, days + 1):
            made_at = moment(as_of - timedelta(days=days - version), chance)
            digest = f"{chance.getrandbits(256):064x}"
            rows["sauvegardes"].append((platform, "complet", version, made_at, digest, b"", version % 7 == 1))
    for number in range(1, scale // 5 + 1):
        who, opened_on = person(number, chance), as_of - timedelta(days=chance.randrange(2000))
        name = f"{who.first_name} {who.last_name}"
        closed_at = moment(opened_on, chance) if number % 6 else None
        rows["tickets"].append(
            (f"T-{number:06}", None, name, who.email, "Ne s’ouvre plus.", moment(opened_on, chance), closed_at)
        )
        written_at = moment(opened_on, chance).replace(tzinfo=None)
        rows["contacts_site"].append((number, name, who.email, chance.choice(("newsletter", "devis")), written_at))


DATABASE = BusinessDatabase(SLUG, METADATA, build)
