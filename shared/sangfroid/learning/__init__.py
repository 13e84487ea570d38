"""Learning from use: what people decided about closed cases, kept as labelled reports of the organisation.

Nothing here runs by itself, and no rule of a case reads it: a command gathers, shows, measures, retrains and erases
(`make learn`). Decision 0039.
"""

from sangfroid.learning.examples import Example, example_of
from sangfroid.learning.shelf import Shelf, gather

__all__ = ["Example", "Shelf", "example_of", "gather"]
