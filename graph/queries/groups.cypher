// purpose: the way up from groups, and what stands on each group
// parameters: ids, s
// columns: ids, kinds, sources, targets, sinces, untils, ins, details, source_labels, target_labels
// expands: label, part_of, group_kinds
// used by: graph.neighbourhood
UNWIND $ids AS group_id
MATCH (g:<<label>> {id: group_id})-[:<<part_of>>*0..]->(h)
WITH DISTINCT h
WHERE h:Department OR h:Post
MATCH (h)-[r:<<group_kinds>>]->(x)
WHERE r.seq_in <= $s AND r.seq_out > $s
RETURN collect(r.id) AS ids, collect(type(r)) AS kinds, collect(h.id) AS sources, collect(x.id) AS targets,
       collect(r.since) AS sinces, collect(r.until) AS untils, collect(r.seq_in) AS ins,
       collect(r.details) AS details, collect(labels(h)[0]) AS source_labels, collect(labels(x)[0]) AS target_labels
