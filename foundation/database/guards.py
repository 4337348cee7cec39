"""Rules that PostgreSQL holds for every register row, whatever writes it; laid down after each migration.

One register never points at another's rows; an answer of another kind never stands beside a value; append-only tables
refuse update, delete and truncate; every change of a row leaves its trace in the history.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.apps import apps
from django.db import connection, models
from psycopg import sql

from foundation.database import frozen, ledger
from foundation.database.privileges import append_only_tables
from foundation.history import NEVER
from foundation.rows import OwnedRow, RegisterRow

ANSWERS = "register_answer"
HISTORY = "foundation_change"

FUNCTIONS = """
CREATE OR REPLACE FUNCTION greffier_same_register()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  n int := 0; target bigint; other bigint; stands boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE id = $1)', TG_TABLE_NAME) INTO stands USING NEW.id;
  IF NOT stands THEN RETURN NULL; END IF;  -- deleted again before the end of the transaction
  WHILE n < TG_NARGS LOOP
    target := (to_jsonb(NEW) ->> TG_ARGV[n])::bigint;
    IF target IS NOT NULL THEN
      EXECUTE format('SELECT register_id FROM %I WHERE id = $1', TG_ARGV[n + 1]) INTO other USING target;
      IF other IS DISTINCT FROM NEW.register_id THEN
        RAISE EXCEPTION '%.% points outside its register', TG_TABLE_NAME, TG_ARGV[n]
          USING ERRCODE = 'check_violation', CONSTRAINT = 'same_register';
      END IF;
    END IF;
    n := n + 2;
  END LOOP;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION greffier_link_same_register()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  one bigint; other bigint; stands boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE id = $1)', TG_TABLE_NAME) INTO stands USING NEW.id;
  IF NOT stands THEN RETURN NULL; END IF;
  EXECUTE format('SELECT register_id FROM %I WHERE id = $1', TG_ARGV[1]) INTO one
    USING (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
  EXECUTE format('SELECT register_id FROM %I WHERE id = $1', TG_ARGV[3]) INTO other
    USING (to_jsonb(NEW) ->> TG_ARGV[2])::bigint;
  IF one IS DISTINCT FROM other THEN
    RAISE EXCEPTION '% links two registers', TG_TABLE_NAME
      USING ERRCODE = 'check_violation', CONSTRAINT = 'same_register';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION greffier_note_same_register()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  entry_table text; other bigint;
BEGIN
  SELECT app_label || '_' || model INTO entry_table FROM django_content_type WHERE id = NEW.entry_type_id;
  EXECUTE format('SELECT register_id FROM %I WHERE id = $1', entry_table) INTO other USING NEW.entry_id;
  IF other IS DISTINCT FROM NEW.register_id THEN
    RAISE EXCEPTION '% notes an entry outside its register', TG_TABLE_NAME
      USING ERRCODE = 'check_violation', CONSTRAINT = 'same_register';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION greffier_refuse_value_beside_answer(entry_table text, field text, entry bigint)
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'A value stands beside an answer of another kind: %.% of entry %', entry_table, field, entry
    USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_without_value';
END $$;

-- on the answers: nothing may be written in the field, and no line may stand in the list
CREATE OR REPLACE FUNCTION greffier_answer_without_value()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  entry_table text; n int := 0; has_value boolean;
BEGIN
  PERFORM 1 FROM register_answer WHERE id = NEW.id;
  IF NOT FOUND THEN RETURN NULL; END IF;  -- withdrawn before the end of the transaction
  SELECT app_label || '_' || model INTO entry_table FROM django_content_type WHERE id = NEW.entry_type_id;
  EXECUTE format('SELECT coalesce(to_jsonb(t) ->> %L, to_jsonb(t) ->> %L, '''') NOT IN ('''', ''[]'')
                  FROM %I t WHERE id = $1',
                 NEW.field, NEW.field || '_id', entry_table) INTO has_value USING NEW.entry_id;
  IF has_value THEN PERFORM greffier_refuse_value_beside_answer(entry_table, NEW.field, NEW.entry_id); END IF;
  WHILE n < TG_NARGS LOOP
    IF TG_ARGV[n] = entry_table AND TG_ARGV[n + 1] = NEW.field THEN
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE %I = $1)', TG_ARGV[n + 2], TG_ARGV[n + 3])
        INTO has_value USING NEW.entry_id;
      IF has_value THEN PERFORM greffier_refuse_value_beside_answer(entry_table, NEW.field, NEW.entry_id); END IF;
    END IF;
    n := n + 4;
  END LOOP;
  RETURN NULL;
END $$;

