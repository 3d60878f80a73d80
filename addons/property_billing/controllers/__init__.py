from . import meter
from . import portal
from . import portal_budget
from . import portal_meter
