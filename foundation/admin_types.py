"""The classes of Django's admin as the type checker sees them: they take no parameters when the code runs."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin

if TYPE_CHECKING:
    PageAdmin = admin.ModelAdmin[Any]
    TabularLines = admin.TabularInline[Any, Any]
    StackedLines = admin.StackedInline[Any, Any]
    OfPage = admin.ModelAdmin[Any]
    OfAny = BaseModelAdmin[Any]
    RowForm = forms.ModelForm[Any]
    RowFormSet = forms.BaseInlineFormSet[Any, Any, forms.ModelForm[Any]]
else:
    PageAdmin = admin.ModelAdmin
    TabularLines = admin.TabularInline
    StackedLines = admin.StackedInline
    OfPage = object  # what is mixed into a page
    OfAny = object  # what is mixed into a page or its lines
    RowForm = forms.ModelForm
    RowFormSet = forms.BaseInlineFormSet