-- on an entry: no field that has a value may have an answer of another kind
CREATE OR REPLACE FUNCTION greffier_value_without_answer()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  refused text;
BEGIN
  SELECT a.field INTO refused
  FROM register_answer a JOIN django_content_type c ON c.id = a.entry_type_id
  CROSS JOIN (SELECT to_jsonb(NEW) AS row) now
  WHERE c.app_label || '_' || c.model = TG_TABLE_NAME AND a.entry_id = NEW.id
    AND coalesce(now.row ->> a.field, now.row ->> (a.field || '_id'), '') NOT IN ('', '[]') LIMIT 1;
  IF refused IS NOT NULL THEN
    PERFORM greffier_refuse_value_beside_answer(TG_TABLE_NAME::text, refused, NEW.id);
  END IF;
  RETURN NULL;
END $$;

-- on a line of a list: the list may not have an answer of another kind
CREATE OR REPLACE FUNCTION greffier_line_without_answer()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  entry bigint; n int := 0;
BEGIN
  WHILE n < TG_NARGS LOOP
    EXECUTE format('SELECT %I FROM %I WHERE id = $1', TG_ARGV[n], TG_TABLE_NAME) INTO entry USING NEW.id;
    PERFORM 1 FROM register_answer a JOIN django_content_type c ON c.id = a.entry_type_id
      WHERE c.app_label || '_' || c.model = TG_ARGV[n + 1] AND a.entry_id = entry AND a.field = TG_ARGV[n + 2];
    IF FOUND THEN PERFORM greffier_refuse_value_beside_answer(TG_ARGV[n + 1], TG_ARGV[n + 2], entry); END IF;
    n := n + 3;
  END LOOP;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION greffier_stays()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.register_id <> OLD.register_id OR NEW.id <> OLD.id THEN
    RAISE EXCEPTION '% keeps its rows in their register', TG_TABLE_NAME
      USING ERRCODE = 'check_violation', CONSTRAINT = 'same_register';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION greffier_append_only()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% keeps what was written: % is refused', TG_TABLE_NAME, lower(TG_OP)
    USING ERRCODE = 'insufficient_privilege';
END $$;

-- written as the owner: nobody else may add to the history; the arguments are fields whose values are not kept;
-- a link between rows tells its register by its first end
CREATE OR REPLACE FUNCTION greffier_history()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  before jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
  after jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
  owner bigint := coalesce(after ->> 'register_id', before ->> 'register_id')::bigint;
  changed jsonb;
BEGIN
  IF owner IS NULL THEN
    EXECUTE format('SELECT register_id FROM %I WHERE id = $1', TG_ARGV[1]) INTO owner
      USING coalesce(after ->> TG_ARGV[0], before ->> TG_ARGV[0])::bigint;
    IF owner IS NULL THEN RETURN NULL; END IF;  -- the row it hung on is gone: its own deletion tells
  END IF;
  SELECT jsonb_object_agg(key, CASE WHEN key = ANY (TG_ARGV) THEN '"(not kept)"'::jsonb
                               ELSE jsonb_build_array(before -> key, after -> key) END)
    INTO changed
    FROM jsonb_object_keys(before || after) AS key
    WHERE key NOT IN ('id', 'register_id') AND before -> key IS DISTINCT FROM after -> key;
  IF changed IS NULL THEN RETURN NULL; END IF;
  INSERT INTO foundation_change (register_id, table_name, row_id, operation, changes, actor_id, reason, changed_at)
  VALUES (owner, TG_TABLE_NAME, coalesce(after ->> 'id', before ->> 'id')::bigint, lower(TG_OP), changed,
          nullif(current_setting('greffier.actor', true), '')::bigint,
          coalesce(current_setting('greffier.reason', true), ''), clock_timestamp());
  RETURN NULL;
END $$;
"""


def register_models() -> list[type[RegisterRow]]:
    """Return every concrete model whose rows belong to a register's content."""
    return [model for model in apps.get_models() if issubclass(model, RegisterRow)]


def owned_models() -> list[type[OwnedRow]]:
    """Return every concrete model whose rows belong to one register."""
    return [model for model in apps.get_models() if issubclass(model, OwnedRow)]


def lists() -> Iterator[tuple[str, str, str, str]]:
    """Yield (entry table, field, line table, column): the lists of an entry that an answer may stand for."""
    for model in register_models():
        field: Any
        for field in model._meta.get_fields():
            target: Any = field.related_model
            if _is_foreign_key(field) and _is_listed(field, target):
                yield target._meta.db_table, str(field.remote_field.related_name), model._meta.db_table, field.column
            if _is_link(field):
                through: str = field.remote_field.through._meta.db_table
                yield model._meta.db_table, field.name, through, str(field.m2m_column_name())
                if _is_listed(field, target):
                    name = str(field.remote_field.related_name)
                    yield target._meta.db_table, name, through, str(field.m2m_reverse_name())


def _is_foreign_key(field: Any) -> bool:
    return isinstance(field, models.ForeignKey)


def _is_link(field: Any) -> bool:
    return isinstance(field, models.ManyToManyField)


def _is_listed(field: Any, target: Any) -> bool:
    name = field.remote_field.related_name
    return isinstance(target, type) and issubclass(target, RegisterRow) and bool(name) and not name.endswith("+")


