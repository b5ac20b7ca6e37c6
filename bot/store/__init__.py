"""Facts become rows and rows become facts: tables, statements named by intent, migrations.

The only home of SQLAlchemy. A statement takes an open connection and says what it wants in its name
(`claim_due_feeds(conn, now, …)`); who opens the connection decides what commits together.
"""
