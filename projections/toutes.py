"""Every projection that is kept in tables, by name. One more: its file, and its line here."""

from typing import Final

from projections.attaches import AttachesDeTous
from projections.droits import Droits
from projections.etat import Etat
from projections.interruptions import Interruptions
from projections.remises import Remises
from projections.vue import PersonView

PROJECTIONS: Final[dict[str, PersonView]] = {
    view.name: view for view in (Etat(), Droits(), Interruptions(), Remises(), AttachesDeTous())
}
