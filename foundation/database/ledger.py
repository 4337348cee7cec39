"""The ledger grows at its end only: what does not go on where it ended is refused, whoever writes it."""

from collections.abc import Iterator

from psycopg import sql

CHECKPOINTS, LEAVES = "foundation_checkpoint", "foundation_leaf"

FUNCTIONS = """
CREATE OR REPLACE FUNCTION greffier_next_checkpoint()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  newest bigint := 0; ended bigint := 0;
BEGIN
  SELECT number, last INTO newest, ended FROM foundation_checkpoint ORDER BY number DESC LIMIT 1;
  IF NEW.number <> coalesce(newest, 0) + 1 OR NEW.first <> coalesce(ended, 0) + 1 THEN
    RAISE EXCEPTION 'The ledger goes on with checkpoint % and leaf %', coalesce(newest, 0) + 1, coalesce(ended, 0) + 1
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_grows_at_its_end';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION greffier_leaf_in_checkpoint()
RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM foundation_checkpoint
    WHERE number = NEW.checkpoint_id AND NEW.position BETWEEN first AND last;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Leaf % does not lie in checkpoint %', NEW.position, NEW.checkpoint_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_grows_at_its_end';
  END IF;
  RETURN NEW;
END $$;
"""


def statements(existing: set[str]) -> Iterator[sql.Composed]:
    """Yield the statements that guard the tables that exist."""
    for table, function in ((CHECKPOINTS, "greffier_next_checkpoint"), (LEAVES, "greffier_leaf_in_checkpoint")):
        if table in existing:
            yield sql.SQL(
                "DROP TRIGGER IF EXISTS greffier_ledger ON {0}; CREATE TRIGGER greffier_ledger BEFORE INSERT ON {0} "
                "FOR EACH ROW EXECUTE FUNCTION {1}();"
            ).format(sql.Identifier(table), sql.Identifier(function))
