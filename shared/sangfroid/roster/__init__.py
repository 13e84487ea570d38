"""Who is on duty (R3): rotations, hours, holidays, absences and overrides; pure in the moment asked for."""

from sangfroid.roster.plan import Gap, Roster, Shift, Standing

__all__ = ["Gap", "Roster", "Shift", "Standing"]
