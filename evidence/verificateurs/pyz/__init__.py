"""The verifier of a bundle that runs on any Python from 3.9 on: standard library only, and ``ledger.seal.proof``.

``docs/bundle.md`` says what it judges, layer by layer; ``messages.json`` holds every sentence of a layer.
"""
