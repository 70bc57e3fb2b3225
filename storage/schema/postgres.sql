-- The ledger is append-only by the database itself; the server's role owns nothing and may only SELECT and INSERT.
-- The search path is fixed: a temporary table called entry would otherwise stand before the ledger.
CREATE OR REPLACE FUNCTION zhixi_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;

CREATE OR REPLACE FUNCTION zhixi_next_entry() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE last RECORD;
BEGIN
  SELECT seq, hash INTO last FROM entry ORDER BY seq DESC LIMIT 1;
  IF NEW.seq <> COALESCE(last.seq, 0) + 1 OR NEW.prev <> COALESCE(last.hash, '') THEN
    RAISE EXCEPTION 'an entry follows the last one';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER entry_fixed BEFORE UPDATE OR DELETE ON entry
FOR EACH ROW EXECUTE FUNCTION zhixi_append_only();

CREATE OR REPLACE TRIGGER entry_kept BEFORE TRUNCATE ON entry
FOR EACH STATEMENT EXECUTE FUNCTION zhixi_append_only();

CREATE OR REPLACE TRIGGER entry_next BEFORE INSERT ON entry
FOR EACH ROW EXECUTE FUNCTION zhixi_next_entry();

CREATE OR REPLACE TRIGGER anchor_fixed BEFORE UPDATE OR DELETE ON anchor
FOR EACH ROW EXECUTE FUNCTION zhixi_append_only();

CREATE OR REPLACE TRIGGER anchor_kept BEFORE TRUNCATE ON anchor
FOR EACH STATEMENT EXECUTE FUNCTION zhixi_append_only();

CREATE UNIQUE INDEX IF NOT EXISTS entry_idempotency ON entry (actor, act, idempotency) WHERE idempotency IS NOT NULL;

-- Search joins a table of tokens with itself: which token, in which text, at which place.
CREATE INDEX IF NOT EXISTS index_entry_place ON index_entry (token, field, position);

CREATE INDEX IF NOT EXISTS title_token_place ON title_token (token, heap, position);
