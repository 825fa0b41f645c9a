"""WHAT THE LAW SAYS: one file per rule, its source, its dates, its text above the code."""
