"""The form of a data source: its address in parts; the password goes in and never comes out."""

from typing import Any
from urllib.parse import quote

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from retention.admin.acts import NamedOnceForm
from retention.errors import SourceRefused
from retention.models import Arming, DataSource
from retention.places import login_of
from retention.sources.addresses import Login, read_address
from retention.sources.dialects import KINDS, Dialect

ENCRYPTIONS = (
    ("", gettext_lazy("none: on this machine or a network of one's own only")),
    ("require", gettext_lazy("TLS")),
    ("verify-full", gettext_lazy("TLS, and the certificate is checked")),
)
PARTS = ("dialect", "host", "port", "database", "user", "encryption", "path")
NEEDED = ("host", "database", "user")


class DataSourceForm(NamedOnceForm):
    """Where rows stand. What the address may be is decided by `retention.sources`; here it is put together."""

    dialect = forms.ChoiceField(
        label=gettext_lazy("Engine"), choices=[(kind.value, KINDS[kind].label) for kind in Dialect]
    )
    host = forms.CharField(label=gettext_lazy("Machine"), max_length=253, required=False)
    port = forms.IntegerField(
        label=gettext_lazy("Port"),
        min_value=1,
        max_value=65535,
        required=False,
        help_text=gettext_lazy("Empty: the usual one of the engine."),
    )
    database = forms.CharField(label=gettext_lazy("Database"), max_length=128, required=False)
    user = forms.CharField(
        label=gettext_lazy("Login"),
        max_length=128,
        required=False,
        help_text=gettext_lazy(
            "One that may do what the mapping needs and no more: a test of the connection says what it may."
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Sealed as soon as it is saved, and never shown again. Empty: the one that is kept."),
    )
    encryption = forms.ChoiceField(label=gettext_lazy("Encryption"), choices=ENCRYPTIONS, required=False)
    path = forms.CharField(
        label=gettext_lazy("SQLite file"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Its name in the folder that whoever runs Greffier has set aside."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = login_of(self.instance) if self.instance.url else None
        self.address_text = ""  # set once the form is valid and says another address than the one kept
        if self.kept:
            address = self.kept.address
            self.initial.update({name: getattr(address, name) for name in PARTS} | {"port": address.port or None})

    @sensitive_variables()
    def clean(self) -> Any:
        data: Any = super().clean() or self.cleaned_data
        if data.get("kind", self.instance.kind) != DataSource.Kind.DATABASE or self.errors:
            return data
        lacking = ["path"] if data["dialect"] == Dialect.SQLITE else [name for name in NEEDED if not data.get(name)]
        for name in lacking:
            if not data.get(name):
                self.add_error(name, _("This is needed for this engine."))
        if self.errors:
            return data
        try:
            login = read_address(address_text(data))
        except SourceRefused as refusal:
            raise forms.ValidationError(str(refusal.detail)) from None
        self._compare(login, data)
        return data

    @sensitive_variables()
    def _compare(self, login: Login, data: dict[str, Any]) -> None:
        """Keep the password for the place it was given for, and no other place under targets that are armed."""
        text = address_text(data)
        if self.kept and login.address != self.kept.address:
            if self.kept.password and not data["password"]:
                self.add_error("password", _("The address has changed: give the password for it."))
            if Arming.objects.standing().filter(target__source=self.instance).exists():
                raise forms.ValidationError(
                    _("Targets of this source are armed for the place it names now: disarm them first.")
                )
        if self.kept and login.address == self.kept.address and not data["password"]:
            return
        self.address_text = text


@sensitive_variables()
def address_text(data: dict[str, Any]) -> str:
    """Return the address that the parts make, as a person would write it."""
    if data["dialect"] == Dialect.SQLITE:
        return f"sqlite:///{quote(data['path'])}"
    user, password, database = (quote(data[name], safe="") for name in ("user", "password", "database"))
    host = f"[{data['host']}]" if ":" in data["host"] else data["host"]
    port = f":{data['port']}" if data.get("port") else ""
    option = f"?sslmode={data['encryption']}" if data.get("encryption") else ""
    return f"{data['dialect']}://{user}:{password}@{host}{port}/{database}{option}"
