// purpose: nodes that an entry brings
// parameters: ids
// columns: none
// expands: label
// used by: graph.projection
UNWIND $ids AS node
MERGE (n:<<label>> {id: node})
