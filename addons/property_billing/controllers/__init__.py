from . import meter
from . import portal
from . import portal_meter
