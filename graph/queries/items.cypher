// purpose: what documents demand: marks, lists, grants and exclusions
// parameters: ids, s
// columns: ids, kinds, sources, targets, sinces, untils, ins, details, source_labels, target_labels
// expands: item_kinds
// used by: graph.neighbourhood
UNWIND $ids AS item
MATCH (d:Document {id: item})-[r:<<item_kinds>>]->(x)
WHERE r.seq_in <= $s AND r.seq_out > $s
RETURN collect(r.id) AS ids, collect(type(r)) AS kinds, collect(d.id) AS sources, collect(x.id) AS targets,
       collect(r.since) AS sinces, collect(r.until) AS untils, collect(r.seq_in) AS ins,
       collect(r.details) AS details, collect(labels(d)[0]) AS source_labels, collect(labels(x)[0]) AS target_labels
