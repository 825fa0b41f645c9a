"""What can be proven: what leaves for a court, an expert, the Défenseur des droits."""
