"""WHAT WAS KNOWN WHEN: as-of, comparison, rebuild, verification."""
