// purpose: how far the graph has come, and of which ledger
// parameters: none
// columns: ledger, seq, hash, sweeps
// used by: api.http.health, api.http.metrics, graph.neighbourhood, graph.projection, storage.scratch
MATCH (c:Clock {id: 'clock'})
RETURN c.ledger AS ledger, c.seq AS seq, c.hash AS hash, c.sweeps AS sweeps
