"""Every projection that is kept in tables, by name. One more: its file, and its line here."""

from typing import Final

from ledger.follower import Projection
from projections.attaches import AttachesDeTous
from projections.droits import Droits
from projections.etat import Etat
from projections.interruptions import Interruptions
from projections.recherches import Recherches
from projections.remises import Remises

_TOUTES: Final[tuple[Projection, ...]] = (
    Etat(), Droits(), Interruptions(), Remises(), AttachesDeTous(), Recherches(),
)  # fmt: skip
PROJECTIONS: Final[dict[str, Projection]] = {view.name: view for view in _TOUTES}
