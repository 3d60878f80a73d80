from . import property_handover_wizard  # isort: skip
from . import comment_wizard
from . import property_card_scan
from . import property_check_in
from . import property_key_hand_out
from . import property_move_out
from . import property_notification_compose
from . import property_transfer
from . import property_identity_reveal
from . import property_initialise
from . import property_report_print
from . import property_resident_entry
from . import property_unit_generator
from . import property_unit_reshape
