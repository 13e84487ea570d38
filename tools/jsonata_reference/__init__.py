"""Every expression of the state machines against JSONata's reference implementation (`make test-jsonata`)."""
