"""What is said around the layers, in French and in English; ``messages.json`` holds their own sentences."""

from __future__ import annotations

import json
import pkgutil
from typing import Final

VERDICTS: Final = {
    "INTEGRE": {"fr": "INTÈGRE", "en": "SOUND"},
    "COHERENT": {"fr": "COHÉRENT, ANCRAGE NON CONFIRMÉ", "en": "CONSISTENT, ANCHORING NOT CONFIRMED"},
    "ALTERE": {"fr": "ALTÉRÉ OU INVÉRIFIABLE", "en": "ALTERED OR UNVERIFIABLE"},
}
COUCHES: Final = {
    "archive": "archive",
    "sac": "bag",
    "export": "export",
    "feuilles": "lines",
    "inclusion": "inclusion",
    "points": "checkpoints",
    "temoins": "witnesses",
    "horodatage": "time-stamps",
    "recensement": "recensement",
    "contenus": "contents",
    "pieces": "documents",
    "dossier": "dossier.json",
    "ancrage": "anchoring",
}
PAROLES: Final = {
    "couche": {"fr": "première couche qui ne tient pas : {nom}", "en": "first layer that does not hold: {nom}"},
    "registre": {
        "fr": "Registre {log}, point de contrôle de {point} lignes",
        "en": "Log {log}, checkpoint of {point} lines",
    },
    "export": {"fr": "Export {export}", "en": "Export {export}"},
    "dates": {
        "fr": "Quand les actes ont été inscrits (UTC ; index dans le registre, à partir de 0)",
        "en": "When the acts were logged (UTC; index in the log, from 0)",
    },
    "ligne": {"fr": "index {de}, 1 acte : {quand}", "en": "index {de}, 1 act: {quand}"},
    "lignes": {"fr": "index {de} à {a}, {combien} actes : {quand}", "en": "index {de} to {a}, {combien} acts: {quand}"},
    "entre": {"fr": "pas avant le {avant}, pas après le {apres}", "en": "not before {avant}, not after {apres}"},
    "apres": {"fr": "pas avant le {avant}", "en": "not before {avant}"},
    "avant": {"fr": "pas après le {apres}", "en": "not after {apres}"},
    "sans": {"fr": "aucune date vérifiée", "en": "no verified date"},
    "qualifie": {"fr": "horodatage qualifié", "en": "qualified time-stamp"},
    "non_qualifie": {"fr": "horodatage non qualifié", "en": "time-stamp not qualified"},
    "jetons": {"fr": "Horodatages", "en": "Time-stamps"},
    "jeton": {
        "fr": "point {taille}, le {instant}, {service} : {sens}",
        "en": "checkpoint {taille}, {instant}, {service}: {sens}",
    },
    "verifie": {"fr": "vérifié", "en": "verified"},
    "non_verifie": {"fr": "non vérifié", "en": "not verified"},
    "temoins": {"fr": "Témoins, selon leur propre horloge", "en": "Witnesses, by their own clocks"},
    "cles": {
        "fr": "Clés qui ont signé, à comparer en entier avec celles que vous connaissez d'ailleurs",
        "en": "Keys that signed, to be compared whole with those that you know from elsewhere",
    },
    "retenues": {"fr": "Parties non montrées : {combien}", "en": "Parts withheld: {combien}"},
    "sans_fait": {"fr": "Pièces qu'aucun fait ne cite : {combien}", "en": "Documents that no fact cites: {combien}"},
    "absentes": {"fr": "Pièces citées et absentes : {combien}", "en": "Documents cited and absent: {combien}"},
    "avertissement": {
        "fr": "Un vérificateur venu avec ce qu'il vérifie ne prouve rien par lui-même : prenez-le d'ailleurs, et"
        " comparez son SHA-256 avec celui qui est publié avec lui. Celui du programme utilisé serait {empreinte}.",
        "en": "A verifier that came with what it verifies proves nothing by itself: take it from elsewhere, and compare"
        " its SHA-256 with the one published with it. That of the program used here would be {empreinte}.",
    },
    "fichier": {"fr": "ce fichier ne se lit pas : {nom}", "en": "this file cannot be read: {nom}"},
}


def messages() -> dict[str, dict[str, str]]:
    """The sentences of ``messages.json``, by code and language."""
    octets = pkgutil.get_data("evidence.verificateurs", "messages.json")
    assert octets is not None  # noqa: S101 - it is built in
    lus: dict[str, dict[str, str]] = json.loads(octets)
    return lus
