"""What sits between layers: worlds that committed to odd things, crowds of certificates, names that are one on some disks."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding

from ledger.seal.note import Note, Signature
from tests.evidence.attaques.attaque import COHERENT, Recueil
from tests.evidence.attaques.contre_points import nom_du_point, remplacer_la_tete, tete_de
from tests.evidence.attaques.contre_sac import ETRANGERES
from tests.evidence.attaques.jetons import reponse
from tests.evidence.attaques.monde import Monde, Options
from tests.evidence.attaques.paquet import JOURNAL, Paquet
from tests.evidence.attaques.signataires import ForgeDe, service, sous
from tests.seal.forge import tlv
from tests.seal.tsa import Party

RECUEIL: Final = Recueil()
refusee, acceptee = RECUEIL.refusee, RECUEIL.acceptee


def _de(genre: type[Monde], paquet: Paquet, **options: Any) -> Paquet:
    """The bundle of a world of that kind, by the same keys."""
    said = Options(**(vars(paquet.monde.options) | options))
    return Paquet.de(genre(said, paquet.monde.cles, paquet.monde.autorite)).horodater()


# --- documents that were cited oddly, from the start -----------------------------------------------------------------


class Cite(Monde):
    """A world whose first act that cites documents cites others."""

    def citer(self, cited: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What it cites."""
        return cited

    def _cite(self, n: int, stream: str, pos: int) -> list[dict[str, Any]]:
        cited = super()._cite(n, stream, pos)
        return self.citer(cited) if n == 0 else cited


