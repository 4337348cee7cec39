"""A mapping file becomes targets once: what stands is left, and what does not fit the register is refused whole."""

import pytest

from examples.databases.catalogue import mapping_text
from foundation.models import Event
from retention.deciding import decide
from retention.loading import MappingMisfit, load_mapping
from retention.mapped import mapping_of
from retention.mapping_files import read_mapping
from retention.models import DataSource, Decision, NotExecutable, Target

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(loaded):
    """Load a register, and a mapping file into it."""

    def load_both(slug, text=None, **options):
        from foundation.models import Register

        register = Register.objects.filter(slug=slug).first() or loaded(slug)
        file = read_mapping(text or mapping_text(slug), f"{slug}.yaml")
        source, _new = DataSource.objects.get_or_create(register=register, name=file.source)
        return register, file, load_mapping(register, file, source, actor=None, **options)

    return load_both


@pytest.mark.parametrize("slug", ["sofacto", "urbs-imope"])
def test_a_file_becomes_rows_that_say_the_same(load, slug):
    register, file, done = load(slug)
    targets = {target.name: target for target in Target.objects.with_mapping().filter(register=register)}
    assert {name: (target.rule.ref, mapping_of(target)) for name, target in targets.items()} == {
        target.name: (target.rule, target.mapping) for target in file.targets
    }
    assert done.targets == len(file.targets)
    assert NotExecutable.objects.filter(register=register).count() == done.not_executable == len(file.not_executable)
    assert Event.objects.filter(register=register, verb=Event.Verb.DECISION_MADE).count() == len(file.decisions)


def test_loading_again_changes_nothing_and_a_persons_decision_stands(load, dpo):
    register, _file, _done = load("urbs-imope")
    mine = Decision.objects.get(rule__ref="prospect", kind=Decision.Kind.COMBINATION)
    Decision.objects.filter(pk=mine.pk).update(withdrawn_at=mine.decided_at)
    rule = mine.rule
    Decision.objects.create(register=register, rule=rule, kind="combination", choice="earliest", reason="la mienne")
    _register, _file, again = load("urbs-imope")
    assert (again.targets, again.not_executable, again.decisions) == (0, 0, 0)
    assert Decision.objects.standing().get(rule=rule, kind="combination").choice == "earliest"


def test_a_person_who_decided_the_other_way_round_is_not_overruled_by_a_file(load, dpo):
    load("vistory-sesame")
    said = Decision.objects.standing().get(kind=Decision.Kind.PRECEDENCE)
    decide(said.over, kind="precedence", choice="prevails", over=said.rule, reason="r", by=dpo, at=said.decided_at)
    _register, _file, again = load("vistory-sesame")
    assert again.decisions == 0
    assert Decision.objects.standing().get(kind=Decision.Kind.PRECEDENCE).decided_by == dpo


def test_a_changed_file_changes_its_target_alone_and_the_visa_stays(load):
    _register, _file, _done = load("sofacto")
    Target.objects.filter(table="profils_statistiques").update(visa_reference="V-1")
    before = {target.name: mapping_of(target).version for target in Target.objects.with_mapping()}
    changed = mapping_text("sofacto").replace(
        "- {name: segment, treatment: keep}", '- {name: segment, treatment: "null"}'
    )
    _register, _file, done = load("sofacto", changed)
    after = {target.name: mapping_of(target).version for target in Target.objects.with_mapping()}
    assert done.targets == 1
    assert [name for name in before if before[name] != after[name]] == ["profils_statistiques · plus utile"]
    assert Target.objects.get(table="profils_statistiques").visa_reference == "V-1"


def test_tables_of_a_schema_get_its_name(load):
    load("sofacto", schema="demo_sofacto")
    mappings = [mapping_of(target) for target in Target.objects.with_mapping()]
    names = [
        name for each in mappings for name in (each.table, each.archive, *[child.table for child in each.children])
    ]
    assert {name.schema for name in names if name} == {"demo_sofacto"}


def test_what_does_not_fit_is_refused_whole_with_every_reason(load, loaded):
    text = mapping_text("sofacto").replace("rule: statistiques\n    table", "rule: statistique\n    table")
    text = text.replace("events: {contract_end: contrat_fini_le}", "events: {termination: contrat_fini_le}", 1)
    with pytest.raises(MappingMisfit) as caught:
        load("sofacto", text)
    assert len(caught.value.reasons) == 2
    assert "statistique" in caught.value.reasons[0]
    assert "contract_end" in caught.value.reasons[1]
    assert not Target.objects.exists()


def test_a_file_or_a_source_of_another_register_is_refused(acme, elsewhere):
    source = DataSource.objects.create(register=elsewhere, name="x")
    with pytest.raises(MappingMisfit) as caught:
        load_mapping(acme, read_mapping(mapping_text("sistec")), source, actor=None)
    ours, file, *rules = caught.value.reasons
    assert "sistec" not in ours
    assert "sistec" in file
    assert any("fin-de-prestation" in reason for reason in rules)
