"""Accounts, sessions and tokens: all that Django's own tables hold, in a schema of their own."""
