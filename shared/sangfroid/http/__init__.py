"""The outside of the desk: what an HTTP call may say, who may make it, and how it is answered. No rule of a case lives here."""
