// purpose: versions of facts that an entry supersedes
// parameters: rows
// columns: closed
// expands: kind, source, target
// used by: graph.projection
UNWIND $rows AS row
MATCH (a:<<source>> {id: row.source})
CALL (row) {
  MATCH (b:<<target>> {id: row.target})
  RETURN b
}
MATCH (a)-[r:<<kind>>]->(b)
WHERE r.id = row.id AND r.seq_out > row.seq
SET r.seq_out = row.seq
RETURN count(r) AS closed
