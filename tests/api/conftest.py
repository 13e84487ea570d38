"""What the lane needs is installed by `make test-api` alone; everywhere else its tests are not even read."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("schemathesis") else ["test_interface.py"]
