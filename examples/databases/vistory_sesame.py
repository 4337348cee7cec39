"""Vistory, portal Sesame: users with their subscriptions, connections, orders and invoices.

All that was collected goes when the subscription has ended, but for what the books must keep: orders ten years as
accounting documents, invoices too.
"""

import random
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from examples.databases.building import Built, BusinessDatabase
from examples.databases.days import Placing, fiscal_year_is_over, limit, moment
from examples.databases.expected import Expected, Tally
from examples.databases.people import address_of_machine, person

SLUG = "vistory-sesame"
USERS = "utilisateurs · fin d’abonnement"
METADATA = sa.MetaData()

sa.Table(
    "utilisateurs",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("numero_compte", sa.String(20), nullable=False, unique=True),
    sa.Column("prenom", sa.String(60), nullable=False),
    sa.Column("nom", sa.String(80), nullable=False),
    sa.Column("courriel", sa.String(254), nullable=False, unique=True),
    sa.Column("mot_de_passe", sa.String(100), nullable=False),
    sa.Column("age", sa.SmallInteger),
    sa.Column("entreprise", sa.String(120)),
    sa.Column("adresse_entreprise", sa.String(200)),
    sa.Column("code_postal", sa.String(5)),
    sa.Column("ville", sa.String(80)),
    sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
    sa.Column("fin_abonnement_le", sa.Date, index=True),
    sa.CheckConstraint("age IS NULL OR age >= 15", name="utilisateurs_age_minimum"),
)
sa.Table(
    "abonnements",
    METADATA,
    sa.Column("utilisateur_id", sa.ForeignKey("utilisateurs.id"), primary_key=True),
    sa.Column("rang", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("formule", sa.String(30), nullable=False),
    sa.Column("debut_le", sa.Date, nullable=False),
    sa.Column("fin_le", sa.Date),
)
sa.Table(
    "connexions",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("utilisateur_id", sa.ForeignKey("utilisateurs.id"), nullable=False),
    sa.Column("adresse_ip", sa.String(45), nullable=False),
    sa.Column("le", sa.DateTime(timezone=True), nullable=False),
    sa.Index("connexions_par_utilisateur", "utilisateur_id"),
)
sa.Table(
    "commandes",
    METADATA,
    sa.Column("numero", sa.String(20), primary_key=True),
    sa.Column("utilisateur_id", sa.ForeignKey("utilisateurs.id"), nullable=False, index=True),
    sa.Column("passee_le", sa.Date, nullable=False),
    sa.Column("livre_a", sa.String(200), nullable=False),
    sa.Column("quantite", sa.Integer, nullable=False),
)
sa.Table(
    "factures",
    METADATA,
    sa.Column("numero", sa.String(20), primary_key=True),
    sa.Column("utilisateur_id", sa.ForeignKey("utilisateurs.id"), nullable=False, index=True),
    sa.Column("commande", sa.String(20), nullable=False),
    sa.Column("facture_a", sa.String(200), nullable=False),
    sa.Column("emise_le", sa.Date),
    sa.Column("montant", sa.Numeric(10, 2), nullable=False),
)


def build(*, scale: int, seed: int, as_of: date) -> Built:
    """Make the rows and count what should become of them."""
    chance = random.Random(f"{SLUG}-{seed}")  # noqa: S311 made-up people, not secrets
    rows: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in METADATA.sorted_tables}
    subscription = Placing(limit(as_of=as_of), chance)
    tally = Tally()
    for number in range(1, scale + subscription.edge_count + 1):
        ended_on = subscription.day()
        began_on = subscription.between(as_of.replace(year=as_of.year - 14, day=1), (ended_on or as_of) - timedelta(1))
        began_on = min(began_on, as_of)
        rows["utilisateurs"].append(_user(number, began_on, ended_on, chance))
        rows["abonnements"].append((number, 1, chance.choice(("Essentiel", "Atelier", "Usine")), began_on, ended_on))
        visits = chance.randrange(3)
        first = len(rows["connexions"])
        for index in range(visits):
            day = subscription.between(began_on, min(ended_on or as_of, as_of))
            rows["connexions"].append((first + index + 1, number, address_of_machine(chance), moment(day, chance)))
        documents = [_document_day(began_on, as_of, chance) for _ in range(chance.randrange(4))]
        for index, dated_on in enumerate(documents):
            _papers(rows, number, index, dated_on, as_of, chance)
        _count(tally, ended_on, documents, visits, as_of)
    tables = {name: len(found) for name, found in rows.items()}
    return Built(rows, Expected(as_of, {USERS: tally.expected()}, tables))


def _user(number: int, began_on: date, ended_on: date | None, chance: random.Random) -> tuple[Any, ...]:
    who = person(number, chance)
    where = (who.firm, who.street, who.postcode, who.town) if number % 9 else (None, None, None, None)
    age = chance.randrange(15, 80) if number % 3 else None
    secret = f"argon2id${chance.getrandbits(64):016x}"
    name = (f"SES-{number:08}", who.first_name, who.last_name, who.email)
    return (number, *name, secret, age, *where, moment(began_on, chance), ended_on)


def _document_day(began_on: date, as_of: date, chance: random.Random) -> date | None:
    """A day between beginning and today, often at the turn of the fiscal year that decides; rarely none."""
    turn = as_of.year - 11
    days: tuple[date | None, ...] = (
        date(turn, 12, 31),
        date(turn + 1, 1, 1),
        date(turn, 1, 1),
        None,
        began_on,
        began_on,
        as_of,
    )
    drawn = chance.choice(days)
    return drawn if drawn is None or drawn >= began_on else began_on


def _papers(
    rows: dict[str, list[tuple[Any, ...]]], user: int, index: int, day: date | None, as_of: date, chance: random.Random
) -> None:
    mark = f"{user:07}-{index}"
    to = f"Service achats, {chance.randrange(1, 90)} rue du Port"
    rows["commandes"].append((f"C{mark}", user, day or as_of, to, chance.randrange(1, 9)))
    rows["factures"].append((f"F{mark}", user, f"C{mark}", to, day, round(chance.uniform(20, 900), 2)))


def _count(tally: Tally, ended_on: date | None, documents: list[date | None], visits: int, as_of: date) -> None:
    """An undated invoice is kept, and an order bears today's day where its invoice has none."""
    is_over = ended_on is not None and ended_on < as_of
    free = sum(day is not None and fiscal_year_is_over(day, as_of=as_of) for day in documents)
    kept = len(documents) - free
    if tally.row(is_over=is_over, has_event=ended_on is not None, stays=kept > 0, first_on=ended_on):
        tally.child("abonnements", erased=1)
        tally.child("connexions", erased=visits)
        tally.child("commandes", erased=free)
        tally.child("factures", erased=free)
        tally.law("accounting_document", kept)
        tally.law("invoice", kept)


DATABASE = BusinessDatabase(SLUG, METADATA, build)
