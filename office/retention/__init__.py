"""Pages of the office that look at the retention of a whole register: what falls due, what is covered, what bites."""
