"""Prints told themselves how far they were; now their job does. What failed and was asked for again is told once."""

from django.db import migrations

IDENTITY = ("edition_id", "kind", "language", "texts_hash", "template_version", "renderer_version")
STATES = {"asked": "asked", "rendering": "asked", "done": "done", "failed": "failed"}


def forget_what_was_asked_for_again(Print):
    for print_ in Print.objects.filter(state="failed", job=None).order_by("-pk").iterator():
        same = Print.objects.filter(**{name: getattr(print_, name) for name in IDENTITY}).exclude(pk=print_.pk)
        if same.exclude(state="failed").exists() or same.filter(pk__gt=print_.pk).exists():
            print_.delete()


def give_jobs(apps, schema_editor):
    Print, Job = apps.get_model("documents", "Print"), apps.get_model("foundation", "Job")
    forget_what_was_asked_for_again(Print)
    for print_ in Print.objects.filter(job=None).iterator():
        print_.job = Job.objects.create(
            register_id=print_.register_id,
            kind="documents.print",
            slot=f"print-before-jobs-{print_.pk}",
            state=STATES[print_.state],
            due_at=print_.asked_at,
            error=print_.error,
            asked_by_id=print_.asked_by_id,
            asked_at=print_.asked_at,
            started_at=print_.started_at,
            finished_at=print_.finished_at,
        )
        print_.save(update_fields=["job"])


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_the_job_of_a_print")]

    operations = [migrations.RunPython(give_jobs, migrations.RunPython.noop)]
