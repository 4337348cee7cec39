"""Editions without a database: a document depends on the canonical form alone."""

import copy
from datetime import UTC, datetime
from typing import Any

from documents import rendering
from editions.dump import canonical_json, digest
from editions.models import Edition
from tests.conftest import example

PUBLISHED_AT = datetime(2027, 2, 28, 23, 30, tzinfo=UTC)  # 1 March in Paris


def form_of(slug: str) -> dict[str, Any]:
    """Return the canonical form of an example."""
    return copy.deepcopy(example(slug).form)


def edition_of(form: dict[str, Any]) -> Edition:
    """Return an edition that was never saved."""
    text = canonical_json(form)
    return Edition(number=4, canonical=text, hash=digest(text), form_version=1, published_at=PUBLISHED_AT)


def page(form: dict[str, Any], *, kind: str = "controller_register", language: str = "fr", texts: Any = None) -> str:
    """Return a document as HTML, with every space as an ordinary one."""
    html = rendering.html(edition_of(form), kind=kind, language=language, texts=texts or {})
    return html.replace("\u202f", " ").replace("\u00a0", " ")
