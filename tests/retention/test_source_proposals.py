"""What is proposed for a table, from its names and types."""

import pytest

from retention.mapping import ChildFate, Law, TableName, Treatment
from retention.models import StartEventKind
from retention.models.targets import TargetColumn
from retention.sources import names
from retention.sources.proposals import ERASED, Doubt, Remark, key_of, propose
from retention.sources.tables import Column, ColumnKind, ForeignKey, Schema, Table, Trigger

CLIENTS, ORDERS, LINES, INVOICES = map(TableName, ("clients", "commandes", "lignes", "factures"))
INT, TEXT, DATE = ColumnKind.INTEGER, ColumnKind.TEXT, ColumnKind.DATE


def column(name, kind=TEXT, length=None, *, null=True, generated=False):
    return Column(name, kind, str(kind), length, is_nullable=null, is_generated=generated)


def schema_of(*tables):
    """A schema in which each foreign key is known at both ends."""
    keys = [key for table in tables for key in table.foreign_keys]
    return Schema(
        {
            table.name: Table(
                table.name, table.columns, table.primary_key, table.unique, table.foreign_keys,
                tuple(key for key in keys if key.target == table.name), table.triggers,
            )
            for table in tables
        }
    )  # fmt: skip


def child_of(name, target, columns=(), *, by="client_id", more=()):
    keys = (ForeignKey(name, (by,), target, ("id",)), *more)
    return Table(name, (column("id", INT, null=False), column(by, INT), *columns), ("id",), foreign_keys=keys)


def clients(*columns, **more):
    return Table(CLIENTS, (column("id", INT, null=False), *columns), ("id",), **more)


def proposed(*tables):
    return propose(schema_of(*tables), tables[0].name)


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("created_at", "data_collection"),
        ("createdAt", "data_collection"),
        ("date_creation", "data_collection"),
        ("Date_Création", "data_collection"),
        ("date_dernier_contact", "last_inbound_contact"),
        ("lastContactAt", "last_inbound_contact"),
        ("last_inbound_contact", "last_inbound_contact"),
        ("resilie_le", "termination"),
        ("résilié_le", "termination"),
        ("terminated_at", "termination"),
        ("fin_contrat", "contract_end"),
        ("date_fin_contrat", "contract_end"),
        ("contract_end_date", "contract_end"),
        ("fin_abonnement", "subscription_end"),
        ("fin_prestations", "services_end"),
        ("desinscrit_le", "unsubscription"),
        ("unsubscribed_at", "unsubscription"),
        ("paid_at", "payment"),
        ("compte_supprime_le", "account_deletion"),
        ("compte_cree_le", "account_creation"),
        ("litige_resolu_le", "dispute_resolved"),
        ("demande_du_responsable_le", "controller_request"),
        ("updated_at", ""),
        ("date", ""),
    ],
)
def test_a_column_is_taken_for_an_event_by_its_name(name, event):
    assert names.meaning(name, names.EVENTS) == event
    assert proposed(clients(column(name, DATE))).events == ({event: name} if event else {})


def test_every_event_that_a_rule_can_name_can_be_proposed_and_no_other():
    assert set(names.EVENTS) == set(StartEventKind.values)
    assert set(names.IDENTITIES) == set(TargetColumn.Identity.values)


def test_only_dates_and_timestamps_are_events():
    assert proposed(clients(column("created_at", INT))).events == {}
    assert Remark(Doubt.NO_EVENT) in proposed(clients(column("created_at", INT))).remarks


def test_a_second_column_for_the_same_event_is_left_to_a_person():
    found = proposed(clients(column("created_at", DATE), column("date_creation", DATE)))
    assert found.events == {"data_collection": "created_at"}
    assert Remark(Doubt.SEVERAL_EVENTS, "date_creation") in found.remarks


@pytest.mark.parametrize(
    ("given", "identity", "treatment", "constant"),
    [
        (column("email"), "email", Treatment.NULL, ""),
        (column("Courriel", null=False), "email", Treatment.FILLER, ""),
        (column("telephone_portable", length=20, null=False), "phone", Treatment.CONSTANT, ERASED),
        (column("tel", length=5, null=False), "phone", Treatment.CONSTANT, "-"),
        (column("nom_de_famille", null=False), "name", Treatment.CONSTANT, ERASED),
        (column("firstName"), "name", Treatment.NULL, ""),
        (column("adresse_postale"), "address", Treatment.NULL, ""),
        (column("code_postal", length=5, null=False), "address", Treatment.TRUNCATED_POSTCODE, ""),
        (column("date_naissance", DATE, null=False), "other", Treatment.YEAR_ONLY, ""),
        (column("birth_date", DATE), "other", Treatment.NULL, ""),
        (column("iban", null=False), "number", Treatment.CONSTANT, ERASED),
        (column("nir"), "national", Treatment.NULL, ""),
        (column("numero_secu", INT, null=False), "national", Treatment.CONSTANT, "0"),
        (column("ip_address", ColumnKind.OTHER), "other", Treatment.NULL, ""),
        (column("commentaires"), "other", Treatment.NULL, ""),
    ],
)
def test_an_identifying_column_gets_a_treatment_that_its_table_admits(given, identity, treatment, constant):
    (found,) = proposed(clients(given)).columns
    assert (found.name, found.identity, found.treatment, found.constant) == (given.name, identity, treatment, constant)


