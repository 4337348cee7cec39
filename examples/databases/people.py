"""Made-up people, at addresses and numbers that can belong to nobody (RFC 2606, Arcep's ranges for fiction)."""

import random
import unicodedata
from dataclasses import dataclass

FIRST_NAMES = (
    "Adèle", "Aïcha", "Alban", "Amandine", "Anaïs", "Benoît", "Camille", "Cécile", "Chloé", "Clément", "Daphné",
    "Élodie", "Étienne", "Fanny", "Félix", "Françoise", "Gaël", "Geneviève", "Hélène", "Hugo", "Inès", "Jérôme",
    "Joël", "Karim", "Laëtitia", "Léa", "Loïc", "Maël", "Maud", "Mehdi", "Mélanie", "Nadège", "Noémie", "Océane",
    "Odile", "Rémi", "Sébastien", "Solène", "Théo", "Yann", "Yaëlle", "Zoé",
)  # fmt: skip
LAST_NAMES = (
    "Aubry", "Barbier", "Béranger", "Besson", "Blanchard", "Boucher", "Brunet", "Carlier", "Chevallier", "Colas",
    "Cordier", "d’Aubigné", "de La Tour", "Delmas", "Deschamps", "Évrard", "Ferrand", "Fleury", "Garnier", "Gérard",
    "Guérin", "Hamel", "Hébert", "Huet", "Jacquet", "Kervella", "L’Hostis", "Le Goff", "Lefèvre", "Lemaître",
    "Mahé", "Maréchal", "Ménard", "Nguyen", "Noël", "O’Brien", "Pélissier", "Périer", "Quéré", "Renaud", "Rivière",
    "Saint-Aubin", "Tessier", "Thévenet", "Vasseur", "Weiss", "Zimmermann",
)  # fmt: skip
STREETS = (
    "rue des Lilas",
    "avenue de la Gare",
    "place du Marché",
    "chemin du Moulin",
    "quai de l’Île",
    "impasse Éluard",
)
TOWNS = (
    ("01000", "Bourg-en-Bresse"), ("06000", "Nice"), ("13002", "Marseille"), ("20200", "Bastia"), ("29200", "Brest"),
    ("31000", "Toulouse"), ("38000", "Grenoble"), ("42000", "Saint-Étienne"), ("59000", "Lille"), ("69003", "Lyon"),
    ("75011", "Paris"), ("97400", "Saint-Denis"),
)  # fmt: skip
FIRMS = ("Ateliers", "Cabinet", "Établissements", "Maison", "Société", "Études", "Imprimerie", "Menuiserie")
BROWSERS = ("Firefox 128", "Chrome 126", "Safari 17", "Edge 125")


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    first_name: str
    last_name: str
    email: str
    landline: str
    mobile: str
    street: str
    postcode: str
    town: str
    firm: str


def person(number: int, chance: random.Random) -> Person:
    """Return the person of this number; addresses differ for every number."""
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    postcode, town = chance.choice(TOWNS)
    return Person(
        number=number,
        first_name=first,
        last_name=last,
        email=f"{_plain(first)}.{_plain(last)}.{number}@courriel.example",
        landline=f"01 99 00 {chance.randrange(100):02} {chance.randrange(100):02}",
        mobile=f"06 39 98 {chance.randrange(100):02} {chance.randrange(100):02}",
        street=f"{chance.randrange(1, 200)} {chance.choice(STREETS)}",
        postcode=postcode,
        town=town,
        firm=f"{chance.choice(FIRMS)} {last}",
    )


def address_of_machine(chance: random.Random) -> str:
    """Return an IP address of the ranges for documentation (RFC 5737, RFC 3849)."""
    if chance.random() < 0.2:
        return f"2001:db8::{chance.randrange(0x10000):x}"
    return f"{chance.choice(('192.0.2', '198.51.100', '203.0.113'))}.{chance.randrange(1, 255)}"


def iban(number: int) -> str:
    """Return what looks like an IBAN and is none: its check digits are 00."""
    return f"FR00 2004 1010 05{number:08} {number % 97:02}"


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalpha())
