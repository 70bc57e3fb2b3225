// purpose: the clock of a new graph, before the first entry
// parameters: ledger
// columns: ledger, seq, hash, sweeps
// used by: graph.projection
MERGE (c:Clock {id: 'clock'})
ON CREATE SET c.ledger = $ledger, c.seq = 0, c.hash = '', c.sweeps = 0, c.swept = 0, c.lock = ''
RETURN c.ledger AS ledger, c.seq AS seq, c.hash AS hash, c.sweeps AS sweeps
