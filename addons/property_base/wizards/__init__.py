from . import property_identity_reveal
from . import property_resident_entry
from . import property_unit_generator
