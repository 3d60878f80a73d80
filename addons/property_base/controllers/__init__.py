from . import portal, notification, property_import, register, way_in
