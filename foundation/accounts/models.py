"""People, registers (the tenants) and what a person is to a register."""

from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from foundation import permissions


class Register(models.Model):
    """One organisation's register of processing activities: the wall between tenants, and nothing more."""

    class Language(models.TextChoices):
        FRENCH = "fr", _("French")
        ENGLISH = "en", _("English")

    slug = models.SlugField(_("short name"), unique=True, help_text=_("Stands in addresses and file names."))
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FRENCH)
    time_zone = models.CharField(_("time zone"), max_length=50, default="Europe/Paris")

    class Meta:
        app_label = "foundation"
        verbose_name = _("register")
        verbose_name_plural = _("registers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new person who signs in with this address."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.alias(plain=Lower("email")).get(plain=(username or "").lower())

    def with_address(self, address: str) -> "User | None":
        """Return the person who signs in with this address, written with whatever capitals."""
        return self.alias(plain=Lower("email")).filter(plain=address.lower()).first()


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address. Rights come from memberships only: there is no superuser."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Register.Language, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    is_superuser = False

    objects = UserManager()

    class Meta:
        app_label = "foundation"
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_without_case"),
            # sign-in, reset and single sign-on look for the address as it is written: in small letters
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_in_small_letters"),
        ]

    def __str__(self) -> str:
        return self.email

    def roles_by_register(self) -> dict[int, str]:
        """Return this person's role by the id of the register; read once per instance."""
        if not self.is_active:
            return {}
        if not hasattr(self, "_roles"):
            self._roles = dict(self.memberships.values_list("register_id", "role"))
        return self._roles

    @property
    def is_staff(self) -> bool:
        """Whether the admin site opens for this person."""
        return bool(permissions.ADMIN_SITE & set(self.roles_by_register().values()))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Answer Django's question `app.verb_model` from the access table."""
        from django.apps import apps

        app_label, _dot, codename = perm.partition(".")
        verb, _underscore, model_name = codename.partition("_")
        try:
            model = apps.get_model(app_label, model_name)
        except LookupError:
            return False
        return permissions.may(self, verb, model, obj)

    def has_perms(self, perms: list[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, user: User) -> Self:
        """The memberships of the registers this person administers or, as DPO, oversees."""
        return self.filter(register__in=permissions.registers_readable(user, self.model))


class Membership(models.Model):
    """What one person is to one register."""

    access_resource: ClassVar[str] = permissions.MEMBERSHIPS

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    register = models.ForeignKey(Register, models.CASCADE, related_name="memberships", verbose_name=_("register"))
    role = models.CharField(_("role"), max_length=20, choices=permissions.Role)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        app_label = "foundation"
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint("user", "register", name="membership_one_role_per_register"),
            models.CheckConstraint(
                condition=models.Q(role__in=permissions.Role.values), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.register}"
