"""The communication freeze (C3.0a, C3.0b; I3, I4): its state, the permits of sendings in flight, the staged release."""
