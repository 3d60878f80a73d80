from . import property_import
