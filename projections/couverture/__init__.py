"""Couverture : which days a person could prove a lawful stay, which days not, and why; a pure function of the facts.

No I/O, no clock. The caller gives the entries of one person that still hold and the day of observation; every interval
that comes back is made of civil days, both ends included. Three layers are never merged: ``droit`` (what founds the
stay), ``preuve`` (what the person could show that day), ``effets`` (what was lost with third parties).

Conventions, each with the label of its source (F read, S summary, M memory, I interpretation):

* A document valid until a day covers that day; the next one is the first uncovered day. [I] Its dates are read on it,
  never computed.
* Proof begins when the document is handed over or made available, never before ``valide_du``; while that is not known
  the document founds the right only. [I, TA Paris 27 June 2025: S] An asylum certificate whose handover is not told
  proves from ``valide_du``: it only bounds the cover of someone who holds no permit yet. [I]
* Attestation de décision favorable: until the eve of the handover of its card, or of any later card, or until the end
  that it or the decision states. [F-part] Without any of these it stays open, and is shown up to the observation.
* L.433-3: from the day after expiry to the same day of the month three months later, when the renewal was asked no
  later than the day of expiry. [F; that day I] Stopped, day included, by an express decision or by the person taking
  the application back [I]; never by an implicit refusal, which is a reading. It is proven by the expired card, hence
  only if that card was handed over.
* A refusal notified on day N leaves N covered, then ends what was given for its dossier until then; a document given
  after N is a new act and covers. The card held keeps its own validity. [I] A decision not notified ends nothing.
* Uncovered days after N are ``FIN_DE_DROIT`` (L.411-2 [F]) until something new covers: a later document, a provisional
  document of another dossier, or a favourable decision in the same dossier. The refusal of a duplicate or of a changed
  address ends no right. [I]
* A decision annulled or withdrawn is read as if it had never been: the same days become ``RUPTURE``, and what the
  refusal had cut is cover again. [I]
* A recognised protection founds the right and proves nothing: it begins no cover and fills no gap. [I]
* A favourable decision without any document fills no gap either: the sentence of the gap says that it was taken. [I]
* Closing a dossier, automatically or by an agent, is not a refusal: it changes no cover. [I]
* A document that names no dossier belongs to the person's dossier when there is one only; otherwise a refusal may or
  may not concern it, and its days are uncertain. [I]

Dates that are not exact are never guessed: a day is certain when every reading of the bounds agrees. Bounds of distinct
facts are taken as independent, except where one document takes over from another on a day that both depend on.
"""

from projections.couverture.calcul import couverture, dire, ouverte, trame
from projections.couverture.effets import effets
from projections.couverture.faits import PERTINENTS
from projections.couverture.modeles import (
    BaseCouverture,
    Certitude,
    CodeLecture,
    Couverture,
    Effet,
    Lacune,
    Lecture,
    NatureLacune,
    Periode,
    RefusImplicite,
    Segment,
    StatutRefus,
)

__all__ = [
    "PERTINENTS",
    "BaseCouverture",
    "Certitude",
    "CodeLecture",
    "Couverture",
    "Effet",
    "Lacune",
    "Lecture",
    "NatureLacune",
    "Periode",
    "RefusImplicite",
    "Segment",
    "StatutRefus",
    "couverture",
    "dire",
    "effets",
    "ouverte",
    "trame",
]
