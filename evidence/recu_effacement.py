"""The receipt of an erasure as a page: what it cost in evidence, when it becomes final, by which digest it is known.

Made from the file that ``constat erase`` hands over, which is attached. Nobody signed that file: the ledger keeps its
digest, and the page says that this is what it is to be compared with.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from evidence.composition import composer
from evidence.joint import Joint, champ, code, designation
from evidence.mots import COUCHES, IMPUTATIONS, STATUTS, en_mots
from evidence.phrases import ecrit, periode, phrase
from ledger.days import Quand, paris_day
from ledger.francais import jour as en_jour
from projections.francais import compte, quand
from projections.imputation.modeles import Imputation, Statut
from replay.effacement import Exception17, Perdu, ReceiptError, Recu, lire

AILLEURS: Final = "dans le fichier joint"
FEUILLES: Final = 2_000
"""Leaves that a page lists, over all findings; beyond, the attached file has them."""
DEMEURE: Final = (
    "Demeurent les lignes du journal, leurs empreintes et les preuves d'inclusion : elles ne disent rien d'elle.",
    "Ce qui a été exporté auparavant n'est plus sous la garde du registre et n'est pas effacé.",
    "Une sauvegarde d'avant garde, jusqu'à sa propre fin, les vues tirées de ces faits : dossiers, jours, codes.",
)
COMPARER: Final = (
    "Personne n'a signé ce fichier. Le registre en garde l'empreinte, à la ligne qui dit l'effacement : « constat"
    " erasures --receipt FICHIER » les compare."
)
NE_PROUVE_PAS: Final = (
    "Par lui-même, que l'effacement a eu lieu : c'est le registre qui le dit, quand l'empreinte est la même.",
    "Qui était la personne : le sujet est un identifiant tiré au hasard.",
)


def effacement_pdf(raw: bytes, jour: date, *, definitif_le: datetime | None = None) -> bytes:
    """The receipt ``raw`` (the ``.json`` file as it was handed over), laid out and dated ``jour``, the file attached.

    ``definitif_le``: when the ledger says that the erasure became final; the file itself cannot know.

    :raises ReceiptError: it is no receipt of an erasure, or not in its one form.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise ReceiptError(ReceiptError.__doc__) from error
    recu = lire(text)
    kept = sha256(text.rstrip("\n").encode()).hexdigest()
    joint = Joint(
        f"recu-effacement-{recu.sujet[:12]}.json", raw, "application/json", "source",
        "Le reçu d'effacement, octet pour octet, tel que le registre l'a remis",
    )  # fmt: skip
    said = ("Ce code nomme le registre, le sujet et l'empreinte du reçu, que le registre garde.",)
    donnees = {
        "titre": "Reçu d'effacement",
        "champs": [*_champs(recu), champ("Document établi le", en_jour(jour))],
        "detruit": [phrase(each) for each in _detruit(recu)],
        "definitif": phrase(_definitif(recu, definitif_le)),
        "compte": phrase(_compte(recu.constats)),
        "constats": list(_constats(recu.constats)),
        "feuilles": list(_feuilles(recu.constats)),
        "pesees": [phrase(_pesee(each)) for each in recu.pesees],
        "empreinte": kept,
        "comparer": phrase(COMPARER),
        "ne-prouve-pas": [phrase(each) for each in NE_PROUVE_PAS],
        "joints": [joint.donnees],
        "fichier": joint.nom,
        "code": code(
            [designation("effacement", recu.registre, recu.sujet, kept)],
            [said],
            "Code QR : le registre, le sujet et l'empreinte du reçu",
        ),
    }
    return composer("effacement", donnees, jour, joints={joint.nom: raw})


def _champs(recu: Recu) -> Iterator[dict[str, Any]]:
    yield champ("Registre", *ecrit(recu.registre, AILLEURS))
    yield champ("Sujet", *ecrit(recu.sujet, AILLEURS))
    yield champ("Référence donnée", *ecrit(recu.reference or "aucune", AILLEURS))
    yield champ("Règle nommée", phrase(recu.regle or "aucune"))
    yield champ("Reçu établi le", _instant(recu.etabli_le))
    yield champ("Clé détruite (empreinte)", *ecrit(recu.empreinte_cle, AILLEURS))
    yield champ("Clé de déploiement", *ecrit(recu.cle_deploiement, AILLEURS))


def _instant(written: str) -> str:
    """An instant of the file in French; as it is written where it is none."""
    try:
        return f"{quand(Quand.lire(written))}, heure de Paris"
    except ValueError:
        return " ".join(ecrit(written, AILLEURS))


def _detruit(recu: Recu) -> Iterator[str]:
    yield f"La clé qui rendait lisibles {compte(recu.faits, 'fait')} est détruite. Personne ne peut plus les lire."
    yield f"Documents que ces faits citent, effacés du dépôt : {recu.documents}."
    yield from DEMEURE


def _definitif(recu: Recu, le: datetime | None) -> str:
    if le is not None:
        return (
            f"L'effacement est définitif depuis le {en_jour(paris_day(le))} : la clé de déploiement"
            f" {recu.cle_deploiement} est détruite."
        )
    return (
        "L'effacement n'est pas encore définitif d'après ce reçu : une sauvegarde d'avant peut contenir la clé,"
        f" enveloppée par la clé de déploiement {recu.cle_deploiement}. Il le sera quand celle-ci aura été remplacée"
        " (constat keys rotate), puis retirée (constat keys retire), avec les copies du fichier de clés qui la"
        " contiennent. « constat erasures » dit si c'est fait, et quand."
    )


def _compte(lost: Sequence[Perdu]) -> str:
    if not lost:
        return "Aucun jour perdu n'était établi : aucun constat ne perd sa preuve."
    return f"{compte(len(lost), 'constat perd sa preuve', 'constats perdent leur preuve')} :"


def _constats(lost: Sequence[Perdu]) -> Iterator[list[str]]:
    for each in lost:
        try:
            said = f"{IMPUTATIONS[Imputation(each.imputation)]}, {STATUTS[Statut(each.statut)]}"
        except ValueError:
            said = " ".join(ecrit(f"{each.imputation}, {each.statut}", AILLEURS))
        yield [
            periode(each.du, each.au),
            compte(each.jours, "jour"),
            phrase(COUCHES.get(each.couche, each.couche)),
            phrase(said),
            str(each.faits),
        ]


def _feuilles(lost: Sequence[Perdu]) -> Iterator[dict[str, Any]]:
    room = FEUILLES
    for each in lost:
        if each.feuilles[:room]:
            yield {
                "titre": phrase(f"Constat {periode(each.du, each.au)}"),
                "feuilles": [" ".join(ecrit(leaf, AILLEURS)) for leaf in each.feuilles[:room]],
            }
        room -= min(room, len(each.feuilles))
    if room == 0:
        yield {"titre": phrase(f"Au-delà de {FEUILLES} feuilles, elles sont {AILLEURS}"), "feuilles": []}


def _pesee(each: Exception17) -> str:
    return f"{each.source} (non vérifié) : {en_mots(each.code)}"
