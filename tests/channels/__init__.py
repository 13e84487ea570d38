"""The channels against real servers and emulators (`make test-channels`); `make test` leaves them out."""
