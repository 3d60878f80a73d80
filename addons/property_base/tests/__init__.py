from . import test_doctor
from . import test_occupancy
from . import test_portal
from . import test_project_rules
from . import test_property_tree
from . import test_roles
from . import test_unit
from . import test_unit_generator
