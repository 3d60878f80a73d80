# Thousands of new records need no message, follower or tracking value each.
QUIET_CONTEXT = {
    'mail_create_nolog': True,
    'mail_create_nosubscribe': True,
    'mail_notrack': True,
    'tracking_disable': True,
}

# Stands in the context under `property_initialising` while trial data are removed. Guards compare
# by identity: nothing that comes over the network is this object.
INITIALISING = object()
