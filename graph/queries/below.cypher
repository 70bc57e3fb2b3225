// purpose: the people under groups, however deep
// parameters: ids, s
// columns: people
// expands: label, part_of, memberships
// used by: graph.neighbourhood
UNWIND $ids AS group_id
MATCH (g:<<label>> {id: group_id})<-[:<<part_of>>*0..]-(h)
WITH DISTINCT h
MATCH (h)<-[r:<<memberships>>]-(p)
WHERE r.seq_in <= $s AND r.seq_out > $s
RETURN collect(DISTINCT p.id) AS people
