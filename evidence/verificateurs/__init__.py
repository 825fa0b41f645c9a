"""The verifiers of a bundle, and what builds them: ``verifier.pyz`` and ``verifier.html``."""
