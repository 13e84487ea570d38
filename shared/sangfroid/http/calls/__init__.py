"""The calls of the interface by subject: each route beside its body and its answer. Who may call: http/identity.py."""
