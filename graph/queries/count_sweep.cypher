// purpose: a sweep has moved something: a question about the past that ran meanwhile asks again
// parameters: swept
// columns: none
// used by: graph.projection
MATCH (c:Clock {id: 'clock'})
SET c.sweeps = c.sweeps + 1, c.swept = $swept
