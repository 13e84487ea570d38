"""Later code against what earlier releases called and kept: see tools/compat.py."""