class TailleFausse(Cite):
    """The right digest, and another size."""

    def citer(self, cited: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One byte more."""
        return [cited[0] | {"octets": cited[0]["octets"] + 1}, *cited[1:]]


class NumeroDeuxFois(Cite):
    """Two documents under one number."""

    def citer(self, cited: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """All under the first."""
        return [each | {"n": 1} for each in cited]


class DeuxFoisLaMeme(Cite):
    """One document, twice."""

    def citer(self, cited: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Under a third number too."""
        stream, pos = self.citations["001 Piece 1.pdf"][0]["stream"], self.citations["001 Piece 1.pdf"][0]["pos"]
        self.citations["001 Piece 1.pdf"].append({"n": 3, "pos": pos, "stream": stream})
        return [*cited, cited[0] | {"n": 3, "nom": "sous un autre nom"}]


refusee("pieces", "piece_autre", nom="citee_d_une_autre_taille")(lambda paquet: _de(TailleFausse, paquet))
refusee("contenus", "contenu_illisible", nom="deux_citees_sous_un_numero")(lambda paquet: _de(NumeroDeuxFois, paquet))
acceptee(nom="citee_deux_fois")(lambda paquet: _de(DeuxFoisLaMeme, paquet))


@acceptee()
def deux_fichiers_identiques(paquet: Paquet) -> Paquet:
    """One document under two names: the second is tied to no fact."""
    nom = min(paquet.monde.fichiers)
    octets = paquet.monde.fichiers[nom]
    paquet.membres["data/pieces/999 Copie.pdf"] = octets
    said = paquet.dossier
    said["pieces"].append(
        {"faits": [], "nom": "999 Copie.pdf", "octets": len(octets), "sha256": sha256(octets).hexdigest()}
    )
    paquet.ecrire_dossier(said)
    return paquet.sceller()


# --- other worlds ----------------------------------------------------------------------------------------------------


class SansHorodatage(Monde):
    """Nothing was ever stamped."""

    def sceller(self, *, horodate: bool, dire: bool) -> None:
        """A checkpoint, and that is all."""
        super().sceller(horodate=False, dire=False)


class SansRecensement(Monde):
    """The log never counted."""

    def recenser(self) -> None:
        """Nothing."""


class JetonMenteur(Monde):
    """The log's leaves name tokens that do not exist."""

    def dire_jeton(self, size: int) -> None:
        """A token and a file of nobody."""
        self.propres.append(self.registre.dire(self._au(), "jeton", frozen="0" * 64, sha256="1" * 64, size=size))


class JetonDUnAutreFichier(Monde):
    """The log's leaves name true tokens, over other files than theirs."""

    def dire_jeton(self, size: int) -> None:
        """The right token, the wrong file."""
        super().dire_jeton(size)
        index = self.propres.pop()
        line = self.registre.lignes[index]
        token = line.partition('"sha256":"')[2][:64]
        self.propres.append(self.registre.dire(self._au(), "jeton", frozen="0" * 64, sha256=token, size=size))


class Antidate(Monde):
    """Every line says a date of long ago."""

    def _au(self, **elapsed: int) -> str:
        return "2020" + super()._au(**elapsed)[4:]


acceptee(COHERENT, nom="monde_sans_horodatage")(lambda paquet: _de(SansHorodatage, paquet))
acceptee(COHERENT, nom="monde_sans_recensement")(lambda paquet: _de(SansRecensement, paquet))
acceptee(nom="jetons_jamais_vus")(lambda paquet: _de(JetonMenteur, paquet))
acceptee(nom="jetons_d_autres_fichiers")(lambda paquet: _de(JetonDUnAutreFichier, paquet))
acceptee(nom="lignes_antidatees")(lambda paquet: _de(Antidate, paquet))
acceptee(nom="personne_sans_acte")(lambda paquet: _de(Monde, paquet, evenements=0, pieces=0))
acceptee(nom="rien_de_retenu")(lambda paquet: _de(Monde, paquet, cachees=0))
acceptee(nom="seul_dans_le_registre")(lambda paquet: _de(Monde, paquet, autres_flux=0, taille=1))

# --- signatures ------------------------------------------------------------------------------------------------------


def _tete(signatures: Callable[[Paquet, Note], tuple[Signature, ...]]) -> Callable[[Paquet], Paquet]:
    def faire(paquet: Paquet) -> Paquet:
        note = tete_de(paquet)
        return remplacer_la_tete(paquet, bytes(Note(note.text, signatures(paquet, note))))

    return faire


acceptee(nom="temoin_a_deux_heures")(
    _tete(lambda paquet, note: (*note.signatures, paquet.monde.cles.temoins[0].cosign(note.text, 5_000_000_000)))
)
acceptee(nom="temoin_a_deux_heures_retournees")(
    _tete(
        lambda paquet, note: (
            note.signatures[0],
            paquet.monde.cles.temoins[0].cosign(note.text, 5_000_000_000),
            *note.signatures[1:],
        )
    )
)
acceptee(nom="signatures_retournees")(_tete(lambda _, note: note.signatures[::-1]))
refusee("points", "point_signature", nom="registre_vrai_puis_faux")(
    _tete(lambda _, note: (*note.signatures, Signature(note.signatures[0].name, note.signatures[0].key_id, bytes(64))))
)
refusee("points", "point_signature", nom="temoin_vrai_puis_faux")(
    _tete(lambda _, note: (*note.signatures, Signature(note.signatures[1].name, note.signatures[1].key_id, bytes(72))))
)


@acceptee()
def deux_cles_du_registre(paquet: Paquet) -> Paquet:
    """The log has had another key, which the bundle's policy names too."""
    nom = JOURNAL + "politique.txt"
    paquet.membres[nom] = f"log {ETRANGERES.registre.verifier.vkey}\n".encode() + paquet.membres[nom]
    note = tete_de(paquet)
    extra = ETRANGERES.registre.sign(note.text)
    return remplacer_la_tete(paquet, bytes(Note(note.text, (*note.signatures, extra))))


# --- crowds of certificates ------------------------------------------------------------------------------------------


def _foule(combien: int) -> Callable[[Paquet], Paquet]:
    """So many authorities of one name stand before the one that certified."""

    def faire(paquet: Paquet) -> Paquet:
        root = paquet.monde.autorite.racine
        true = sous(root, "Foule")
        party = service(true)
        crowd = [sous(root, "Foule") for _ in range(combien)]
        certificates = [_der(each) for each in (party, *crowd, true)]
        for size, (_, instant) in paquet.monde.horodatages.items():
            paquet.membres[nom_du_point(size)[:-5] + ".tsr"] = _jeton(
                paquet.membres[nom_du_point(size)], instant, party, certificates
            )
        return paquet.sceller()

    return faire


def _der(party: Party) -> Any:
    return tlv(party.certificate.public_bytes(Encoding.DER))


def _jeton(fichier: bytes, instant: datetime, party: Party, certificates: list[Any]) -> bytes:
    signed = {"certificates": certificates}
    return reponse(ForgeDe(party, sha256(fichier).digest(), time=instant, signed=signed).token())


acceptee(nom="foule_de_30")(_foule(30))
acceptee(COHERENT, nom="foule_de_100")(_foule(100))

# --- names -----------------------------------------------------------------------------------------------------------


def _fichier(nom: str, octets: bytes = b"x") -> Callable[[Paquet], Paquet]:
    def faire(paquet: Paquet) -> Paquet:
        paquet.membres[nom] = octets
        return paquet.sceller()

    return faire


refusee("archive", "archive_doublon", nom="fichier_du_nom_d_un_dossier")(_fichier("data/pieces"))
refusee("archive", "archive_doublon", nom="fichier_du_nom_d_un_dossier_a_la_casse_pres")(_fichier("data/PIECES"))
refusee("archive", "archive_doublon", nom="dossier_ecrit_autrement")(_fichier("data/Pieces/999 Intruse.pdf"))
refusee("archive", "archive_doublon", nom="dossier_de_tete_ecrit_autrement")(_fichier("DATA/intruse.pdf"))
acceptee(nom="fichier_de_plus")(_fichier("data/autre/note.txt"))
acceptee(nom="fichier_de_tete_de_plus")(_fichier("avis.txt"))
refusee("sac", "sac_inconnu", nom="point_au_dela_de_2_53")(_fichier(f"{JOURNAL}points/9007199254740992.note"))
refusee("sac", "sac_inconnu", nom="autre_chose_parmi_les_points")(_fichier(f"{JOURNAL}points/lisez.txt"))
