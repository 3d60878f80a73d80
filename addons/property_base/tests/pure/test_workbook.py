""" Workbooks as people make them, without Odoo. """
import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

from ...tools import workbook
from ...tools.layouts import (
    HC_SHEETS,
    PEOPLE_SHEETS,
    TEMPLATE_SHEETS,
    path,
    plain_number,
    split_people,
)
from ...tools.shares import find_excess

SPECS = TEMPLATE_SHEETS + HC_SHEETS + PEOPLE_SHEETS
HEADINGS = ['楼栋编号', '单元编号', '房号', '楼层', '建筑面积', '是否已装修', '交付日期', '类型']


def read(content):
    stream = content if hasattr(content, 'read') else io.BytesIO(content)
    return workbook.read_workbook(stream, SPECS)


def make(rows, title='房间', headings=HEADINGS, change=None):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    if change:
        change(sheet)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def with_cached(stream, replacements):
    """ The workbook with the text of a part replaced: what only Excel writes. """
    result = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(result, 'w') as target:
        for member in source.infolist():
            text = source.read(member)
            for old, new in replacements.items():
                text = text.replace(old, new)
            target.writestr(member.filename, text)
    result.seek(0)
    return result


def faults(book, severity='error'):
    return [(issue.code, issue.cell) for issue in book.issues if issue.severity == severity]


@pytest.mark.parametrize(('content', 'code'), [
    (b'', 'empty_file'),
    (b'name,phone\r\n', 'not_a_workbook'),
    (b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old .xls or a password', 'old_or_encrypted'),
])
def test_what_is_no_workbook_says_so(content, code):
    """ [G17] """
    assert [issue.code for issue in read(content).issues] == [code]


def test_any_other_zip_is_no_workbook():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, 'w') as archive:
        archive.writestr('word/document.xml', '<document/>')
    assert faults(read(stream.getvalue())) == [('not_a_workbook', '')]


def test_a_workbook_that_unpacks_to_gigabytes_is_not_unpacked():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('xl/workbook.xml', '<workbook/>')
        with archive.open('xl/worksheets/sheet1.xml', 'w') as member:
            for _count in range(300):
                member.write(bytes(1 << 20))
    assert len(stream.getvalue()) < 1 << 20
    assert faults(read(stream)) == [('too_big', '')]


def test_entities_are_refused():
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><sst>&b;</sst>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, 'w') as archive:
        archive.writestr('xl/workbook.xml', '<workbook/>')
        archive.writestr('xl/sharedStrings.xml', bomb)
    assert faults(read(stream)) == [('not_a_workbook', '')]


def test_a_workbook_cut_off_inside_is_damaged():
    stream = with_cached(make([['1', '1', '101']]), {b'</sheetData>': b''})
    assert faults(read(stream)) == [('damaged', '')]


@pytest.mark.parametrize('part', range(10))
def test_a_workbook_with_a_broken_stretch_is_damaged(part):
    """ Wherever it is. """
    content = bytearray(make([['1', '1', str(number)] for number in range(200)]).getvalue())
    start = len(content) * part // 10
    content[start:start + 40] = b'\xff' * 40
    assert faults(read(bytes(content))) == [('damaged', '')]


def test_a_locked_archive_is_damaged():
    content = make([['1', '1', '101']]).getvalue()
    for header, flags in ((b'PK\x03\x04', 6), (b'PK\x01\x02', 8)):
        place = content.find(header)
        while place >= 0:
            at = place + flags
            content = content[:at] + b'\x01' + content[at + 1:]
            place = content.find(header, place + 1)
    assert faults(read(content)) == [('damaged', '')]


def test_a_workbook_without_a_known_sheet():
    book = read(make([['a']], title='Sheet1', headings=['colour']))
    assert faults(book) == [('no_known_sheet', '')]


def test_a_workbook_with_headings_only():
    assert faults(read(make([]))) == [('no_rows', '')]


def test_a_known_sheet_without_headings():
    assert faults(read(make([], headings=[]))) == [('no_header', '')]


def test_a_sheet_of_another_name_is_known_by_its_headings():
    book = read(make([['1', '1', '101']], title='Sheet1'))
    assert [sheet.spec.name for sheet in book.sheets] == ['units']


def test_missing_column_and_column_twice():
    book = read(make([['1', '1']], headings=['单元编号', '楼层']))
    assert [(issue.code, issue.column) for issue in book.issues] == [
        ('missing_column', '楼栋编号'), ('missing_column', '房号')]
    book = read(make([['1', '2', '3']], headings=['楼栋编号', '房号', '房号']))
    assert faults(book) == [('column_twice', 'C1')]
    assert book.unread_feeds == {'unit'}


def test_headings_in_english_after_a_title_and_with_marks():
    def add_title(sheet):
        sheet.insert_rows(1, 2)
        sheet['A1'] = 'Rooms of the north gate'

    book = read(make(
        [[1, 101]], title='Units', headings=['Building number *', ' unit NUMBER '],
        change=add_title))
    assert not book.issues
    assert [(row.number, row.values) for row in book.rows('unit')] == [
        (4, {'building': '1', 'unit': '101'})]


