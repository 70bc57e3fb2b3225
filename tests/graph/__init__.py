"""The graph room: kinds, facts, the law, and both engines behind one driver."""
