"""Live Session: clients hold online events, at which participants have personal spaces; trackers on their machines.

Four rules of the policy date the participants' data differently: nothing happens to them until somebody decides.
"""

import random
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from examples.databases.building import Built, BusinessDatabase
from examples.databases.days import Limit, Placing, limit, moment
from examples.databases.expected import Expected, Tally
from examples.databases.people import BROWSERS, FIRMS, address_of_machine, person

SLUG = "live-session"
RELATION = "participants · fin de relation"
THREE_YEARS = "participants · résiliation, trois ans"
SIXTY_DAYS = "participants · résiliation, soixante jours"
TWELVE_MONTHS = "participants · fin des prestations, douze mois"
REQUEST = "participations · demande du client"
RETURN = "participations · restitution"
TRACKERS = "depots_traceurs · treize mois"
METADATA = sa.MetaData()

sa.Table(
    "clients",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("raison_sociale", sa.String(120), nullable=False),
    sa.Column("siret", sa.String(14), nullable=False, unique=True),
)
sa.Table(
    "participants",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("client_id", sa.ForeignKey("clients.id"), nullable=False, index=True),
    sa.Column("courriel", sa.String(254), nullable=False),
    sa.Column("mot_de_passe", sa.String(100), nullable=False),
    sa.Column("prenom", sa.String(60), nullable=False),
    sa.Column("nom", sa.String(80), nullable=False),
    sa.Column("mobile", sa.String(20)),
    sa.Column("code_postal", sa.String(5)),
    sa.Column("ville", sa.String(80)),
    sa.Column("fonction", sa.String(80)),
    sa.Column("champs_client", sa.Text),
    sa.Column("categorie", sa.String(20), nullable=False),
    sa.Column("fin_relation_le", sa.Date),
    sa.Column("resilie_le", sa.Date, index=True),
    sa.Column("prestations_finies_le", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("client_id", "courriel", name="participants_courriel_par_client"),
)
sa.Table(
    "espaces_personnels",
    METADATA,
    sa.Column("participant_id", sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("ouvert_le", sa.Date, nullable=False),
    sa.Column("supprime_le", sa.Date),
)
sa.Table(
    "sessions",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("client_id", sa.ForeignKey("clients.id"), nullable=False, index=True),
    sa.Column("titre", sa.String(120), nullable=False),
    sa.Column("tenue_le", sa.DateTime(timezone=True), nullable=False),
)
sa.Table(
    "participations",
    METADATA,
    sa.Column("session_id", sa.ForeignKey("sessions.id"), primary_key=True),
    sa.Column("participant_id", sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("reponses", sa.Text),
    sa.Column("duree_minutes", sa.SmallInteger, nullable=False),
    sa.Column("effacement_demande_le", sa.Date),
    sa.Column("resilie_le", sa.Date),
    sa.Column("restituee_le", sa.Date),
    sa.Index("participations_par_participant", "participant_id"),
)
sa.Table(
    "journaux",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("participant_id", sa.ForeignKey("participants.id"), index=True),
    sa.Column("adresse_ip", sa.String(45)),
    sa.Column("le", sa.DateTime(timezone=True), nullable=False),
)
sa.Table(
    "depots_traceurs",
    METADATA,
    sa.Column("terminal", sa.Uuid, primary_key=True),
    sa.Column("traceur", sa.String(40), primary_key=True),
    sa.Column("adresse_ip", sa.String(45), nullable=False),
    sa.Column("navigateur", sa.String(60), nullable=False),
    sa.Column("parcours", sa.Text),
    sa.Column("depose_le", sa.DateTime, index=True),
)
SESSIONS = 12


def build(*, scale: int, seed: int, as_of: date) -> Built:
    """Make the rows and count what should become of them."""
    chance = random.Random(f"{SLUG}-{seed}")  # noqa: S311 made-up people, not secrets
    rows: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in METADATA.sorted_tables}
    clients = max(1, scale // 100)
    for client in range(1, clients + 1):
        rows["clients"].append((client, f"{chance.choice(FIRMS)} n° {client}", f"{client:09}00000"))
    for session in range(1, SESSIONS + 1):
        held_on = as_of.replace(day=1, year=as_of.year - session % 3)
        rows["sessions"].append((session, 1 + session % clients, f"Webinaire {session}", moment(held_on, chance)))
    tallies = {name: Tally(blocked="conflict") for name in (RELATION, THREE_YEARS, SIXTY_DAYS, TWELVE_MONTHS)}
    tallies |= {REQUEST: Tally(blocked="conflict"), RETURN: Tally(blocked="conflict"), TRACKERS: Tally()}
    _participants(rows, tallies, clients, scale, as_of, chance)
    _trackers(rows, tallies[TRACKERS], scale, as_of, chance)
    targets = {name: tally.expected() for name, tally in tallies.items()}
    return Built(rows, Expected(as_of, targets, {name: len(found) for name, found in rows.items()}))


def _participants(
    rows: dict[str, list[tuple[Any, ...]]],
    tallies: dict[str, Tally],
    clients: int,
    scale: int,
    as_of: date,
    chance: random.Random,
) -> None:
    limits = {
        RELATION: limit(as_of=as_of),
        THREE_YEARS: limit(as_of=as_of, months=36, at_most=True),  # read as "within": still to be decided
        SIXTY_DAYS: limit(as_of=as_of, days=60),
        TWELVE_MONTHS: limit(as_of=as_of, months=12),
    }
    days = {name: Placing(found, chance) for name, found in limits.items()}
    requests, returns = Placing(limit(as_of=as_of), chance), Placing(limit(as_of=as_of), chance)
    for number in range(1, scale + days[THREE_YEARS].edge_count + 1):
        key = UUID(int=chance.getrandbits(128), version=4)
        ended = {name: placing.day() for name, placing in days.items()}
        # one column holds the termination: its edges are those of both periods in turn
        ended[THREE_YEARS] = ended[SIXTY_DAYS] = ended[THREE_YEARS if number % 2 else SIXTY_DAYS]
        rows["participants"].append(_participant(key, 1 + number % clients, number, ended, chance))
        rows["espaces_personnels"].append((key, as_of, None))
        rows["journaux"].append((2 * number, key, address_of_machine(chance), moment(as_of, chance)))
        rows["journaux"].append((2 * number + 1, None, None, moment(as_of, chance)))
        taken = chance.sample(range(1, SESSIONS + 1), chance.randrange(3))
        for session in taken:
            _participation(rows, tallies, (session, key), (requests.day(), returns.day()), as_of, chance)
        for name, found in limits.items():
            _count_participant(tallies[name], found, ended[name], len(taken))


def _participant(
    key: UUID, client: int, number: int, ended: dict[str, date | None], chance: random.Random
) -> tuple[Any, ...]:
    who = person(number, chance)
    services = ended[TWELVE_MONTHS]
    return (
        key, client, who.email, f"argon2id${chance.getrandbits(64):016x}", who.first_name, who.last_name,
        who.mobile if number % 4 else None, who.postcode, who.town, chance.choice(("Direction", "Formation", None)),
        f"service : {chance.choice(('achats', 'ventes'))}" if number % 5 else None, chance.choice(("A", "B", "C")),
        ended[RELATION], ended[THREE_YEARS], moment(services, chance) if services else None,
    )  # fmt: skip


def _participation(
    rows: dict[str, list[tuple[Any, ...]]],
    tallies: dict[str, Tally],
    key: tuple[int, UUID],
    days: tuple[date | None, date | None],
    as_of: date,
    chance: random.Random,
) -> None:
    asked_on, terminated_on = days
    is_returned = chance.random() < 0.5
    returned_on = as_of if is_returned and terminated_on is not None and terminated_on < as_of else None
    rows["participations"].append(
        (*key, "oui ; non ; peut-être", chance.randrange(5, 90), asked_on, terminated_on, returned_on)
    )
    is_asked = asked_on is not None and asked_on < as_of
    tallies[REQUEST].row(is_over=is_asked, has_event=asked_on is not None, first_on=asked_on)
    tallies[RETURN].row(is_over=returned_on is not None, has_event=terminated_on is not None, first_on=terminated_on)


def _count_participant(tally: Tally, found: Limit, day: date | None, sessions: int) -> None:
    if tally.row(is_over=found.is_over(day), has_event=day is not None, first_on=day):
        tally.child("espaces_personnels", erased=1)
        tally.child("participations", erased=sessions)
        tally.child("journaux", erased=1)


def _trackers(
    rows: dict[str, list[tuple[Any, ...]]], tally: Tally, scale: int, as_of: date, chance: random.Random
) -> None:
    thirteen_months = limit(as_of=as_of, months=13)
    days = Placing(thirteen_months, chance)
    for number in range(scale + days.edge_count):
        day = days.day()
        placed_at = moment(day, chance).replace(tzinfo=None) if day else None
        key = (UUID(int=chance.getrandbits(128), version=4), ("mesure", "session", "partage")[number % 3])
        way = None if number % 7 else "accueil > inscription"
        rows["depots_traceurs"].append((*key, address_of_machine(chance), chance.choice(BROWSERS), way, placed_at))
        tally.row(is_over=thirteen_months.is_over(day), has_event=day is not None, first_on=day)


DATABASE = BusinessDatabase(SLUG, METADATA, build)
