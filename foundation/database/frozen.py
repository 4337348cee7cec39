"""Rows whose content is fixed when they are made: the database refuses every change but of the columns named."""

from collections.abc import Iterator

from django.apps import apps
from psycopg import sql

FROZEN_EXCEPT = "frozen_except"  # on the model: the columns that may still change

FUNCTION = """
CREATE OR REPLACE FUNCTION greffier_frozen()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF to_jsonb(NEW) - TG_ARGV::text[] IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV::text[] THEN
    RAISE EXCEPTION '% keeps what was written: only how far it came may change', TG_TABLE_NAME
      USING ERRCODE = 'check_violation', CONSTRAINT = 'frozen';
  END IF;
  RETURN NEW;
END $$;
"""


def statements(existing: set[str]) -> Iterator[sql.Composed]:
    """Yield the statements that guard the tables that exist."""
    for model in apps.get_models():
        columns: tuple[str, ...] = getattr(model, FROZEN_EXCEPT, ())
        if columns and model._meta.db_table in existing:
            yield sql.SQL(
                "DROP TRIGGER IF EXISTS greffier_frozen ON {0}; CREATE TRIGGER greffier_frozen BEFORE UPDATE ON {0} "
                "FOR EACH ROW EXECUTE FUNCTION greffier_frozen({1});"
            ).format(sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Literal, columns)))
