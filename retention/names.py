"""The names of events, domains and statuses in French and English, where no request chooses the language (pure)."""

from collections.abc import Mapping

from clocks.wording import Language

# By start event (`StartEventKind`): what a period is counted from.
EVENTS: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {
        "account_creation": "création du compte",
        "data_collection": "collecte des données",
        "last_inbound_contact": "dernier contact venant de la personne",
        "payment": "paiement",
        "subscription_end": "fin de l’abonnement",
        "contract_end": "fin du contrat",
        "services_end": "fin des prestations",
        "termination": "résiliation",
        "unsubscription": "désinscription",
        "dispute_resolved": "résolution du litige",
        "account_deletion": "suppression de l’espace personnel",
        "controller_request": "demande expresse du responsable du traitement",
        "definitive_end": "arrêt définitif de l’exploitation par le responsable du traitement",
        "tracker_deposit": "dépôt du traceur",
        "no_longer_useful": "fin de l’utilité de la forme identifiante",
    },
    Language.ENGLISH: {
        "account_creation": "creation of the account",
        "data_collection": "collection of the data",
        "last_inbound_contact": "last contact coming from the person",
        "payment": "payment",
        "subscription_end": "end of the subscription",
        "contract_end": "end of the contract",
        "services_end": "end of the services",
        "termination": "termination",
        "unsubscription": "unsubscription",
        "dispute_resolved": "resolution of the dispute",
        "account_deletion": "deletion of the personal space",
        "controller_request": "express request of the controller",
        "definitive_end": "definitive end of operation by the controller",
        "tracker_deposit": "deposit of the tracker",
        "no_longer_useful": "end of the usefulness of the identifying form",
    },
}

# By statutory domain (`retention.statutory.Domain`).
DOMAINS: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {
        "invoice": "facture",
        "accounting_document": "document comptable ou pièce justificative",
        "tax_document": "document fiscal",
        "electronic_contract": "contrat électronique conclu avec un consommateur (120 € ou plus)",
        "payslip": "double du bulletin de paie",
        "electronic_payslip": "bulletin de paie électronique",
        "staff_register": "registre unique du personnel",
        "working_time": "décompte des heures de travail",
        "working_time_in_days": "décompte des jours de travail (forfait en jours)",
        "subscriber_identity": "identité de l’abonné (opérateurs, hébergeurs)",
        "subscriber_account": "autres données du compte de l’abonné (opérateurs, hébergeurs)",
        "connection_data": "données de connexion (opérateurs, hébergeurs)",
        "medical_record": "dossier médical",
        "medical_record_of_minor": "dossier médical d’un mineur",
    },
    Language.ENGLISH: {
        "invoice": "invoice",
        "accounting_document": "accounting document or voucher",
        "tax_document": "tax document",
        "electronic_contract": "electronic contract with a consumer (€120 or more)",
        "payslip": "copy of the payslip",
        "electronic_payslip": "electronic payslip",
        "staff_register": "single staff register",
        "working_time": "record of hours worked",
        "working_time_in_days": "record of days worked (annual number of days)",
        "subscriber_identity": "identity of the subscriber (operators, hosts)",
        "subscriber_account": "other account data of the subscriber (operators, hosts)",
        "connection_data": "connection data (operators, hosts)",
        "medical_record": "medical record",
        "medical_record_of_minor": "medical record of a minor",
    },
}

# By status (`retention.due.Status`).
STATUSES: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {
        "due": "échu",
        "not_yet": "pas encore échu",
        "open": "en attente d’un événement",
        "held": "gelé",
        "undecided": "lecture à choisir",
        "conflict": "règles en conflit",
        "kept_by_law": "conservé par obligation légale",
        "kept_by_rule": "conservé pour une autre règle",
        "not_executable": "non exécutable",
        "uncovered": "sans durée",
    },
    Language.ENGLISH: {
        "due": "due",
        "not_yet": "not due yet",
        "open": "waiting for an event",
        "held": "on hold",
        "undecided": "reading to be chosen",
        "conflict": "rules in conflict",
        "kept_by_law": "kept by law",
        "kept_by_rule": "kept for another rule",
        "not_executable": "not executable",
        "uncovered": "without a period",
    },
}

# By reason (`retention.due.why_undated`): why a rule gives no date.
UNDATED: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {
        "criterion": "le texte donne un critère, non une durée",
        "by_reference": "la durée est fixée par un autre document",
        "count": "le texte donne un nombre, non une durée",
        "statutory": "la durée est celle de la loi",
        "per_type": "la durée varie selon le type ou le client",
        "frequency_cap": "le texte limite une fréquence, non une durée",
        "not_quantified": "le texte ne donne aucun chiffre",
        "unspecified": "le texte ne donne aucune durée",
        "needs_a_moment": "la durée se compte en heures",
        "no_start_event": "le texte ne dit pas à partir de quel événement",
    },
    Language.ENGLISH: {
        "criterion": "the text gives a criterion, not a period",
        "by_reference": "another document sets the period",
        "count": "the text gives a number, not a period",
        "statutory": "the law sets the period",
        "per_type": "the period varies by type or by client",
        "frequency_cap": "the text limits a frequency, not a period",
        "not_quantified": "the text gives no figure",
        "unspecified": "the text gives no period",
        "needs_a_moment": "the period is counted in hours",
        "no_start_event": "the text does not say from which event",
    },
}

MONTHS: Mapping[Language, tuple[str, ...]] = {
    Language.FRENCH: (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ),
    Language.ENGLISH: (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
}  # fmt: skip
