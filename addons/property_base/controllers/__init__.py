from . import portal, notification, property_import
