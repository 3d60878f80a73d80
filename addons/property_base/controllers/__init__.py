from . import portal, property_import
