"""A mapping turned into statements: SQLAlchemy Core for PostgreSQL, MySQL, MariaDB and SQLite.

A statement compares columns with parameters and nothing else: no name and no value is ever written into its text, no
date is computed in it, and no secret is handed to it.
"""