def test_notes_beside_and_below_the_data_are_ignored():
    def add_notes(sheet):
        sheet['J1'] = '房号'
        sheet['J3'] = '说明'
        sheet['K9'] = 'x'
        sheet['J2'] = '=1/0'

    book = read(make([['1', '1', '101']], change=add_notes))
    assert not book.issues
    assert len(list(book.rows('unit'))) == 1


def test_typed_cells():
    row = [1.0, '1', ' 101 ', 12.340000000000001, '94.567', '是', datetime(2020, 6, 10), 'shop']
    values = next(read(make([row])).rows('unit')).values
    assert values == {
        'building': '1', 'entrance': '1', 'unit': '101', 'floor': '12.34', 'building_area': 94.57,
        'is_renovated': True, 'date_handover': date(2020, 6, 10), 'kind': 'shop'}


@pytest.mark.parametrize(('value', 'expected'), [
    ('2020-06-10', date(2020, 6, 10)), ('2020-6-10', date(2020, 6, 10)),
    ('2020/6/1', date(2020, 6, 1)), ('2020年6月10日', date(2020, 6, 10)),
    (datetime(2020, 6, 10, 8), date(2020, 6, 10)), (date(2020, 2, 29), date(2020, 2, 29)),
    (42370, date(2016, 1, 1)),
])
def test_dates(value, expected):
    assert workbook.convert_date(value) == (expected, None)


@pytest.mark.parametrize(('value', 'code'), [
    ('2020-02-30', 'no_such_date'), ('2021-02-29', 'no_such_date'), ('2020-13-01', 'no_such_date'),
    ('0000-01-01', 'no_such_date'), ('yesterday', 'not_a_date'), (2020, 'not_a_date'),
    (True, 'not_a_date'),
])
def test_dates_that_are_none(value, code):
    assert workbook.convert_date(value) == (None, code)


@pytest.mark.parametrize(('index', 'value', 'code'), [
    (4, 'big', 'not_a_number'), (4, -1, 'negative'), (4, True, 'not_a_number'),
    (4, '1_0', 'not_a_number'), (4, 'NaN', 'not_a_number'),
    (4, time(1, 30), 'not_a_number'), (4, '1e400', 'too_large'), (4, 10 ** 12, 'too_large'),
    (2, 110101199001010001, 'digits_lost'), (2, 1.1e17, 'digits_lost'),
    (5, 'perhaps', 'not_yes_or_no'), (6, '2020-02-30', 'no_such_date'),
    (7, 'castle', 'not_a_choice'),
])
def test_a_wrong_value_names_its_cell(index, value, code):
    row = ['1', '1', '101', '1', 90, None, None, None]
    row[index] = value
    book = read(make([['1', '1', '100'], row]))
    assert faults(book) == [(code, f'{"ABCDEFGH"[index]}3')]
    assert [row.is_valid for row in book.rows('unit')] == [True, False]


def test_every_fault_of_every_row_is_told():
    book = read(make([
        ['1', '1', '101', '1', 'big', 'perhaps'], [None, '1', '102', '1', -3],
    ]))
    assert faults(book) == [
        ('not_a_number', 'E2'), ('not_yes_or_no', 'F2'), ('negative', 'E3'),
        ('missing_value', 'A3')]


def test_a_half_number_where_a_whole_one_belongs():
    book = read(make([['1', 3.5]], title='楼栋', headings=['楼栋编号', '层数']))
    assert faults(book) == [('not_an_integer', 'B2')]


def test_the_same_room_twice_names_both_rows():
    book = read(make([['1', '1', '101'], ['1', '2', '101'], [1, 1, 101.0]]))
    issue, = book.issues
    assert (issue.code, issue.cell, issue.values['first']) == ('duplicate', 'C4', 2)


def test_a_formula_counts_with_the_result_that_excel_stored():
    """ openpyxl writes formulas without results, Excel with them. """
    stream = make([['1', '1', '101', '1', '=90+4.56']])
    assert faults(read(stream)) == [('formula_without_value', 'E2')]
    stream.seek(0)
    stored = with_cached(stream, {
        b'<f>90+4.56</f><v></v>': b'<f>90+4.56</f><v>94.56</v>',
        b'<f>90+4.56</f><v />': b'<f>90+4.56</f><v>94.56</v>',
        b'<f>90+4.56</f><v/>': b'<f>90+4.56</f><v>94.56</v>'})
    book = read(stored)
    assert not book.issues
    assert next(book.rows('unit')).get('building_area') == 94.56


@pytest.mark.parametrize('error', ['#REF!', '#N/A', '#DIV/0!'])
def test_a_formula_error_is_an_error(error):
    book = read(make([['1', '1', '101', '1', error]]))
    assert faults(book) == [('formula_error', 'E2')]


def test_a_wrong_dimension_hides_no_rows():
    """ Some programs write <dimension ref="A1"/> whatever the sheet holds. """
    stream = make([['1', '1', '101'], ['1', '1', '102']])
    stream = with_cached(stream, {b'ref="A1:H3"': b'ref="A1"'})
    assert len(list(read(stream).rows('unit'))) == 2


