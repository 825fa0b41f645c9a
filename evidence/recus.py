"""The receipt of an act or of a failed attempt as a page to keep: all that its header says, with the file inside.

What is shown is read from the file, which is verified first and refused when it does not hold; the file itself is
attached, byte for byte, so that the PDF alone carries the proof. The code to scan holds the signed promise; a promise
with too many signatures gives its place to the digests.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from evidence.composition import composer
from evidence.contenu import contenu
from evidence.joint import Joint, champ, code, designation
from evidence.phrases import ecrit, phrase
from ledger.errors import ConstatError
from ledger.francais import jour as en_jour
from ledger.seal import attempt, receipt
from ledger.seal.attempt import AttemptPromise, AttemptReceipt, verify_attempt
from ledger.seal.checks import AUTHORS, Check, Verdict, holding
from ledger.seal.note import Note
from ledger.seal.policy import NOBODY, Policy
from ledger.seal.receipt import Receipt, verify_receipt

ISSUES: Final = {Verdict.PASSED: "passé", Verdict.FAILED: "échoué", Verdict.IMPOSSIBLE: "non fait"}
CONTROLES: Final = {
    "forme": "forme du fichier",
    "ligne": "la ligne",
    "promesse": "la promesse",
    "engagement": "ce qui est montré",
    "inclusion": "l'inscription au journal",
    "point": "le point de contrôle",
    "temoins": "les témoins",
    "dates": "les dates",
}
CONFIANCE: Final = AUTHORS | {"temoins"}
"""The checks that need to know whom to believe."""
SANS_POLITIQUE: Final = "aucune politique n'a été donnée : qui a signé n'a pas été vérifié"
LARGEUR: Final = {receipt.TITLE: 22, attempt.TITLE: 17}
"""How many signs a label of the header takes, before « : »."""
VERIFIER: Final = (
    "Pour vérifier, sortez le fichier joint : par le volet des pièces jointes du lecteur, ou par « pdfdetach -saveall"
    " ». Puis « constat verify FICHIER --policy POLITIQUE » ; ou à la main, avec sha256sum et openssl :"
    " docs/receipts.md. La politique, qui dit qui croire, vient d'ailleurs que de qui a remis ce document."
)
RECU: Final = (
    "Gardez ce document et le fichier qu'il porte tel qu'il est : le fichier se vérifie sans le registre, et même"
    " contre lui."
)
RECU_NE_PROUVE_PAS: Final = (
    "Il prouve qu'un contenu a été enregistré, lequel et quand ; pas que ce contenu est exact.",
    "Il ne remplace pas l'accusé d'enregistrement ni l'accusé de réception que l'administration doit (CRPA L.112-11).",
)
TENTATIVE: Final = (
    "Gardez ce document et le fichier qu'il porte tel qu'il est, et ne les remettez qu'à qui peut lire ce que vous avez"
    " écrit : il montre que vous l'avez déposé à cet instant, même si le guichet le perd, et permet de le rattacher à"
    " votre dossier."
)
TENTATIVE_NE_PROUVE_PAS: Final = (
    "Il ne prouve ni la panne, ni que la demande a été déposée : une tentative ne fait courir aucun délai.",
)


class RecuError(ConstatError):
    """Ce fichier n'est pas un reçu que l'on puisse retenir ; rien n'a été écrit."""


def recu_pdf(raw: bytes, jour: date, *, policy: Policy | None = None, now: datetime | None = None) -> bytes:
    """The receipt of an act (a ``.recu`` file), laid out and dated ``jour``, the file attached.

    ``policy``: whom to believe; without it who signed is not verified, and the page says so. ``now``: as
    :func:`ledger.seal.receipt.verify_receipt` has it.

    :raises RecuError: it is no receipt, or a check of it failed; or, under a policy, no known key signed it.
    """
    found = _controles(raw, verify_receipt, policy, now)
    read = Receipt.parse(raw)
    joint = _joint(raw, "recu")
    short = designation("recu", read.line.log, b64encode(read.line.leaf).decode(), joint.empreinte)
    said = {
        "titre": "Reçu d'un acte enregistré",
        "gardez": phrase(RECU),
        "champs": list(_entete(raw, receipt.TITLE)),
        "contenus": [contenu(each.part, each.value) for each in read.opened],
        "ne-prouve-pas": [phrase(each) for each in RECU_NE_PROUVE_PAS],
    }
    return _composer(said, joint, read.promise, short, found, jour)


