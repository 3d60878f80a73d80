"""docs/states.md says what the screens say, in English and in Chinese."""

import ast
import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "addons" / "property_billing" / "models"
MACHINES = {
    "A charge (应收)": ("property_charge.py", "payment_state"),
    "A bill (账单)": ("account_move_bill.py", "property_payment_state"),
    "A bill run (出账)": ("property_bill_run.py", "state"),
    "A meter reading (抄表)": ("property_meter_reading.py", "state"),
    "A reading round (抄表批次)": ("property_meter_round.py", "state"),
    "Units that were bought (购电购水)": ("property_meter_top_up.py", "write_state"),
    "A lease (租赁合同)": ("property_lease.py", "state"),
    "A budget (年度预算)": ("property_budget.py", "state"),
    "A transfer to the maintenance fund (划入维修资金)": ("property_fund_transfer.py", "state"),
    "A shared cost (公摊费用)": ("property_shared_cost.py", "state"),
}


def read_table(title):
    """State, English and Chinese of the rows below a heading."""
    text = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|", section, re.MULTILINE)


def read_field(file_name, field):
    """The literal selection of a field: state and English word."""
    for node in ast.walk(ast.parse((MODELS / file_name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and node.targets[0].id == field:
            return ast.literal_eval(node.value.args[0])
    raise AssertionError(f"{file_name} has no field {field}")


@pytest.mark.parametrize("title", MACHINES)
def test_the_words_are_those_of_the_screens(title):
    """[B24] [B50]"""
    translations = polib.pofile(str(MODELS.parent / "i18n" / "zh_CN.po"))
    words = {entry.msgid: entry.msgstr for entry in translations}
    assert read_table(title) == [
        (state, label, words[label]) for state, label in read_field(*MACHINES[title])
    ]


def test_every_collected_word_is_there():
    """[B50] The nine words of the sources, each of them once on the one list."""
    text = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")
    for word in "未出账 已出账 已发布 未缴 部分缴 已缴 已核销 已冲销 已转应收".split():
        assert word in text
