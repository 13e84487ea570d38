"""The channel adapters against strict fakes, where no server can be run."""
