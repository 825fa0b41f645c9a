"""The guichet: takes word of failed attempts to file, without login, when all the rest is down, and gives a receipt."""
