// purpose: empty the graph, some nodes at a time, before a rebuild
// parameters: ids
// columns: none
// expands: label
// used by: graph.projection
UNWIND $ids AS node
MATCH (n:<<label>> {id: node})
DETACH DELETE n
