"""What listening tools send: checked, mapped to incident reports, and taken in."""
