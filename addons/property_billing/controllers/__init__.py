from . import meter
from . import portal
