// purpose: the documents that lists open
// parameters: ids, s
// columns: ids, kinds, sources, targets, sinces, untils, ins, details, source_labels, target_labels
// expands: label, list_of_kinds
// used by: graph.neighbourhood
UNWIND $ids AS list
MATCH (k:<<label>> {id: list})-[r:<<list_of_kinds>>]->(d)
WHERE r.seq_in <= $s AND r.seq_out > $s
RETURN collect(r.id) AS ids, collect(type(r)) AS kinds, collect(k.id) AS sources, collect(d.id) AS targets,
       collect(r.since) AS sinces, collect(r.until) AS untils, collect(r.seq_in) AS ins,
       collect(r.details) AS details, collect(labels(k)[0]) AS source_labels, collect(labels(d)[0]) AS target_labels
