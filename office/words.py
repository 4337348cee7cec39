"""Sentences of Django's admin that our catalogues say in other words; naming them here keeps them in the catalogues."""

from django.utils.translation import gettext_noop

SAID_OTHERWISE = (
    gettext_noop("Add %(name)s"),
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("Change"),
    gettext_noop("View site"),
)
