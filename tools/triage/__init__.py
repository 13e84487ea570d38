"""Training and measuring the embedded triage: `python -m tools.triage.train`, `python -m tools.triage.evaluate`."""

import sys
from pathlib import Path

_SHARED = str(Path(__file__).resolve().parents[2] / "shared")
if _SHARED not in sys.path:  # the domain package lives in shared/, as in the Lambda layer
    sys.path.insert(0, _SHARED)
