// purpose: versions of facts that an entry supersedes
// parameters: rows
// columns: none
// expands: kind, source
// used by: graph.projection
UNWIND $rows AS row
MATCH (a:<<source>> {id: row.source})-[r:<<kind>>]->(b)
WHERE b.id = row.target AND r.id = row.id AND r.seq_out > row.seq
SET r.seq_out = row.seq
