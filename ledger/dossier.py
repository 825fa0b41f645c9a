"""What the facts of one application add up to.

:func:`evolve` never refuses a fact and never consults a rule: what happened happened, even out of order, incomplete or
unlawful. The implicit refusal stands beside the stage, never in it: an application can be under examination, covered
by a certificate, and implicitly refused, all at once (CE avis 499904).
"""

from collections.abc import Iterable
from typing import Final, assert_never

from msgspec.structs import replace

from ledger.days import Jours
from ledger.entry import Entry
from ledger.etat import (
    Accuse,
    Decision,
    DecisionJustice,
    Depot,
    Dossier,
    EchecVersement,
    Etape,
    NatureAccuse,
    Recours,
    Relance,
    Tentatives,
    Transfert,
)
from ledger.events import cloture, decision, depot, instruction, recours
from ledger.events.base import Event
from ledger.evolution import (
    add_piece,
    answer,
    ask_reasons,
    ask_rectification,
    apply_rectification,
    close,
    expire,
    extend,
    file_application,
    give_reasons,
    keep_appointment,
    make_available,
    miss_appointment,
    notify,
    offer_appointment,
    open_message,
    acknowledge_piece,
    receive_piece,
    refuse_registration,
    reject_appeal,
    reopen,
    request_complement,
    undo,
)
