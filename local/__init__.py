"""The local stack: the template that deploys, run on this machine in one process on a virtual clock.

Nothing here ships. ``local.stack.Stack`` is the Python door, ``python -m local.run`` the command.
"""

import gc

LOADING = (1_000_000, 50, 100)
"""1,800 modules are loaded and a stack is started before anything can become garbage; looking for cycles at every 700 new
objects would be a tenth of it."""
RUNNING = (100_000, 2, 1)
"""The engine makes many small objects and few cycles: looking for cycles at every 700 of them is a third of all work. But a
crisis that is over, or a stack that was emptied, is one knot of old objects, half a kilobyte each with their texts: at every
600,000 new ones, half a minute of work, all are looked at, which takes a tenth of a second. More seldom, a desk that runs for
days grows by gigabytes."""

gc.set_threshold(*LOADING)