def test_endless_rows_are_stopped(monkeypatch):
    monkeypatch.setattr(workbook, 'MAX_ROWS', 3)
    book = read(make([['1', '1', str(number)] for number in range(9)]))
    assert [(issue.code, issue.row) for issue in book.issues] == [('too_many_rows', 5)]


def test_issues_are_counted_beyond_the_limit(monkeypatch):
    monkeypatch.setattr(workbook, 'MAX_ISSUES', 2)
    book = read(make([['1', '1', str(number), '1', 'big'] for number in range(9)]))
    assert (len(book.issues), book.left_out) == (2, 7)


def test_notes_never_crowd_out_what_is_wrong(monkeypatch):
    """ A file that changes everything has notes without end; they are no reason to stop. """
    monkeypatch.setattr(workbook, 'MAX_NOTES', 2)
    book = workbook.Workbook()
    for _count in range(5):
        book.add(workbook.Issue(workbook.INFO, 'changes'))
    book.add(workbook.Issue(workbook.ERROR, 'missing_value'))
    assert (len(book.issues), book.notes_left_out, book.left_out) == (3, 3, 0)


@pytest.mark.parametrize(('word', 'number'), [
    ('3栋', '3'), ('12号楼', '12'), ('1单元', '1'), ('101室', '101'), ('A座', 'A座'),
    ('3', '3'), (None, None),
])
def test_plain_numbers(word, number):
    assert plain_number(word) == number


@pytest.mark.parametrize(('text', 'parts'), [
    ('1-1-1001', ['1', '1', '1001']), ('A - 0 - S-12', ['A', '0', 'S-12']),
    ('1001', None), ('1--1001', None),
])
def test_paths(text, parts):
    column = path('room', '房屋', parts=('building', 'entrance', 'unit'))
    assert workbook.convert(column, text, text, {}) == (parts, None if parts else 'not_a_path')


def test_people_of_one_cell():
    """ [G17] In the order of their names; one phone is the first one's. """
    rows, faults = split_people({
        'unit': '101', 'resident_name': '张三、 李四', 'sex': 'male', 'phone': '138',
        'identity_number': 'A，B', 'shares': '60%;40%'})
    assert not faults
    assert rows == [
        {'unit': '101', 'resident_name': '张三', 'sex': 'male', 'phone': '138',
         'identity_number': 'A', 'shares': '60%', 'share': 60},
        {'unit': '101', 'resident_name': '李四', 'identity_number': 'B', 'shares': '40%',
         'share': 40}]
    _rows, faults = split_people(
        {'resident_name': '张三、李四', 'phone': '1、2、3', 'shares': '0、x'})
    assert [fault[1:3] for fault in faults] == [
        ('people_count', 'phone'), ('share_range', 'shares'), ('share_range', 'shares')]


def test_mistyped_identity_number_is_a_warning_with_its_cell():
    """ [G17] 11010519491231002X is the example of GB 11643; a passport has no check digit. """
    book = read(make(
        [[1, '王五', None, '11010519491231002x'], [2, '李四', None, '110105194912310021'],
         [3, '张三', '护照', '110105194912310021'], [4, '赵六', '居民身份证', '110105194913310021'],
         [5, '钱七', None, 'E1234']],
        title='住户', headings=['住户编号*', '姓名*', '证件类型', '身份证号']))
    assert [(issue.severity, issue.code, issue.cell) for issue in book.issues] == [
        ('warning', 'identity_check', 'D3'), ('warning', 'identity_check', 'D5')]
    assert len(list(book.rows('resident'))) == 5


def test_placeholders_of_hc_mean_nothing():
    book = read(make(
        [[9, '王五', '男', 1, 18999999999, '111111111111111111']], title='业主信息',
        headings=['业主编号', '业主名称', '性别', '年龄', '手机号', '身份证号']))
    assert not book.issues
    assert next(book.rows('resident')).values == {
        'resident': '9', 'name': '王五', 'sex': 'male', 'age': 1}


def test_written_text_is_never_a_formula():
    stream = io.BytesIO()
    workbook.write_workbook([('住户', [('姓名', None)], [['=cmd()'], ['a\x0bb']])]).save(stream)
    sheet = openpyxl.load_workbook(stream)['住户']
    assert (sheet['A2'].data_type, sheet['A2'].value) == ('s', '=cmd()')
    assert sheet['A3'].value == 'ab'


@pytest.mark.parametrize(('spans', 'expected'), [
    ([(date(2020, 1, 1), None, 100)], None),
    ([(date(2020, 1, 1), None, 50), (date(2021, 1, 1), None, 50)], None),
    ([(date(2020, 1, 1), date(2020, 12, 31), 100), (date(2021, 1, 1), None, 100)], None),
    ([(date(2020, 1, 1), date(2021, 1, 1), 100), (date(2021, 1, 1), None, 100)],
     (1, date(2021, 1, 1), 200)),
    ([(date(2021, 1, 1), None, 60), (date(2020, 1, 1), None, 50)], (0, date(2021, 1, 1), 110)),
])
def test_shares_of_a_day(spans, expected):
    assert find_excess(spans) == expected
