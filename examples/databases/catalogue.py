"""The business databases by the short name of their register, and where their mapping files are."""

from pathlib import Path
from typing import Final

from examples.databases import live_session, sistec, sofacto, urbs_imope, vistory_sesame
from examples.databases.building import BusinessDatabase

DATABASES: Final[dict[str, BusinessDatabase]] = {
    module.SLUG: module.DATABASE for module in (vistory_sesame, live_session, sistec, urbs_imope, sofacto)
}


def mapping_text(slug: str) -> str:
    """Return the mapping file of a register's database."""
    return (Path(__file__).parent / f"{slug}.yaml").read_text(encoding="utf-8")
