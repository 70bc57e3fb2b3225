"""The pages people work in all day: server-rendered, Chinese first, whole without script. Each calls one act or one question."""