def tentative_pdf(raw: bytes, jour: date, *, policy: Policy | None = None, now: datetime | None = None) -> bytes:
    """The receipt of a failed attempt, as :func:`recu_pdf` has that of an act.

    :raises RecuError: as there.
    """
    found = _controles(raw, verify_attempt, policy, now)
    read = AttemptReceipt.parse(raw)
    joint = _joint(raw, "tentative")
    name = AttemptPromise.parse(read.promise.text).name
    short = designation("recu", name, b64encode(read.line.leaf).decode(), joint.empreinte)
    said = {
        "titre": "Reçu d'une tentative de dépôt échouée",
        "gardez": phrase(TENTATIVE),
        "champs": [*_entete(raw, attempt.TITLE), champ("Empreinte de la ligne", read.line.leaf.hex(), chiffres=True)],
        "contenus": [],
        "ne-prouve-pas": [phrase(each) for each in TENTATIVE_NE_PROUVE_PAS],
    }
    return _composer(said, joint, read.promise, short, found, jour)


def _controles(
    raw: bytes,
    verify: Callable[[bytes, Policy, datetime | None], list[Check]],
    policy: Policy | None,
    now: datetime | None,
) -> list[Check]:
    """The checks of a file that is retained; without a policy, those that need none.

    :raises RecuError: it is not.
    """
    found = verify(raw, policy or Policy(quorum=NOBODY), now)
    if policy is None:
        found = [
            Check(each.name, Verdict.IMPOSSIBLE, SANS_POLITIQUE) if each.name in CONFIANCE else each for each in found
        ]
    wrong = next((each for each in found if each.failed), None)
    if wrong is None and policy is not None and not holding(found):
        wrong = next(each for each in found if each.name in AUTHORS and each.outcome is not Verdict.PASSED)
    if wrong is not None:
        msg = f"ce reçu n'est pas retenu, rien n'a été écrit ({CONTROLES[wrong.name]}) : {wrong.said}"
        raise RecuError(msg)
    return found


def _joint(raw: bytes, genre: str) -> Joint:
    named = Joint("", raw, "text/plain", "source", "Le reçu, octet pour octet : la preuve que cette page met en forme")
    return named._replace(nom=f"{genre}-{named.empreinte[:12]}.recu")


def _entete(raw: bytes, titre: str) -> Iterator[dict[str, Any]]:
    """The fields of the header, which is the one that its parts give: it was made again and compared."""
    block = raw.decode().split("\n\n", 2)[1]
    width = LARGEUR[titre]
    label, told = "", [""]
    for line in block.split("\n"):
        name, said = line[:width].strip(), line[width:].removeprefix(": ")
        if name:
            if label:
                yield _champ(label, told)
            label, told = name, [said]
        elif line[width : width + 2] == ": ":
            told.append(said)
        else:
            told[-1] += f" {said.strip()}"
    yield _champ(label, told)


def _champ(label: str, told: Sequence[str]) -> dict[str, Any]:
    written = [line for each in told for line in ecrit(each, "dans le fichier joint")]
    return champ(label, *written, chiffres=label.startswith("Empreinte"))


def _composer(
    said: dict[str, Any], joint: Joint, promise: Note, short: bytes, found: Sequence[Check], jour: date
) -> bytes:
    whole = bytes(promise)
    scan = code(
        [whole, short],
        [
            ("Ce code contient la promesse signée, mot pour mot : elle se vérifie avec la clé de qui l'a signée.",),
            ("Ce code nomme le registre, la ligne par son empreinte, et le fichier joint par la sienne.",),
        ],
        "Code QR : il contient la promesse signée, ou les empreintes de la ligne et du fichier joint",
    )
    donnees = {
        **said,
        "champs": [*said["champs"], champ("Document établi le", en_jour(jour))],
        "joints": [joint.donnees],
        "fichier": joint.nom,
        "sha256": joint.empreinte,
        "code": scan,
        "promesse": [phrase(each) for each in whole.decode().rstrip("\n").split("\n")],
        "controles": [[phrase(CONTROLES[each.name]), ISSUES[each.outcome], phrase(each.said)] for each in found],
        "verifier": phrase(VERIFIER),
    }
    return composer("recu", donnees, jour, joints={joint.nom: joint.octets})
