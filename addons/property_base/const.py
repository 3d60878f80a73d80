# Thousands of new records need no message, follower or tracking value each.
QUIET_CONTEXT = {
    'mail_create_nolog': True,
    'mail_create_nosubscribe': True,
    'mail_notrack': True,
    'tracking_disable': True,
}
