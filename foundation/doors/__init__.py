"""How people come in: addresses and passwords, second factors, single sign-on, sessions. See docs/doors.md."""
