from . import account_move_reversal
from . import account_payment_register
from . import property_bill_run_undo
from . import property_fee_assign
from . import property_initialise
from . import property_lifecycle
from . import property_temporary_charge
from . import property_unit_generator
