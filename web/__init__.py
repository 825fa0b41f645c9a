"""WHO MAY LOOK: the pages and the API, in French. Nothing outside this folder imports Django."""
