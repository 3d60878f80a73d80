from . import test_bill_run_posting
from . import test_bill_run_preview
from . import test_chart
from . import test_import
from . import test_payments
from . import test_posting
from . import test_reversal
from . import test_transactions
