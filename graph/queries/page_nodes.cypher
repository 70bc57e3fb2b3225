// purpose: the ids of one kind of node, in order, a page at a time
// parameters: after, limit
// columns: ids
// expands: label
// used by: graph.projection
MATCH (a:<<label>>)
WHERE a.id > $after
WITH a.id AS id ORDER BY id LIMIT $limit
RETURN collect(id) AS ids
