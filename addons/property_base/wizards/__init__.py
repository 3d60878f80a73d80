from . import property_unit_generator
