"""The engine by which Django reaches its tables."""
