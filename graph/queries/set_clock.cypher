// purpose: the graph has come to this entry
// parameters: seq, hash
// columns: none
// used by: graph.projection
MATCH (c:Clock {id: 'clock'})
SET c.seq = $seq, c.hash = $hash
