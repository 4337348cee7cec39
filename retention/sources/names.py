"""What the names of columns and tables tell, in French and English: words, and the phrases that mean something (pure).

A phrase matches where all its words stand in a name. The phrase with most words wins; among equals, the first.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from retention.statutory import Domain

Phrases = Mapping[str, Sequence[str]]

EVENTS: Phrases = {
    "account_creation": ("account created", "account creation", "compte cree", "creation compte", "date inscription",
                         "inscrit", "inscription", "registered", "signup", "signed up"),
    "data_collection": ("created", "creation", "cree", "date creation", "collected", "collecte", "saisi", "date ajout"),
    "last_inbound_contact": ("last contact", "last inbound", "last inbound contact", "dernier contact", "last reply",
                             "derniere reponse", "dernier contact entrant", "last message"),
    "payment": ("paid", "payment", "payment date", "paye", "paiement", "date paiement", "regle", "reglement"),
    "subscription_end": ("subscription end", "subscription ended", "subscription until", "fin abonnement",
                         "abonnement fin"),
    "contract_end": ("contract end", "contract ended", "end contract", "fin contrat", "contrat fin"),
    "services_end": ("services end", "service end", "end services", "fin prestation", "fin prestations", "fin service",
                     "fin services"),
    "termination": ("terminated", "termination", "resilie", "resiliation", "churned"),
    "unsubscription": ("unsubscribed", "unsubscription", "desinscrit", "desinscription", "desabonne", "desabonnement",
                       "opted out", "opt out"),
    "dispute_resolved": ("dispute resolved", "dispute closed", "litige clos", "litige resolu", "fin litige"),
    "account_deletion": ("deleted", "account deleted", "compte supprime", "supprime", "suppression", "fermeture compte",
                         "compte ferme", "account closed"),
    "tracker_deposit": ("tracker deposit", "depot traceur", "depot cookie", "cookie set"),
    "no_longer_useful": ("no longer useful", "plus utile", "useful until"),
    "definitive_end": ("definitive end", "fin definitive"),
    "controller_request": ("controller request", "demande responsable", "demande client"),
}  # fmt: skip

IDENTITIES: Phrases = {
    "email": ("email", "e mail", "mail", "courriel"),
    "phone": ("phone", "telephone", "tel", "mobile", "portable", "gsm", "fax"),
    "name": ("name", "nom", "prenom", "firstname", "lastname", "surname", "fullname", "patronyme", "civilite"),
    "national": ("nir", "ssn", "securite sociale", "numero secu", "num secu", "passport", "passeport", "cni",
                 "carte identite", "national id"),
    "number": ("customer number", "numero client", "num client", "code client", "numero contrat", "matricule",
               "iban", "bic", "rib", "card number", "siret"),
    "address": ("address", "adresse", "rue", "street", "voie", "city", "ville", "commune", "postcode", "postal code",
                "code postal", "cp", "zip", "zipcode"),
    "other": ("birth", "born", "birthdate", "naissance", "ne le", "ip", "ip address", "adresse ip", "user agent",
              "login", "username", "pseudo", "photo", "avatar", "password", "mot passe", "latitude", "longitude",
              "note", "notes", "comment", "comments", "commentaire", "commentaires", "remarque", "remarques"),
}  # fmt: skip
# words with which a name is not that of a person
NOT_OF_A_PERSON = frozenset(
    {"file", "fichier", "table", "product", "produit", "plan", "offre", "offer", "status", "type"}
)
POSTCODES = ("postcode", "postal code", "code postal", "cp", "zip", "zipcode")

DOMAINS: Phrases = {
    Domain.INVOICE: ("invoice", "invoices", "facture", "factures", "avoir", "avoirs", "credit note"),
    Domain.ACCOUNTING_DOCUMENT: ("accounting", "ledger", "journal entries", "ecriture", "ecritures", "comptable",
                                 "comptabilite"),
    Domain.TAX_DOCUMENT: ("tax", "taxes", "vat", "tva", "fiscal", "fiscale"),
    Domain.PAYSLIP: ("payslip", "payslips", "payroll", "bulletin paie", "bulletins paie", "fiche paie", "fiches paie",
                     "bulletin salaire", "bulletins salaire"),
    Domain.STAFF_REGISTER: ("staff register", "registre personnel"),
    Domain.WORKING_TIME: ("working time", "timesheet", "timesheets", "temps travail", "pointage", "pointages"),
    Domain.MEDICAL_RECORD: ("medical record", "medical records", "dossier medical", "dossiers medicaux"),
}  # fmt: skip
DOCUMENT_DATES = ("issued", "issue date", "invoice date", "document date", "date", "emis", "emission", "date facture",
                  "date emission", "period", "periode", "created", "cree")  # fmt: skip


def words(name: str) -> frozenset[str]:
    """Return the words of a name, in lower case without accents, however they are joined: fooBar, foo_bar, foo-bar."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    bare = unicodedata.normalize("NFKD", apart).encode("ascii", "ignore").decode()
    return frozenset(re.split(r"[^a-z0-9]+", bare.lower())) - {""}


def meaning(name: str, phrases: Phrases) -> str:
    """Return what a name means, or "" where no phrase stands in it."""
    found, longest, best = words(name), 0, ""
    for meant, ways in phrases.items():
        for way in ways:
            needed = way.split()
            if len(needed) > longest and found.issuperset(needed):
                longest, best = len(needed), str(meant)
    return best


def says(name: str, ways: Sequence[str]) -> bool:
    """Whether one of these phrases stands in a name."""
    return bool(meaning(name, {"it": ways}))
