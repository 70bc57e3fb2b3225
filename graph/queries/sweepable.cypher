// purpose: which of these nodes have versions that no live question reads
// parameters: ids, before_seq, before
// columns: ids
// expands: label, kind
// used by: graph.projection
UNWIND $ids AS node
MATCH (a:<<label>> {id: node})-[r:<<kind>>]->()
WHERE r.seq_out <= $before_seq OR (r.until <= $before AND r.seq_in <= $before_seq)
RETURN collect(DISTINCT a.id) AS ids
