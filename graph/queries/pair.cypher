// purpose: everything the law reads to judge one person and one item, met in the middle
// parameters: person, item, s
// columns: ledger, seq, people, items, facts
// expands: person_kinds, up_kinds, group_kinds, item_kinds, onto_kinds, list_in_kinds, carries, held_by
// used by: graph.neighbourhood
WITH $person AS person, $item AS item
CALL (person) {
  MATCH (p:Person {id: person})
  RETURN collect(p.id) AS people
}
CALL (item) {
  MATCH (d:Document {id: item})
  RETURN collect(d.id) AS items
}
CALL (person) {
  MATCH (p:Person {id: person})-[r:<<person_kinds>>]->(x)
  WHERE r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), p.id, x.id, r.since, r.until, r.seq_in, r.details, 'Person', labels(x)[0]]) AS own
}
CALL (person) {
  MATCH (p:Person {id: person})-[:<<up_kinds>>*0..]->(g)
  RETURN collect(DISTINCT g) AS groups
}
CALL (groups) {
  UNWIND groups AS g
  WITH g
  WHERE g:Department OR g:Post
  MATCH (g)-[r:<<group_kinds>>]->(x)
  WHERE r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), g.id, x.id, r.since, r.until, r.seq_in, r.details, labels(g)[0], labels(x)[0]]) AS shared
}
CALL (item) {
  MATCH (d:Document {id: item})-[r:<<item_kinds>>]->(x)
  WHERE r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), d.id, x.id, r.since, r.until, r.seq_in, r.details, 'Document', labels(x)[0]]) AS demands
}
CALL (item) {
  MATCH (d:Document {id: item})<-[r:<<onto_kinds>>]-(k)
  WHERE r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), k.id, d.id, r.since, r.until, r.seq_in, r.details, labels(k)[0], 'Document']) AS onto,
         collect(DISTINCT k) AS lists
}
CALL (groups, lists) {
  UNWIND lists AS k
  WITH groups, k
  WHERE k:Range OR k:Distribution
  UNWIND groups AS x
  MATCH (k)<-[r:<<list_in_kinds>>]-(x)
  WHERE r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), x.id, k.id, r.since, r.until, r.seq_in, r.details, labels(x)[0], labels(k)[0]]) AS listed
}
CALL (person, item) {
  MATCH (d:Document {id: item})<-[b:<<carries>>]-(k)
  WHERE b.seq_in <= $s AND b.seq_out > $s
  WITH person, d, b, k
  MATCH (k)-[r:<<held_by>>]->(x)
  WHERE x.id = person AND r.seq_in <= $s AND r.seq_out > $s
  RETURN collect([r.id, type(r), k.id, x.id, r.since, r.until, r.seq_in, r.details, 'Carrier', 'Person'])
       + collect([b.id, type(b), k.id, d.id, b.since, b.until, b.seq_in, b.details, 'Carrier', 'Document']) AS hands
}
WITH people, items, own + shared + demands + onto + listed + hands AS facts
MATCH (c:Clock {id: 'clock'})
RETURN c.ledger AS ledger, c.seq AS seq, people, items, facts
