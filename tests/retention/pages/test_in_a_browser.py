"""The way of a DPO in a real browser: by keyboard, without a breach of the policy, without a barrier that axe finds."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from foundation.jobs import running
from foundation.models import Job, Membership, Register, User
from foundation.permissions import Role
from retention.models import DataSource, LegalHold, RetentionSettings, Run, Target
from tests.conftest import PASSWORD
from tests.office.conftest import listing, page
from tests.office.test_in_a_browser import TELL, barriers, chromium, collected, sign_in  # noqa: F401 (a fixture)
from tests.retention.pages.world import FILE, act, business_file, clients, rule_of
from tests.web import serving

pytestmark = [pytest.mark.processes, pytest.mark.browser]


@pytest.fixture
def register(real_servers):
    register = Register.objects.create(slug="acme", name="Registre d’Acme")
    dpo = User.objects.create_user("dpo@office.example", PASSWORD)
    Membership.objects.create(user=dpo, register=register, role=Role.DPO)
    RetentionSettings.objects.create(register=register, notice_days=0, most_percent=100)
    rule_of(register)
    return register


@pytest.fixture
def base(real_servers, collected, settings, tmp_path):  # noqa: F811 (the fixture)
    settings.SQLITE_FOLDER = str(tmp_path)
    business_file(tmp_path)
    (tmp_path / "var").mkdir(exist_ok=True)
    (tmp_path / "var" / "static").symlink_to(collected)
    with serving(real_servers, "--workers", "1", GREFFIER_SQLITE_FOLDER=str(tmp_path)) as address:
        yield address


def to(tab, selector: str, *, presses: int = 80) -> None:
    """Go by the Tab key until the focus is on what the selector names."""
    for _press in range(presses):
        tab.keyboard.press("Tab")
        if tab.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def aside(act):
    """Return what an act on the database gives: in a thread without the browser's loop, its connection closed."""

    def closing():
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(closing).result()


def worked(kind: str) -> None:
    assert aside(lambda: running.run(Job.objects.get(kind=kind).pk))


def test_from_a_database_to_an_erasure_by_keyboard(base, register, tmp_path):
    said: list[str] = []
    found = []
    with chromium(bypass_csp=True, reduced_motion="reduce") as context:
        tab = context.new_page()
        sign_in(tab, base)
        tab.wait_for_selector(".entrance")
        found += barriers(tab, "index")

        tab.goto(base + listing(DataSource, "add"))
        tab.fill("[name=name]", "Base commerciale")
        tab.select_option("[name=dialect]", "sqlite")
        tab.fill("[name=path]", FILE)
        tab.click("[name=_continue]")
        tab.wait_for_selector(".object-tools button.tool")
        to(tab, ".object-tools button.tool")
        tab.keyboard.press("Enter")
        tab.wait_for_selector(".state--ok")
        tab.goto(base + aside(lambda: act(DataSource.objects.get(), "schema")))
        tab.click("tbody th a:text-is('client')")
        tab.select_option("#id_rule", index=1)
        found += barriers(tab, "table")
        tab.click("#content-main form button")
        tab.wait_for_selector("#id_events-0-column")
        assert tab.input_value("#id_events-0-column") == "resilie_le"
        tab.fill("#id_children-0-domain_dated_by", "emise_le")
        tab.click("[name=_continue]")
        tab.wait_for_selector(".sheet")
        target = aside(lambda: Target.objects.select_related("rule").get())

        to(tab, ".orders button")
        tab.keyboard.press("Enter")
        tab.wait_for_selector("text=/worker|travail|ouvrier/i")
        worked("retention.preview")
        tab.goto(base + page(target))
        found += barriers(tab, "target")
        to(tab, ".orders a.button")
        tab.keyboard.press("Enter")
        tab.wait_for_selector("#id_reason")
        found += barriers(tab, "arm")
        to(tab, "#id_reason")
        tab.keyboard.type("Durée dépassée")
        to(tab, ".submit-row [type=submit]")
        tab.keyboard.press("Enter")
        tab.wait_for_selector(".messagelist .success")

        tab.goto(base + act(target, "run"))
        to(tab, ".submit-row [type=submit]")
        tab.keyboard.press("Enter")
        tab.wait_for_selector(".messagelist .success")
        worked("retention.run")
        run = aside(Run.objects.get)
        tab.goto(base + page(run))
        found += barriers(tab, "run")
        for address in (reverse("admin:retention_due"), listing(LegalHold, "add"), act(target.rule, "decide")):
            assert tab.goto(base + address).status == 200
            found += barriers(tab, address)
        for address in (reverse("admin:retention_promises"), listing(Target), listing(Run)):
            assert tab.goto(base + address).status == 200
    with chromium() as context:  # under the policy of production
        context.add_init_script(TELL)
        context.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        tab = context.new_page()
        sign_in(tab, base)
        for address in (page(target), page(run), reverse("admin:retention_due"), listing(Target, "add")):
            tab.goto(base + address)
    assert clients(tmp_path) == [8, 9, 10]
    assert found == []
    assert said == []
