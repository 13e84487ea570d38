"""What a person or a procedure does, by subject: each act one transaction. Rules stand in `cases`, texts in `outbound`."""
