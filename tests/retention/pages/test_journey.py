"""The way of a DPO from a database to an erasure, in the admin alone."""

from foundation.models import Job
from retention.models import Arming, DataSource, LegalHold, Preview, RetentionSettings, Run, Target
from tests.office.conftest import as_sent, listing, page
from tests.retention.pages.world import FILE, act, clients, worked


def test_a_dpo_goes_from_the_database_to_the_erasure(office, dpo, acme, rule, folder):
    sent = as_sent(office.get(listing(DataSource, "add")))
    sent |= {"name": "Base commerciale", "dialect": "sqlite", "path": FILE}
    office.post(listing(DataSource, "add"), sent)
    source = DataSource.objects.get()
    assert source.place == "SQLite, clients.sqlite"
    assert "clients.sqlite" not in source.url

    tested = office.post(act(source, "test")).content.decode()
    assert "SQLite 3" in tested
    source.refresh_from_db()
    assert source.tried_code == "fine"

    table = office.get(act(source, "schema") + "?table=client&schema=")
    assert "resilie_le" in table.content.decode()

    asked = f"?register={acme.pk}&source={source.pk}&table=client&schema=&rule={rule.pk}"
    form = office.get(listing(Target, "add") + asked)
    sent = as_sent(form)
    assert sent["key_columns"] == "id"
    assert (sent["events-0-event"], sent["events-0-column"]) == ("termination", "resilie_le")
    sent["name"] = "Clients résiliés"
    office.post(listing(Target, "add") + asked, sent)
    target = Target.objects.get()
    assert {column.name: column.identity for column in target.columns.all()}["email"] == "email"

    RetentionSettings.objects.create(register=acme, notice_days=0, most_percent=100)
    office.post(act(target, "preview"))
    preview = Preview.objects.get()
    assert "A worker counts" in office.get(page(target)).content.decode()
    worked(preview.job)
    preview.refresh_from_db()
    assert preview.refusals == []
    shown = office.get(page(target)).content.decode()
    assert act(target, "arm") in shown

    office.post(act(target, "arm"), {"reason": "Durée dépassée", "preview": preview.pk})
    assert Arming.objects.get().armed_by == dpo
    assert clients(folder) == list(range(1, 11))

    sent = {"scope": "record", "target": target.pk, "record_key": "3", "reason": "dossier 12", "register": acme.pk}
    days = {"opened_on": "2026-01-01", "review_on": "2200-01-01"}
    office.post(listing(LegalHold, "add"), sent | days)
    hold = LegalHold.objects.get()
    office.post(act(target, "run"))
    worked(Job.objects.get(kind="retention.run"))
    run = Run.objects.get()
    assert (run.state, run.rows_erased) == (Run.State.DONE, 6)
    assert clients(folder) == [3, 8, 9, 10]
    assert office.get(page(run)).status_code == 200
    assert "<td>" in office.get(listing(Run)).content.decode()

    office.post(act(hold, "release"), {"reason": "jugement rendu"})
    office.post(act(target, "run"))
    worked(Job.objects.filter(kind="retention.run").latest("pk"))
    assert clients(folder) == [8, 9, 10]
    assert "retention.run" in office.get(page(run)).context["evidence"]

    office.post(act(target, "disarm"))
    assert not Arming.objects.standing().exists()