BEFORE = "BEFORE INSERT OR UPDATE"
ALWAYS = "AFTER INSERT OR UPDATE OR DELETE"
AT_THE_END = "AFTER INSERT OR UPDATE"  # of the transaction: what contradicts itself meanwhile is fine


def _trigger(name: str, table: str, function: str, arguments: list[str], *, when: str) -> sql.Composed:
    shape = (
        "CREATE CONSTRAINT TRIGGER {} " + when + " ON {} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        if when == AT_THE_END
        else "CREATE TRIGGER {} " + when + " ON {} FOR EACH ROW"
    )
    named = sql.SQL(shape).format(sql.Identifier(name), sql.Identifier(table))
    call = sql.SQL(" EXECUTE FUNCTION {}({})").format(
        sql.Identifier(function), sql.SQL(", ").join(map(sql.Literal, arguments))
    )
    drop = sql.SQL("DROP TRIGGER IF EXISTS {} ON {}; ").format(sql.Identifier(name), sql.Identifier(table))
    return drop + named + call + sql.SQL(";")


def statements(existing: set[str]) -> Iterator[sql.Composed]:
    """Yield the statements that lay down every guard on the tables that exist."""
    for model in owned_models():
        if model._meta.db_table in existing:
            yield from _walls(model)
            if ANSWERS in existing and issubclass(model, RegisterRow) and not _is_note(model):
                table = model._meta.db_table
                yield _trigger(
                    "greffier_value_without_answer", table, "greffier_value_without_answer", [], when=AT_THE_END
                )
    if ANSWERS in existing:
        yield from _answers([item for item in lists() if item[0] in existing and item[2] in existing])
    for table in append_only_tables():
        if table in existing:
            yield sql.SQL(
                "DROP TRIGGER IF EXISTS greffier_append_only ON {0}; CREATE TRIGGER greffier_append_only "
                "BEFORE UPDATE OR DELETE OR TRUNCATE ON {0} FOR EACH STATEMENT EXECUTE FUNCTION greffier_append_only();"
            ).format(sql.Identifier(table))
    if HISTORY in existing:
        for table, arguments in histories():
            if table in existing:
                yield _trigger("greffier_history", table, "greffier_history", arguments, when=ALWAYS)


def _is_note(model: type[OwnedRow]) -> bool:
    return any(field.name == "entry_type" for field in model._meta.concrete_fields)


def _walls(model: type[OwnedRow]) -> Iterator[sql.Composed]:
    """Yield the guards that keep a model's rows, links and notes inside one register."""
    table = model._meta.db_table
    targets = [
        (field.column, field.related_model._meta.db_table)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and isinstance(field.related_model, type)
        and issubclass(field.related_model, OwnedRow)
    ]
    yield _trigger("greffier_stays", table, "greffier_stays", [], when="BEFORE UPDATE")
    if targets:
        columns = [part for pair in targets for part in pair]
        yield _trigger("greffier_same_register", table, "greffier_same_register", columns, when=AT_THE_END)
    if _is_note(model):
        yield _trigger("greffier_note_same_register", table, "greffier_note_same_register", [], when=BEFORE)
    links: Any
    for links in model._meta.local_many_to_many:
        through = links.remote_field.through._meta.db_table
        ends = [links.m2m_column_name(), table, links.m2m_reverse_name(), links.related_model._meta.db_table]
        yield _trigger("greffier_same_register", through, "greffier_link_same_register", ends, when=AT_THE_END)


def _answers(found: list[tuple[str, str, str, str]]) -> Iterator[sql.Composed]:
    """Yield the guards that keep answers of another kind away from the lines of a list."""
    for line_table in sorted({item[2] for item in found}):
        triples = [part for entry, name, line, column in found if line == line_table for part in (column, entry, name)]
        yield _trigger(
            "greffier_line_without_answer", line_table, "greffier_line_without_answer", triples, when=AT_THE_END
        )
    every = [part for item in found for part in item]
    yield _trigger("greffier_answer_without_value", ANSWERS, "greffier_answer_without_value", every, when=AT_THE_END)


def histories() -> Iterator[tuple[str, list[str]]]:
    """Yield (table, trigger arguments) of every table whose rows have a history: entries, notes, what is `tracked`."""
    for model in owned_models():
        if not issubclass(model, RegisterRow) and not hasattr(model, NEVER):
            continue  # it tells its own course: runs, batches
        yield model._meta.db_table, [_column(model, name) for name in getattr(model, NEVER, ())]
        field: Any
        for field in model._meta.local_many_to_many:
            yield field.remote_field.through._meta.db_table, [field.m2m_column_name(), model._meta.db_table]


def _column(model: type[OwnedRow], name: str) -> str:
    field: Any = model._meta.get_field(name)
    return str(field.column)


def install(**_: Any) -> None:
    """Lay down the guards as the owner of the tables; running it again changes nothing."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS + frozen.FUNCTION + ledger.FUNCTIONS)
        for statement in chain(statements(existing), frozen.statements(existing), ledger.statements(existing)):
            cursor.execute(statement)
