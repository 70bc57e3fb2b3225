"""Who stands in what relation to what, and what that lets them know: kinds, facts, the law, every line of Cypher."""
