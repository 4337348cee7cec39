"""SOFACTO: visits of the site, prospects, clients during and after their contract, their papers and messages.

Three years after the contract the clients' data are made anonymous; invoices and payments stay as long as the books.
"""

import random
from datetime import date, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from examples.databases.building import Built, BusinessDatabase
from examples.databases.days import Limit, Placing, fiscal_year_is_over, limit, moment
from examples.databases.expected import Expected, Tally
from examples.databases.people import BROWSERS, address_of_machine, iban, person

SLUG = "sofacto"
DURING = "clients · pendant le contrat"
FILES = "dossiers_commerciaux · fin de contrat"
AFTER = "clients · après le contrat"
PROFILES = "profils_statistiques · plus utile"
ARCHIVE = "archive_dossiers_commerciaux"
METADATA = sa.MetaData()
_ARCHIVED = (("client", sa.String(20)), ("nom", sa.String(160)), ("negociation", sa.Text), ("contrat_fini_le", sa.Date))

sa.Table(
    "visites",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("adresse_ip", sa.String(45), nullable=False),
    sa.Column("navigateur", sa.String(60), nullable=False),
    sa.Column("rubrique", sa.String(60), nullable=False),
    sa.Column("duree_secondes", sa.Integer, nullable=False),
    sa.Column("vue_le", sa.DateTime, nullable=False, index=True),
)
sa.Table(
    "prospects",
    METADATA,
    sa.Column("reference", sa.String(20), primary_key=True),
    sa.Column("civilite", sa.String(10)),
    sa.Column("prenom", sa.String(60), nullable=False),
    sa.Column("nom", sa.String(80), nullable=False),
    sa.Column("nom_de_naissance", sa.String(80)),
    sa.Column("courriel", sa.String(254), nullable=False, unique=True),
    sa.Column("mobile", sa.String(20)),
    sa.Column("linkedin", sa.String(200)),
    sa.Column("demande", sa.String(40), nullable=False),
    sa.Column("recueilli_le", sa.Date, nullable=False),
)
sa.Table(
    "contacts_occasionnels",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("courriel", sa.String(254), nullable=False, unique=True),
    sa.Column("messages_envoyes", sa.SmallInteger, nullable=False),
    sa.Column("oppose_le", sa.Date),
    sa.Column("cree_le", sa.Date, nullable=False),
)
sa.Table(
    "clients",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("numero_client", sa.String(60), nullable=False, unique=True),
    sa.Column("etat", sa.String(20), nullable=False),
    sa.Column("acces", sa.String(20), nullable=False),
    sa.Column("civilite", sa.String(10)),
    sa.Column("prenom", sa.String(60), nullable=False),
    sa.Column("nom", sa.String(80), nullable=False),
    sa.Column("nom_de_naissance", sa.String(80)),
    sa.Column("courriel", sa.String(254), nullable=False, unique=True),
    sa.Column("telephone_fixe", sa.String(20)),
    sa.Column("mobile", sa.String(20)),
    sa.Column("adresse", sa.String(200)),
    sa.Column("code_postal", sa.String(5)),
    sa.Column("ne_le", sa.Date),
    sa.Column("iban", sa.String(40)),
    sa.Column("linkedin", sa.String(200)),
    sa.Column("contrat_fini_le", sa.Date),
    sa.CheckConstraint("etat IN ('client', 'ancien_client')", name="clients_etat_connu"),
)
sa.Table(
    "contrats",
    METADATA,
    sa.Column("client_id", sa.ForeignKey("clients.id"), primary_key=True),
    sa.Column("rang", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("signataire", sa.String(160)),
    sa.Column("montant", sa.Numeric(10, 2), nullable=False),
    sa.Column("signe_le", sa.Date, nullable=False),
)
sa.Table(
    "factures",
    METADATA,
    sa.Column("numero", sa.String(20), primary_key=True),
    sa.Column("client_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("facture_a", sa.String(200), nullable=False),
    sa.Column("emise_le", sa.Date, nullable=False),
    sa.Column("montant", sa.Numeric(10, 2), nullable=False),
    sa.Column("solde", sa.Boolean, nullable=False),
    sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="factures_du_client"),
)
sa.Table(
    "reglements",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("client_id", sa.ForeignKey("clients.id"), nullable=False, index=True),
    sa.Column("mode", sa.String(20), nullable=False),
    sa.Column("numero_cheque", sa.String(20)),
    sa.Column("reference_virement", sa.String(40)),
    sa.Column("regle_le", sa.Date),
)
sa.Table(
    "echanges",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("client_id", sa.ForeignKey("clients.id"), nullable=False, index=True),
    sa.Column("commentaire", sa.Text, nullable=False),
    sa.Column("le", sa.DateTime(timezone=True), nullable=False),
)
sa.Table(
    "dossiers_commerciaux",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    *(sa.Column(name, kind) for name, kind in _ARCHIVED),
)
sa.Table(  # the intermediate archive: read by people of their own, with a database role of their own
    ARCHIVE,
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    *(sa.Column(name, kind) for name, kind in _ARCHIVED),
)
sa.Table(
    "profils_statistiques",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("courriel", sa.String(254)),
    sa.Column("code_postal", sa.String(5)),
    sa.Column("segment", sa.String(20), nullable=False),
    sa.Column("plus_utile_le", sa.Date),
)


def build(*, scale: int, seed: int, as_of: date) -> Built:
    """Make the rows and count what should become of them."""
    chance = random.Random(f"{SLUG}-{seed}")  # noqa: S311 made-up people, not secrets
    rows: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in METADATA.sorted_tables}
    tallies = {name: Tally() for name in (DURING, AFTER, PROFILES)} | {FILES: Tally(archive=ARCHIVE)}
    contract, three_years = limit(as_of=as_of), limit(as_of=as_of, months=36)
    current, former = Placing(contract, chance), Placing(three_years, chance)
    for number in range(1, scale + 2 * former.edge_count + 1):
        is_current = bool(number % 2)
        ended_on = (current if is_current else former).day()
        _client(rows, number, ended_on, chance, is_current=is_current)
        papers = _papers(rows, number, ended_on or as_of, as_of, chance)
        count = partial(Tally.row, has_event=ended_on is not None, first_on=ended_on, stays=True)
        if is_current:
            count(tallies[DURING], is_over=contract.is_over(ended_on))
            tallies[AFTER].row(in_state=False)
            continue
        tallies[DURING].row(in_state=False)
        if count(tallies[AFTER], is_over=three_years.is_over(ended_on)):
            _count_papers(tallies[AFTER], papers, as_of)
    _files(rows, tallies[FILES], contract, scale, chance)
    _profiles(rows, tallies[PROFILES], contract, scale, chance)
    _others(rows, scale, as_of, chance)
    targets = {name: tally.expected() for name, tally in tallies.items()}
    return Built(rows, Expected(as_of, targets, {name: len(found) for name, found in rows.items()}))


