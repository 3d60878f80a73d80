from . import notification, portal, property_import, register, sign_in, way_in
