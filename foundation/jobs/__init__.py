"""Background work as rows: the row says what is to be done and who holds it; Celery only rings the bell."""
