from . import test_payment_details
from . import test_property_demo
