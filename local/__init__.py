"""The local stack: the template that deploys, run on this machine in one process on a virtual clock.

Nothing here ships. ``local.stack.Stack`` is the Python door, ``python -m local.run`` the command.
"""

import gc

# 1,800 modules are loaded and a stack is started before anything can become garbage; looking for cycles at every 700 new
# objects would be a tenth of it. `Stack` sets what holds afterwards.
gc.set_threshold(1_000_000, 50, 100)
