from . import agreement, notification, portal, portal_feedback, portal_links, portal_public
from . import property_import, sign_in
