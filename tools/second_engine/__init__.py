"""The state machines on a second, independent interpreter of the States language (`make test-engine`; docs/second-engine.md)."""
