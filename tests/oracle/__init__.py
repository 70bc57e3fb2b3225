"""may_know written a second time, as one SQL query over a flat table of facts: it shares no code with graph/law."""
