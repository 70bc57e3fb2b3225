// purpose: what points at nodes of one kind
// parameters: ids, s
// columns: ids, kinds, sources, targets, sinces, untils, ins, details, source_labels, target_labels
// expands: label, kinds
// used by: graph.neighbourhood
UNWIND $ids AS node
MATCH (a:<<label>> {id: node})<-[r:<<kinds>>]-(x)
WHERE r.seq_in <= $s AND r.seq_out > $s
RETURN collect(r.id) AS ids, collect(type(r)) AS kinds, collect(x.id) AS sources, collect(a.id) AS targets,
       collect(r.since) AS sinces, collect(r.until) AS untils, collect(r.seq_in) AS ins,
       collect(r.details) AS details, collect(labels(x)[0]) AS source_labels, collect(labels(a)[0]) AS target_labels
