// purpose: move versions that no live question reads to their archive type
// parameters: ids, before_seq, before
// columns: moved
// expands: label, kind, archive
// used by: graph.projection
UNWIND $ids AS node
MATCH (a:<<label>> {id: node})-[r:<<kind>>]->(b)
WHERE r.seq_out <= $before_seq OR (r.until <= $before AND r.seq_in <= $before_seq)
CREATE (a)-[w:<<archive>> {id: r.id, since: r.since, until: r.until, seq_in: r.seq_in, seq_out: r.seq_out, details: r.details}]->(b)
DELETE r
RETURN count(w) AS moved
