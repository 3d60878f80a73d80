from . import notification, portal, property_import, sign_in
