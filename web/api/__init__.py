"""The API: the same reads and acts as the pages, by the same decision and the same trace, for programs."""
