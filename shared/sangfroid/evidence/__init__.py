"""Evidence (A8, A9): captures and attachments that nobody can change or delete before their time, and a pack to hand on."""