def _client(
    rows: dict[str, list[tuple[Any, ...]]],
    number: int,
    ended_on: date | None,
    chance: random.Random,
    *,
    is_current: bool,
) -> None:
    who = person(number, chance)
    born_on = date(chance.randrange(1950, 2004), 2, 28) if number % 4 else None
    rows["clients"].append((
        number, f"CL{number:08}", "client" if is_current else "ancien_client", "courant",
        chance.choice(("Mme", "M.", None)), who.first_name, who.last_name, who.last_name if number % 6 == 0 else None,
        who.email, who.landline, who.mobile, who.street, who.postcode, born_on, iban(number) if number % 3 else None,
        f"https://reseau.example/{number}" if number % 8 == 0 else None, ended_on,
    ))  # fmt: skip


def _papers(
    rows: dict[str, list[tuple[Any, ...]]], client: int, ended_on: date, as_of: date, chance: random.Random
) -> dict[str, list[date | None]]:
    """Write the papers of a client and return the days of those that the books need."""
    who = rows["clients"][-1]
    turn = as_of.year - 11
    days: list[date] = [chance.choice((date(turn, 12, 31), date(turn + 1, 1, 1), ended_on)) for _ in range(client % 3)]
    paid: list[date | None] = [None if client % 17 == 0 else day for day in days]
    rows["contrats"].append((client, 1, f"{who[5]} {who[6]}", 4800, ended_on - timedelta(days=365)))
    for index, (day, paid_on) in enumerate(zip(days, paid, strict=True)):
        rows["factures"].append((f"SF{client:07}-{index}", client, f"{who[5]} {who[6]}", day, 400, bool(client % 5)))
        cheque = f"{client:07}" if client % 3 else None
        rows["reglements"].append((len(rows["reglements"]) + 1, client, "cheque", cheque, f"VIR{client}", paid_on))
    for _ in range(client % 5 % 2):
        said = (len(rows["echanges"]) + 1, client, f"{who[6]} demande un avoir.", moment(ended_on, chance))
        rows["echanges"].append(said)
    return {"factures": list(days), "reglements": paid, "echanges": [None] * (client % 5 % 2)}


