from . import property_demo
from . import property_demo_budget
from . import property_demo_commerce
from . import property_demo_leases
from . import property_demo_meters
