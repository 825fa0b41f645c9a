"""A fact as a bulk row: of every type, whatever was written in it, only what the dictionary allows leaves."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings

from evidence import masse_dictionnaire
from evidence.masse_colonnes import (
    CHAMPS,
    CODES_TUS,
    FAITS,
    RESERVE,
    RESERVES,
    TABLES,
    TITRES,
    TITRES_TUS,
    Sorte,
    exclus,
)
from evidence.masse_lignes import Faits, Pseudonymes, prefecture
from ledger.coffre import Id, PersonKey
from ledger.days import Jours
from ledger.entry import Fait, Piece
from ledger.errors import ConstatError
from ledger.events import EVENTS
from ledger.events.base import Article, Court, Ref, Sha256, Texte
from ledger.events.correction import FaitRetire
from ledger.events.depot import AttestationDepotDelivree, DemandeDeposee, VersementEchoue
from ledger.events.types import CodeIncident, Flux, NatureDemande, TypeTitre
from ledger.mapper import Draft, EntryMapper, Row
from ledger.store import Ledger
from tests.faits import fait, fait_of

MAPPER = EntryMapper("constat.test/essai")
KEY = PersonKey(Id(b"s" * 16), b"k" * 32, "P-1")
PSEUDONYMES = Pseudonymes(b"c" * 32)
NOMS = [each.nom for each in FAITS]
HEX = re.compile(r"[0-9a-f]{32}")
ECRITS = (Ref, Texte, Court, Article, Sha256)


def ligne(drawn: Fait) -> dict[str, Any]:
    """The row of a fact, by column."""
    draft = Ledger.draft(KEY, drawn)
    sealed = MAPPER.seal(Draft(*draft))
    row = Row(
        7, sealed.stream, 3, sealed.subject, sealed.event_id, sealed.command_id, datetime(2025, 7, 1, 22, 30, tzinfo=UTC),
        sealed.topic, sealed.state, sealed.acteur, sealed.pieces,
    )  # fmt: skip
    [found] = Faits(MAPPER, PSEUDONYMES).lignes([row], {row.subject: KEY})
    return dict(zip(NOMS, found, strict=True))


def check(found: dict[str, Any]) -> None:
    """Each value is of its column: a pseudonym, a civil day, a number, yes or no, or one of a closed list."""
    for colonne in FAITS:
        value = found[colonne.nom]
        if value is None:
            continue
        match colonne.sorte:
            case Sorte.PSEUDONYME:
                assert HEX.fullmatch(value)
            case Sorte.JOUR:
                assert str(date.fromisoformat(value)) == value
            case Sorte.NOMBRE:
                assert isinstance(value, int)
            case Sorte.OUI_NON:
                assert value in {"true", "false"}
            case Sorte.LIEU:
                assert prefecture(value) == value
            case Sorte.CATEGORIE:
                assert not colonne.valeurs or value in {*colonne.valeurs, "autre", "rare"}
                assert re.fullmatch(r"[A-Za-z0-9_]{1,60}", value)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.nom)
def test_every_type_of_fact_gives_a_row_of_its_columns(event: Any) -> None:
    """Whatever a fact of this type says, each cell holds what the dictionary says of its column, and no other thing."""

    @settings(max_examples=5)
    @given(fait_of(event))
    def row(drawn: Fait) -> None:
        found = ligne(drawn.model_copy(update={"personne": "P-1"}))
        check(found)
        assert found["type"] == (RESERVE if event.nom in RESERVES else event.nom)
        told = {champ.colonne for champ in CHAMPS[event.nom]}
        given_ = {nom for nom in NOMS[17:] if found[nom] is not None}
        assert {nom.removesuffix("_pas_apres").removesuffix("_pas_avant") for nom in given_} <= {
            each.removesuffix("_pas_avant") for each in told
        }

    row()


def test_no_field_that_people_write_has_a_column() -> None:
    """Texts, references, digests and articles are all among what does not leave, whatever the type of fact."""
    kept = {(type_, each.champ) for each in exclus() for type_ in each.types}
    for event in EVENTS:
        hints = get_type_hints(event, include_extras=True)
        for name, hint in hints.items():
            if name not in event.model_fields or name == "prefecture" or name.endswith("_prefecture"):
                continue
            if any(written in {hint, *getattr(hint, "__args__", ())} for written in ECRITS):
                assert (event.nom, name) in kept


def test_every_field_of_the_vocabulary_has_a_column_or_a_reason() -> None:
    """Nothing is left out in silence."""
    kept = {(type_, each.champ) for each in exclus() for type_ in each.types}
    for event in EVENTS:
        told = {each.nom for each in CHAMPS[event.nom]}
        assert told | {name for type_, name in kept if type_ == event.nom} == set(event.model_fields)
        assert not told & {name for type_, name in kept if type_ == event.nom}


def test_what_a_filing_becomes() -> None:
    """Days with both bounds, the title, the préfecture in one writing, the pseudonyms of the stream and of the fact."""
    filed = DemandeDeposee(
        titre_demande=TypeTitre.CST,
        nature=NatureDemande.RENOUVELLEMENT,
        deposee_le=Jours.lire("2025-07"),
        prefecture="Préfecture de l'Hérault",
        motif_sejour="Mme Exemple",
    )
    piece = Piece(nom="a.pdf", octets=1, sha256="e" * 64)
    found = ligne(fait(survenu="2025-07-01T22:30:00Z", evenement=filed, pieces=(piece, piece)))
    assert (found["deposee_le_pas_avant"], found["deposee_le_pas_apres"]) == ("2025-07-01", "2025-07-31")
    assert (found["survenu_pas_avant"], found["enregistre_le"]) == ("2025-07-02", "2025-07-02")
    assert (found["titre_demande"], found["prefecture"]) == ("cst", "prefecture de l'herault")
    assert found["flux"] == found["dossier"] == PSEUDONYMES.flux(KEY.stream("dossier", "D-1"))
    assert (found["rang"], found["pieces_jointes"]) == (3, 2)
    assert "Mme Exemple" not in found.values()


def test_a_correction_names_the_fact_by_its_pseudonym() -> None:
    """What is corrected is found again in the same column."""
    told = ligne(fait(id="F-1"))
    gone = ligne(fait(id="F-2", corrige="F-1", flux_choisi=Flux.DOSSIER, evenement=FaitRetire(motif="erreur")))
    assert gone["corrige"] == told["fait"]


def test_amounts_and_sizes_are_brought_down() -> None:
    """A size to the million of bytes below."""
    found = ligne(fait(evenement=VersementEchoue(octets=12_345_678, limite_octets=999_999)))
    assert (found["octets"], found["limite_octets"]) == (12_000_000, 0)


@pytest.mark.parametrize("said", ["=1+1", "@x", "Mme\nX", "<b>", "é" * 90, "", "\0"])
def test_a_prefecture_that_is_no_name_does_not_leave(said: str) -> None:
    """No formula, sign or line break passes for a préfecture."""
    assert prefecture(said) is None


def test_two_keys_have_no_pseudonym_in_common() -> None:
    """The same person, stream and fact under two keys; and under one key, one id of three kinds."""
    other = Pseudonymes(b"d" * 32)
    same = b"0" * 16
    told = [
        one for p in (PSEUDONYMES, other) for one in (p.personne(same), p.flux(same), p.fait(same), p.a_part(same, "x"))
    ]
    assert len(set(told)) == len(told)
    with pytest.raises(ConstatError, match="32 octets"):
        Pseudonymes(b"court")


def test_what_tells_a_protection_is_never_told() -> None:
    """Titles and malfunctions that would tell it become another word, at once."""
    filed = AttestationDepotDelivree(titre_demande=TypeTitre.TITRE_VOYAGE)
    assert TypeTitre.TITRE_VOYAGE.value in TITRES_TUS
    assert "titre_demande" in TITRES
    assert ligne(fait(evenement=filed))["titre_demande"] == "autre"
    failed = VersementEchoue(code_incident=CodeIncident(next(iter(CODES_TUS))))
    assert ligne(fait(evenement=failed))["code_incident"] == "rare"


def test_the_dictionary_in_the_docs_is_that_of_the_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """docs/bulk.md is up to date, and the check says so when it is not."""
    assert masse_dictionnaire.main(["--check"]) == 0
    path = tmp_path / "bulk.md"
    path.write_text(f"# Titre\n\n{masse_dictionnaire.DEBUT}\n\nvieux\n")
    assert masse_dictionnaire.main(["--check"], path) == 1
    assert "n'est plus à jour" in capsys.readouterr().err
    assert masse_dictionnaire.main([], path) == 0
    assert masse_dictionnaire.main(["--check"], path) == 0
    assert path.read_text().startswith("# Titre\n")


def test_every_column_says_what_it_is() -> None:
    """A meaning and a source each, names once in a table, in JSON, CSVW and Markdown alike."""
    text = masse_dictionnaire.en_markdown()
    for columns in TABLES.values():
        names = [each.nom for each in columns]
        assert len(names) == len(set(names))
        assert all(each.sens and each.source for each in columns)
        assert all(f"| `{name}` |" in text for name in names)
    assert b'"faits.csv"' in masse_dictionnaire.en_csvw()
