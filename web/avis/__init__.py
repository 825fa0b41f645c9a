"""Webhooks: who follows a dossier is told that something happened to it, in a signed message that says no more."""
