from . import agreement, notification, portal, portal_feedback, portal_links, portal_public
from . import property_import, register, sign_in, way_in