def test_a_unique_text_gets_a_value_of_its_own():
    (found,) = proposed(clients(column("login", null=False), unique=(("login",),))).columns
    assert found.treatment is Treatment.FILLER


@pytest.mark.parametrize(
    ("given", "doubt"),
    [
        (column("email", generated=True), Doubt.GENERATED),
        (column("ip", ColumnKind.OTHER, null=False), Doubt.NO_TREATMENT),
        (column("xyz"), Doubt.NOT_LOOKED_AT),
        (column("product_name"), Doubt.NOT_LOOKED_AT),
    ],
)
def test_what_cannot_be_proposed_is_said(given, doubt):
    found = proposed(clients(given))
    assert found.columns == ()
    assert Remark(doubt, given.name) in found.remarks


def test_columns_that_tell_nothing_of_a_person_are_left_alone():
    found = proposed(
        clients(column("price", INT), column("is_active", ColumnKind.BOOLEAN), column("mail_state", ColumnKind.CHOICE))
    )
    assert found.columns == ()
    assert not {remark.doubt for remark in found.remarks} & {Doubt.NOT_LOOKED_AT, Doubt.NO_TREATMENT}


def test_the_key_is_the_primary_one_or_a_unique_one_without_null():
    assert key_of(clients()) == ("id",)
    columns = (column("a", INT, null=False), column("b", INT, null=False), column("c", INT))
    table = Table(CLIENTS, columns, unique=(("c",), ("a", "b")))
    assert key_of(table) == ("a", "b")
    without = Table(CLIENTS, columns, unique=(("c",),))
    assert key_of(without) == ()
    assert Remark(Doubt.NO_KEY) in proposed(without).remarks


def test_children_come_in_the_order_in_which_they_are_erased():
    lines = child_of(
        LINES, CLIENTS, (column("commande_id", INT),), more=(ForeignKey(LINES, ("commande_id",), ORDERS, ("id",)),)
    )
    found = proposed(clients(), child_of(ORDERS, CLIENTS), lines)
    assert [(child.table, child.foreign_key, child.fate) for child in found.children] == [
        (LINES, ("client_id",), ChildFate.ERASE),
        (ORDERS, ("client_id",), ChildFate.ERASE),
    ]
    assert not {remark.doubt for remark in found.remarks} & {Doubt.DEEP}


def test_rows_that_hang_deeper_are_said():
    lines = child_of(LINES, ORDERS, by="commande_id")
    found = proposed(clients(), child_of(ORDERS, CLIENTS), lines)
    assert [child.table for child in found.children] == [ORDERS]
    assert Remark(Doubt.DEEP, "lignes") in found.remarks


def test_a_composite_key_is_pointed_at_in_its_order():
    key = (column("region", INT, null=False), column("number", INT, null=False))
    parent = Table(CLIENTS, key, ("region", "number"))
    orders = Table(ORDERS, key, ("region", "number"), foreign_keys=(
        ForeignKey(ORDERS, ("client_number", "client_region"), CLIENTS, ("number", "region")),
    ))  # fmt: skip
    assert proposed(parent, orders).children[0].foreign_key == ("client_region", "client_number")


def test_what_points_in_ways_that_no_mapping_says_is_left_to_a_person():
    twice = child_of(ORDERS, CLIENTS, more=(ForeignKey(ORDERS, ("payer_id",), CLIENTS, ("id",)),))
    other = Table(LINES, (column("code"),), foreign_keys=(ForeignKey(LINES, ("code",), CLIENTS, ("code",)),))
    itself = clients(column("sponsor_id", INT), foreign_keys=(ForeignKey(CLIENTS, ("sponsor_id",), CLIENTS, ("id",)),))
    found = proposed(itself, twice, other)
    assert [child.table for child in found.children] == [ORDERS]
    for remark in (
        Remark(Doubt.TWICE, "commandes"),
        Remark(Doubt.OTHER_KEY, "lignes"),
        Remark(Doubt.ITSELF, "clients"),
    ):
        assert remark in found.remarks


def test_a_circle_of_children_ends():
    one = child_of(ORDERS, CLIENTS, more=(ForeignKey(ORDERS, ("line_id",), LINES, ("id",)),))
    two = child_of(LINES, CLIENTS, more=(ForeignKey(LINES, ("order_id",), ORDERS, ("id",)),))
    assert {child.table for child in proposed(clients(), one, two).children} == {ORDERS, LINES}


@pytest.mark.parametrize(
    ("table", "dated", "law"),
    [
        ("factures", "date_facture", Law("invoice", "date_facture")),
        ("Invoice", "issued_on", Law("invoice", "issued_on")),
        ("bulletins_de_paie", "periode", Law("payslip", "periode")),
        ("payslips", "pushed_on", Law("payslip", "")),
        ("ecritures_comptables", "date", Law("accounting_document", "date")),
        ("commandes", "date", None),
    ],
)
def test_documents_that_the_law_keeps_are_known_by_the_name_of_their_table(table, dated, law):
    name = TableName(table)
    found = proposed(clients(), child_of(name, CLIENTS, (column(dated, DATE),)))
    assert found.children[0].law == law
    assert (Remark(Doubt.UNDATED_DOCUMENT, table) in found.remarks) is (law is not None and not law.dated_by)


def test_triggers_are_said():
    watched = clients(triggers=(Trigger("audit", "0" * 64),))
    assert Remark(Doubt.TRIGGERS, "clients") in proposed(watched).remarks
