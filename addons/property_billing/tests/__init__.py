from . import test_bill_run_preview
from . import test_import
