"""Imputation : who owed what, which days were lost by whose breach, and what shows it; a pure function of the facts."""
