"""U.R.B.S., site IMOPE: prospects, active and inactive clients in one table, their contacts in and out, disputes.

What a person writes re-arms the three years of a prospect; what U.R.B.S. sends does not. An open dispute keeps all.
"""

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from examples.databases.building import Built, BusinessDatabase
from examples.databases.days import Limit, Placing, limit, moment
from examples.databases.expected import Expected, Hold, Tally
from examples.databases.people import address_of_machine, person

SLUG = "urbs-imope"
PROSPECTS = "utilisateurs · prospects"
ACTIVE = "utilisateurs · clients actifs"
INACTIVE = "utilisateurs · clients inactifs"
COOKIES = "depots_cookies · treize mois"
METADATA = sa.MetaData()

sa.Table(
    "utilisateurs",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("etat", sa.String(20), nullable=False),
    sa.Column("acces", sa.String(20), nullable=False),
    sa.Column("prenom", sa.String(60)),
    sa.Column("nom", sa.String(80), nullable=False),
    sa.Column("courriel", sa.String(254), nullable=False, unique=True),
    sa.Column("telephone", sa.String(20)),
    sa.Column("structure", sa.String(120)),
    sa.Column("identifiant", sa.String(60), unique=True),
    sa.Column("mot_de_passe", sa.String(100)),
    sa.Column("collecte_le", sa.DateTime(timezone=True)),
    sa.Column("dernier_contact_entrant_le", sa.DateTime(timezone=True)),
    sa.Column("desinscrit_le", sa.Date),
    sa.Column("contrat_fini_le", sa.Date),
    sa.CheckConstraint("etat IN ('prospect', 'client_actif', 'client_inactif')", name="utilisateurs_etat_connu"),
    sa.Index("utilisateurs_par_etat", "etat", "dernier_contact_entrant_le"),
)
sa.Table(
    "contacts",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("utilisateur_id", sa.ForeignKey("utilisateurs.id"), nullable=False, index=True),
    sa.Column("sens", sa.String(8), nullable=False),
    sa.Column("objet", sa.String(120)),
    sa.Column("le", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("sens IN ('entrant', 'sortant')", name="contacts_sens_connu"),
)
sa.Table(
    "inscriptions",
    METADATA,
    sa.Column("utilisateur_id", sa.ForeignKey("utilisateurs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("lettre", sa.String(30), primary_key=True),
    sa.Column("inscrit_le", sa.Date, nullable=False),
)
sa.Table(
    "interactions",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("utilisateur_id", sa.ForeignKey("utilisateurs.id"), nullable=False, index=True),
    sa.Column("contenu", sa.String(120), nullable=False),
    sa.Column("duree_secondes", sa.Integer, nullable=False),
    sa.Column("le", sa.DateTime(timezone=True), nullable=False),
)
sa.Table(
    "litiges",
    METADATA,
    sa.Column("numero", sa.String(20), primary_key=True),
    sa.Column("utilisateur_id", sa.ForeignKey("utilisateurs.id"), nullable=False, index=True),
    sa.Column("motif", sa.String(200), nullable=False),
    sa.Column("ouvert_le", sa.Date, nullable=False),
    sa.Column("resolu_le", sa.Date),
)
sa.Table(
    "factures",
    METADATA,
    sa.Column("numero", sa.String(20), primary_key=True),
    sa.Column("utilisateur_id", sa.ForeignKey("utilisateurs.id"), nullable=False, index=True),
    sa.Column("facture_a", sa.String(200), nullable=False),
    sa.Column("emise_le", sa.Date, nullable=False),
    sa.Column("montant", sa.Numeric(10, 2), nullable=False),
)
sa.Table(
    "depots_cookies",
    METADATA,
    sa.Column("visiteur", sa.String(32), primary_key=True),
    sa.Column("cookie", sa.String(40), primary_key=True),
    sa.Column("adresse_ip", sa.String(45), nullable=False),
    sa.Column("url", sa.String(200)),
    sa.Column("depose_le", sa.DateTime(timezone=True), index=True),
)
STATES = ("prospect", "client_actif", "client_inactif")


def build(*, scale: int, seed: int, as_of: date) -> Built:
    """Make the rows and count what should become of them."""
    chance = random.Random(f"{SLUG}-{seed}")  # noqa: S311 made-up people, not secrets
    rows: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in METADATA.sorted_tables}
    tallies = {name: Tally() for name in (PROSPECTS, ACTIVE, INACTIVE, COOKIES)}
    limits = {
        "prospect": limit(as_of=as_of, months=36),
        "client_actif": limit(as_of=as_of),
        "client_inactif": limit(as_of=as_of, months=36, at_most=True),
    }
    days = {state: (Placing(found, chance), Placing(found, chance)) for state, found in limits.items()}
    holds: list[Hold] = []
    for number in range(1, scale + 3 * days["prospect"][0].edge_count + 1):
        state = STATES[number % 3]
        base, contact = (placing.day() for placing in days[state])
        if number % 2:  # pairs of edges would hide each other: every other person has one event only
            contact = None if number % 4 == 1 else contact
            base = None if number % 4 == 3 else base
        user = _User(number, UUID(int=chance.getrandbits(128), version=4), state, base, contact, as_of)
        user.write(rows, chance)
        holds += user.holds(number % 11 == 0)
        _count(tallies, user, limits[state], is_held=number % 11 == 0)
    _cookies(rows, tallies[COOKIES], scale, as_of, chance)
    targets = {name: tally.expected() for name, tally in tallies.items()}
    tables = {name: len(found) for name, found in rows.items()}
    return Built(rows, Expected(as_of, targets, tables, tuple(holds)))


class _User:
    """One person: `base` is the event of the state (collection, end of the contract, unsubscription)."""

    def __init__(
        self, number: int, key: UUID, state: str, base: date | None, contact: date | None, as_of: date
    ) -> None:
        self.number, self.key, self.state, self.base, self.contact = number, key, state, base, contact
        self._as_of = as_of
        self.sent = number % 3  # mailings, all of them later than any contact: they re-arm nothing
        self.letters = 1 + number % 2
        self.views = number % 4
        self.disputes = int(number % 11 == 0) + int(number % 13 == 0)
        self.invoices = number % 2 if state != "prospect" else 0

    def write(self, rows: dict[str, list[tuple[Any, ...]]], chance: random.Random) -> None:
        who, key = person(self.number, chance), self.key
        collected_on = self.base if self.state == "prospect" else self._as_of - timedelta(days=1500)
        login = (
            (f"u{self.number}", f"argon2id${chance.getrandbits(64):016x}") if self.state != "prospect" else (None,) * 2
        )
        rows["utilisateurs"].append((
            key, self.state, "courant", who.first_name if self.number % 5 else None, who.last_name, who.email,
            who.mobile, who.firm, *login,
            moment(collected_on, chance) if collected_on else None,
            moment(self.contact, chance) if self.contact else None,
            self.base if self.state == "client_inactif" else None,
            self.base if self.state == "client_actif" else None,
        ))  # fmt: skip
        if self.contact:
            self._contact(rows, "entrant", self.contact, chance)
        for _ in range(self.sent):
            self._contact(rows, "sortant", self._as_of, chance)
        for index in range(self.letters):
            rows["inscriptions"].append((key, ("mensuelle", "produit")[index], self._as_of))
        for _ in range(self.views):
            seen = (len(rows["interactions"]) + 1, key, "carte", chance.randrange(600), moment(self._as_of, chance))
            rows["interactions"].append(seen)
        self._disputes(rows)
        for index in range(self.invoices):
            place = f"{who.firm}, {who.postcode} {who.town}"
            rows["factures"].append((f"IM{self.number:07}-{index}", key, place, self._as_of, 1200))

    def _contact(self, rows: dict[str, list[tuple[Any, ...]]], way: str, day: date, chance: random.Random) -> None:
        rows["contacts"].append((len(rows["contacts"]) + 1, self.key, way, "IMOPE", moment(day, chance)))

    def _disputes(self, rows: dict[str, list[tuple[Any, ...]]]) -> None:
        opened_on = self._as_of - timedelta(days=200)
        if self.number % 11 == 0:
            rows["litiges"].append((f"L{self.number:06}", self.key, "Accès contesté", opened_on, None))
        if self.number % 13 == 0:
            rows["litiges"].append((f"R{self.number:06}", self.key, "Facture contestée", opened_on, self._as_of))
        self.email = rows["utilisateurs"][-1][5]

    def holds(self, is_open: bool) -> list[Hold]:  # noqa: FBT001
        target = {"prospect": PROSPECTS, "client_actif": ACTIVE, "client_inactif": INACTIVE}[self.state]
        return [Hold(target, "email", str(self.email))] if is_open else []


def _count(tallies: dict[str, Tally], user: _User, found: Limit, *, is_held: bool) -> None:
    """The latest of two events counts; a client's contract has one."""
    known = [day for day in (user.base, user.contact if user.state != "client_actif" else None) if day]
    is_over = bool(known) and found.is_over(max(known))
    for state, name in (("prospect", PROSPECTS), ("client_actif", ACTIVE), ("client_inactif", INACTIVE)):
        is_touched = tallies[name].row(
            in_state=user.state == state,
            is_over=is_over,
            has_event=bool(known),
            is_held=is_held,
            stays=state != "prospect",
            first_on=min(known, default=None),
        )
        if is_touched and state == "prospect":
            tallies[name].child("contacts", erased=user.sent + int(user.contact is not None))
            tallies[name].child("inscriptions", erased=user.letters)
            tallies[name].child("interactions", erased=user.views)
            tallies[name].child("litiges", erased=user.disputes)


def _cookies(
    rows: dict[str, list[tuple[Any, ...]]], tally: Tally, scale: int, as_of: date, chance: random.Random
) -> None:
    thirteen_months = limit(as_of=as_of, months=13, at_most=True)
    days = Placing(thirteen_months, chance)
    for number in range(scale + days.edge_count):
        day = days.day()
        key = (f"{chance.getrandbits(128):032x}", ("audience", "session")[number % 2])
        seen = (address_of_machine(chance), "/carte" if number % 3 else None)
        rows["depots_cookies"].append((*key, *seen, moment(day, chance) if day else None))
        tally.row(is_over=thirteen_months.is_over(day), has_event=day is not None, first_on=day)


DATABASE = BusinessDatabase(SLUG, METADATA, build)
