"""WHAT MAY BE ASKED: decisions on acts, and the door for facts that others report."""
