"""What falls due on a day, past or future: by register, rule and target, as previews counted it."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from foundation.admin_scope import person
from foundation.models import Job, Register
from office.retention.pages import day_of, page, readable
from register.models import Citation
from retention import actions
from retention.admin import counts
from retention.admin.rule_words import sentence
from retention.mapped import mapping_of
from retention.models import Preview, RetentionException, RetentionRule, Target
from retention.planning import mapping_version
from retention.questions import Book, book_of

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula


@dataclass(frozen=True)
class Line:
    """A target on the page of a day."""

    register: Register
    target: Target
    sentence: str
    preview: Preview | None
    counts: counts.Shown | None
    is_outdated: bool  # the mapping has changed since it was counted
    statements: tuple[str, ...]
    exceptions: tuple[str, ...]

    @property
    def is_missing(self) -> bool:
        """Whether the counts have to be asked for."""
        return self.preview is None or self.is_outdated or self.is_given_up

    @property
    def is_given_up(self) -> bool:
        """Whether the counts will never come: their job failed or was cancelled."""
        job = self.preview.job if self.preview and not self.preview.is_counted else None
        return job is not None and job.state in Job.GIVEN_UP

    @property
    def is_counting(self) -> bool:
        return self.preview is not None and not self.preview.is_counted and not self.is_missing


@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """The page of a day."""
    on = day_of(request)
    registers = readable(request)
    lines = list(_lines(registers, on))
    return page(
        request,
        "due",
        title=_("What falls due"),
        on=on,
        today=timezone.localdate(),
        lines=lines,
        several=len(registers) > 1,
        missing=sum(line.is_missing for line in lines),
        counting=sum(line.is_counting for line in lines),
        total=sum(line.counts.due for line in lines if line.counts and not line.is_outdated),
    )


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the counts that are missing for a day, each as a job."""
    on, now, asked = day_of(request), timezone.now(), 0
    for line in _lines(readable(request), on):
        if line.is_missing:
            actions.ask_preview(line.target, as_of=on, by=person(request), at=now)
            asked += 1
    told = ngettext("%d count is asked for.", "%d counts are asked for.", asked) % asked
    messages.success(request, told if asked else _("Every target has been counted for this day."))
    return HttpResponseRedirect(f"{reverse('admin:retention_due')}?on={on:%Y-%m-%d}")


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The same as a table for a spreadsheet."""
    on = day_of(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="due-{on:%Y-%m-%d}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response, delimiter=";")
    writer.writerow(HEAD)
    for line in _lines(readable(request), on):
        writer.writerow([plain(value) for value in _row(line, on)])
    return response


HEAD = (
    "as_of", "register", "rule", "description", "reading", "target", "source", "table", "counted_at", "due", "erased",
    "treated", "child_rows", "kept", "oldest_event", "refusals", "exceptions", "statements",
)  # fmt: skip


def _row(line: Line, on: date) -> list[Any]:
    found, target, preview = line.counts, line.target, line.preview
    head = [f"{on:%Y-%m-%d}", line.register.slug, target.rule.ref, target.rule.description, line.sentence, target.name]
    head += [target.source.name, target.table]
    if found is None or line.is_outdated:
        refusals = " | ".join(preview.refusals) if preview and not line.is_outdated else ""
        return [*head, "", "", "", "", "", "", "", refusals, *_why(line)]
    _name, erased, treated = found.tables[0]
    children = " | ".join(f"{name}: {gone} + {changed}" for name, gone, changed in found.tables[1:])
    kept = " | ".join(f"{one.why}: {one.rows}" for one in found.kept)
    counted = f"{found.preview.counted_at:%Y-%m-%dT%H:%M:%SZ}"
    return [*head, counted, found.due, erased, treated, children, kept, found.oldest_on or "", "", *_why(line)]


def _why(line: Line) -> list[str]:
    return [" | ".join(line.exceptions), " ".join(line.statements)]


def plain(value: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _lines(registers: list[Register], on: date) -> Iterator[Line]:
    """Yield every target of these registers, with its newest preview as of the day."""
    found = Target.objects.with_mapping().filter(register__in=registers)
    targets = list(found.order_by("register__name", "rule__position", "rule", "name", "pk"))
    newest = Preview.objects.filter(as_of=on, target__in=targets).order_by("target_id", "-pk").distinct("target_id")
    previews = {preview.target_id: preview for preview in newest.select_related("target", "job")}
    cited, excepted = _cited(targets), _exceptions(registers)
    books: dict[int, Book] = {}
    for target in targets:
        if target.register_id not in books:
            books[target.register_id] = book_of(target.register)
        book = books[target.register_id]
        preview = previews.get(target.pk)
        yield Line(
            register=target.register,
            target=target,
            sentence=sentence(book, target.rule),
            preview=preview,
            counts=counts.shown(preview, dict(book.rows)),
            is_outdated=preview is not None and preview.mapping_version != mapping_version(target, mapping_of(target)),
            statements=tuple(cited[target.rule_id]),
            exceptions=tuple(excepted[target.rule_id] + excepted[-target.register_id]),
        )


def _cited(targets: list[Target]) -> dict[int, list[str]]:
    """Return the references of the statements on which the rules of these targets rest."""
    kind = ContentType.objects.get_for_model(RetentionRule)
    rules = {target.rule_id for target in targets}
    rows = Citation.objects.filter(entry_type=kind, entry_id__in=rules).values_list("entry_id", "statement__ref")
    found = defaultdict(list)
    for rule, ref in rows.distinct().order_by("entry_id", "statement__ref"):
        found[rule].append(ref)
    return found


def _exceptions(registers: list[Register]) -> dict[int, list[str]]:
    """Return the exceptions by rule; those of every rule under the register's number, with a minus."""
    found = defaultdict(list)
    rows = RetentionException.objects.filter(register__in=registers).prefetch_related("rules")
    for exception in rows:
        keys = [rule.pk for rule in exception.rules.all()] or [-exception.register_id]
        for key in keys:
            found[key].append(exception.description)
    return found
