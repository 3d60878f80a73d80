from . import account_invoice_report
from . import property_budget_report
from . import property_fund_report
from . import property_meter_loss_report
from . import property_parking_report
from . import property_payment_notice
