"""Words of the engine's stable values, in the language of the page."""

from collections.abc import Iterator

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clocks.wording import Language
from retention import names, treatments
from retention.mapping import TableMapping
from retention.statutory import Domain


def language() -> Language:
    """Return the language of the page, of those in which the engine has words."""
    return Language.FRENCH if (get_language() or "").startswith("fr") else Language.ENGLISH


def domain_choices() -> Iterator[tuple[str, str]]:
    """Yield the domains in which a law orders to keep documents; first, none."""
    yield "", _("none")
    yield from ((domain.value, domain_name(domain.value)) for domain in Domain)


def domain_name(code: str) -> str:
    """Return how a statutory domain is called; a code of another version stands for itself."""
    return names.DOMAINS[language()].get(code, code)


def nature_of(mapping: TableMapping) -> str:
    """Return what a target amounts to in law: erasure, anonymisation, pseudonymisation or limited access."""
    return treatments.LABELS[treatments.of_target(mapping).nature][language().value]
