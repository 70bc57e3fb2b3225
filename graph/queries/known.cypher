// purpose: which of these ids the graph has, of one kind of node
// parameters: ids
// columns: ids
// expands: label
// used by: graph.neighbourhood
UNWIND $ids AS node
MATCH (n:<<label>> {id: node})
RETURN collect(n.id) AS ids
