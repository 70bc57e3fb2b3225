// purpose: take the clock before reading it: writing a property first makes writers queue
// parameters: lock
// columns: ledger, seq, hash, sweeps
// used by: graph.projection
MATCH (c:Clock {id: 'clock'})
SET c.lock = $lock
RETURN c.ledger AS ledger, c.seq AS seq, c.hash AS hash, c.sweeps AS sweeps
