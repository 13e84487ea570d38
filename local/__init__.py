"""The local stack: the template that deploys, run on this machine in one process on a virtual clock.

Nothing here ships. ``local.stack.Stack`` is the Python door, ``python -m local.run`` the command.
"""
