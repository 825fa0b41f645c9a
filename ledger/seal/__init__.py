"""The seal: one Merkle tree over every line, signed checkpoints of it, and what proves a line against them."""
