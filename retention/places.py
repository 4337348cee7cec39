"""The address of a data source: checked, sealed under a key of its own, and opened for those who connect."""

from django.views.decorators.debug import sensitive_variables

from foundation.keys import vault
from retention.models import DataSource
from retention.sources.addresses import Login, read_address

PURPOSE = "data source"


@sensitive_variables("text")
def set_address(source: DataSource, text: str) -> None:
    """Seal the address that a person wrote, password included; only its place stands in clear. Saves the source."""
    login = read_address(text)
    key = vault.data_key(PURPOSE, register=source.register, subject=source.pk)
    source.url = vault.seal_text(text, key=key, place=vault.Place.of(source, "url"))
    source.place = login.address.place
    source.save(update_fields=["url", "place"])


def login_of(source: DataSource) -> Login:
    """Return the address and password of a data source, read anew each time."""
    return read_address(vault.open_text(source.url, place=vault.Place.of(source, "url")))
