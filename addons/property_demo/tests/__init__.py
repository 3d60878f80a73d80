from . import test_property_demo
