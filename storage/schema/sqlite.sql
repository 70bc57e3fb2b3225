-- The ledger is append-only by the database itself. A REPLACE is refused before it could delete.
DROP TRIGGER IF EXISTS entry_no_update;

CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

DROP TRIGGER IF EXISTS entry_no_delete;

CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

DROP TRIGGER IF EXISTS entry_next;

CREATE TRIGGER entry_next BEFORE INSERT ON entry
WHEN NEW.seq <> COALESCE((SELECT MAX(seq) FROM entry), 0) + 1
  OR NEW.prev <> COALESCE((SELECT hash FROM entry ORDER BY seq DESC LIMIT 1), '')
  OR EXISTS (SELECT 1 FROM entry WHERE reference = NEW.reference OR hash = NEW.hash)
  OR EXISTS (SELECT 1 FROM entry WHERE actor = NEW.actor AND act = NEW.act AND idempotency = NEW.idempotency)
BEGIN SELECT RAISE(ABORT, 'an entry follows the last one'); END;

DROP TRIGGER IF EXISTS anchor_no_update;

CREATE TRIGGER anchor_no_update BEFORE UPDATE ON anchor
BEGIN SELECT RAISE(ABORT, 'anchors are append-only'); END;

DROP TRIGGER IF EXISTS anchor_no_delete;

CREATE TRIGGER anchor_no_delete BEFORE DELETE ON anchor
BEGIN SELECT RAISE(ABORT, 'anchors are append-only'); END;

DROP TRIGGER IF EXISTS anchor_no_replace;

CREATE TRIGGER anchor_no_replace BEFORE INSERT ON anchor
WHEN EXISTS (SELECT 1 FROM anchor WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'anchors are append-only'); END;

CREATE UNIQUE INDEX IF NOT EXISTS entry_idempotency ON entry (actor, act, idempotency) WHERE idempotency IS NOT NULL;

-- Search joins a table of tokens with itself: which token, in which text, at which place.
CREATE INDEX IF NOT EXISTS index_entry_place ON index_entry (token, field, position);

CREATE INDEX IF NOT EXISTS title_token_place ON title_token (token, heap, position);
