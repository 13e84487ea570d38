"""Where a message comes from (C1.1, C2.1, A11): a safe look at its page, and what the page says of author, time and source."""
