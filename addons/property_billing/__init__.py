from . import controllers
from . import models
from . import report
from . import wizards


def _post_init_hook(env):
    # Companies whose chart is older than this add-on.
    for company in env['res.company'].search(
        [('chart_template', '!=', False)], order='parent_path',
    ):
        env['account.chart.template']._load_property_billing_data(company)
