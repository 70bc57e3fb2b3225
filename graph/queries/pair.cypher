// purpose: everything the law reads to judge one person and one item, met in the middle
// parameters: person, item, s
// columns: ledger, seq, sweeps, people, items, facts
// expands: person_kinds, group_kinds, item_kinds, list_of_kinds, list_in_kinds, pair_kinds, up_kinds, carries, held_by
// used by: graph.neighbourhood.pair
MATCH (c:Clock {id: 'clock'})
CALL (c) {
  MATCH (p:Person {id: $person})
  RETURN count(p) AS people
}
CALL (c) {
  MATCH (d:Document {id: $item})
  RETURN count(d) AS items
}
CALL (c) {
  MATCH (p:Person {id: $person})-[r:<<person_kinds>>]->(x)
  WHERE r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), p.id, x.id, r.since, r.until, r.seq_in, r.seq_out, r.details, 'Person', labels(x)[0]]) AS own
}
CALL (c) {
  MATCH (p:Person {id: $person})-[ways:<<up_kinds>>*1..8]->(g)
  WITH DISTINCT g
  MATCH (g)-[r:<<group_kinds>>]->(x)
  WHERE r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), g.id, x.id, r.since, r.until, r.seq_in, r.seq_out, r.details, labels(g)[0], labels(x)[0]]) AS shared
}
CALL (c) {
  MATCH (d:Document {id: $item})-[r:<<item_kinds>>]->(x)
  WHERE r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), d.id, x.id, r.since, r.until, r.seq_in, r.seq_out, r.details, 'Document', labels(x)[0]]) AS demands
}
CALL (c) {
  MATCH (d:Document {id: $item})<-[r:<<list_of_kinds>>]-(k)
  WHERE r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), k.id, d.id, r.since, r.until, r.seq_in, r.seq_out, r.details, labels(k)[0], 'Document']) AS lists, collect(k.id) AS keys
}
CALL (c, keys) {
  MATCH (p:Person {id: $person})-[r:<<list_in_kinds>>]->(k)
  WHERE k.id IN keys AND r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), p.id, k.id, r.since, r.until, r.seq_in, r.seq_out, r.details, 'Person', labels(k)[0]]) AS named
}
CALL (c, keys) {
  MATCH (p:Person {id: $person})-[ways:<<up_kinds>>*1..8]->(x)
  WITH DISTINCT x, keys
  MATCH (x)-[r:<<list_in_kinds>>]->(k)
  WHERE k.id IN keys AND r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), x.id, k.id, r.since, r.until, r.seq_in, r.seq_out, r.details, labels(x)[0], labels(k)[0]]) AS listed
}
CALL (c) {
  MATCH (d:Document {id: $item})<-[r:<<pair_kinds>>]-(x)
  WHERE r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), x.id, d.id, r.since, r.until, r.seq_in, r.seq_out, r.details, labels(x)[0], 'Document']) AS direct
}
CALL (c) {
  MATCH (d:Document {id: $item})<-[b:<<carries>>]-(k:Carrier)-[r:<<held_by>>]->(p:Person)
  WHERE p.id = $person AND r.seq_in <= $s AND r.seq_out > $s AND b.seq_in <= $s AND b.seq_out > $s
  RETURN collect([r.id, type(r), k.id, p.id, r.since, r.until, r.seq_in, r.seq_out, r.details, 'Carrier', 'Person'])
       + collect([b.id, type(b), k.id, d.id, b.since, b.until, b.seq_in, b.seq_out, b.details, 'Carrier', 'Document']) AS hands
}
RETURN c.ledger AS ledger, c.seq AS seq, c.sweeps AS sweeps, people, items, own + shared + demands + lists + named + listed + direct + hands AS facts
