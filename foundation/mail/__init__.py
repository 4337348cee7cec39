"""Mail: what is to be sent is a row that nobody changes, handed over to a mail server by one job."""
