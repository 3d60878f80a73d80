from . import agreement, portal, portal_feedback, portal_links, portal_public, property_import