def _count_papers(tally: Tally, papers: dict[str, list[date | None]], as_of: date) -> None:
    tally.child("contrats", treated=1)
    tally.child("echanges", erased=len(papers["echanges"]))
    for table, domain in (("factures", "invoice"), ("reglements", "accounting_document")):
        free = sum(day is not None and fiscal_year_is_over(day, as_of=as_of) for day in papers[table])
        tally.child(table, erased=free)
        tally.law(domain, len(papers[table]) - free)


def _files(
    rows: dict[str, list[tuple[Any, ...]]], tally: Tally, contract: Limit, scale: int, chance: random.Random
) -> None:
    days = Placing(contract, chance)
    for number in range(1, scale + days.edge_count + 1):
        who, ended_on = person(number, chance), days.day()
        rows["dossiers_commerciaux"].append((number, f"CL{number:08}", who.last_name, "Remise de 5 %", ended_on))
        tally.row(is_over=contract.is_over(ended_on), has_event=ended_on is not None, first_on=ended_on)


def _profiles(
    rows: dict[str, list[tuple[Any, ...]]], tally: Tally, contract: Limit, scale: int, chance: random.Random
) -> None:
    days = Placing(contract, chance)
    for number in range(1, scale + days.edge_count + 1):
        who, useless_on = person(number, chance), days.day()
        rows["profils_statistiques"].append((number, who.email, who.postcode, chance.choice("ABC"), useless_on))
        tally.row(
            is_over=contract.is_over(useless_on), has_event=useless_on is not None, stays=True, first_on=useless_on
        )


def _others(rows: dict[str, list[tuple[Any, ...]]], scale: int, as_of: date, chance: random.Random) -> None:
    """Visits and prospects, whose periods the policy gives without a start, and contacts to whom one message goes."""
    for number in range(1, scale + 1):
        seen_on = as_of - timedelta(days=chance.randrange(400))
        seen = (address_of_machine(chance), chance.choice(BROWSERS), chance.choice(("tarifs", "blog")))
        seconds = chance.randrange(900)
        rows["visites"].append((number, *seen, seconds, moment(seen_on, chance).replace(tzinfo=None)))
    for number in range(1, scale // 4 + 1):
        who, on = person(number, chance), as_of - timedelta(days=chance.randrange(2500))
        asked = chance.choice(("documentation", "essai"))
        name = (chance.choice(("Mme", "M.", None)), who.first_name, who.last_name, None)
        rows["prospects"].append((f"P{number:06}", *name, who.email, who.mobile, None, asked, on))
        opposed_on = on if number % 7 == 0 else None
        rows["contacts_occasionnels"].append(
            (number, f"occasionnel.{number}@courriel.example", number % 2, opposed_on, on)
        )


DATABASE = BusinessDatabase(SLUG, METADATA, build, archives=(ARCHIVE,))
