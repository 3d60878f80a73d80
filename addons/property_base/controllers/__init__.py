from . import portal, property_import, way_in
