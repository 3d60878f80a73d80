from . import portal, property_import, sign_in
