"""How property tests are run everywhere, and how often the collector comes by."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from local import LOADING, RUNNING

# No time limit for one example: two suites share two cores, and a slow moment is no fault. A failure prints the blob
# that repeats it. HYPOTHESIS_PROFILE=thorough looks twenty times as hard.
settings.register_profile(
    "usual", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow], max_examples=60
)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=1200)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


def pytest_collection_finish() -> None:
    """All is loaded: a process that starts no stack must not go on without looking for garbage."""
    if gc.get_threshold() == LOADING:
        gc.set_threshold(*RUNNING)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests have counted (property `explored`) is printed at the end, from whichever process it comes."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "explored":
                terminalreporter.write_line(str(value))
