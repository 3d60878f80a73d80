from . import portal, property_import, register, way_in
