// purpose: versions of facts that an entry brings
// parameters: rows
// columns: added
// expands: kind, source, target
// used by: graph.projection
UNWIND $rows AS row
MATCH (a:<<source>> {id: row.source})
CALL (row) {
  MATCH (b:<<target>> {id: row.target})
  RETURN b
}
CREATE (a)-[:<<kind>> {id: row.id, since: row.since, until: row.until, seq_in: row.seq_in, seq_out: row.seq_out, details: row.details}]->(b)
RETURN count(*) AS added
