"""Everything that leaves for any audience: one door, the channels behind it, and how they fail."""
