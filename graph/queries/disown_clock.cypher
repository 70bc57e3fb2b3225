// purpose: from here on the graph belongs to no ledger, until it has been emptied and is given a clock anew
// parameters: lock
// columns: none
// used by: graph.projection
MERGE (c:Clock {id: 'clock'})
SET c.lock = $lock, c.ledger = '', c.seq = 0, c.hash = '', c.sweeps = 0, c.swept = 0
