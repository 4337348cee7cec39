"""PostgreSQL and Valkey that the application starts itself when it is given no outside server.

Nothing here imports Django: `servers.ensure` is called while the settings are being built.
"""
