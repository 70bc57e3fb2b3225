// purpose: the graph has been emptied
// parameters: none
// columns: none
// used by: graph.projection
MATCH (c:Clock {id: 'clock'})
DETACH DELETE c
