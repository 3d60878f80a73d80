""" Reading a workbook into typed rows, with every fault named by sheet, row and cell.

No ORM here: a `SheetSpec` says what a sheet looks like, `read_workbook` gives rows and issues.
An issue carries a code and values; the model words it in the user's language.
"""
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import from_excel

MAX_UNPACKED = 256 * 1024 * 1024  # a workbook of 50,000 rooms unpacks to about 30 MiB
MAX_STRINGS = 64 * 1024 * 1024  # openpyxl holds these in memory
MAX_ROWS = 200_000
MAX_ISSUES = 10_000  # enough to see what is wrong; a broken column repeats it on each row
MAX_NOTES = 2_000  # beside these: what changes, in a file that changes everything
MAX_NUMBER = 10 ** 9
MAX_EXACT = 10 ** 15  # Excel keeps 15 digits of a number, and an identity number has 18
HEADER_ROWS = 10  # a title may stand above the headings

OLE_MAGIC = b'\xd0\xcf\x11\xe0'  # .xls, and .xlsx with a password
FORMULA_TAG = re.compile(rb'<(?:\w+:)?f[\s>/]')
DATE_TEXT = re.compile(r'(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?')
HEADING_NOTE = re.compile(r'[(（].*|[*＊]')

YES_NO = {
    'yes': True, 'y': True, 'true': True, '1': True, '是': True, '有': True,
    'no': False, 'n': False, 'false': False, '0': False, '否': False, '无': False, '没有': False,
}
SEVERITIES = ERROR, WARNING, INFO = 'error', 'warning', 'info'


@dataclass(frozen=True, slots=True)
class Issue:
    severity: str
    code: str
    sheet: str = ''
    row: int = 0
    column: str = ''  # its heading
    cell: str = ''
    values: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    name: str
    headings: tuple  # the words of the heading, English first, then Chinese
    kind: str = 'text'  # text, integer, number, date, boolean, selection, path
    required: bool = False  # each row has a value
    expected: bool = False  # the sheet has the column
    digits: int = 2
    minimum: float | None = None
    maximum: float = MAX_NUMBER
    choices: dict = field(default_factory=dict)  # value: (English, Chinese, other words …)
    none: frozenset = frozenset()  # words that the source writes for "not known"
    parts: tuple = ()  # of a path such as 1-1-1011: the names of its values
    tells: tuple = ()  # the names of other values that its cell is to blame for

    @property
    def words(self):
        if self.kind == 'boolean':
            return YES_NO
        return {
            word.lower(): value
            for value, words in self.choices.items() for word in (value, *words)
        }


@dataclass(frozen=True)
class SheetSpec:
    name: str
    titles: tuple  # English first, then Chinese
    feeds: tuple  # the objects that a row of this sheet describes
    columns: tuple
    key: tuple = ()  # the columns that identify a row; the first names the cell of a duplicate
    constants: dict = field(default_factory=dict)
    derive: object = None  # completes the values of a row; called with its dict
    # The rows that a row stands for, e.g. one for each person that a cell names: called with its
    # dict, gives dicts and what is wrong as (severity, code, column, values).
    expand: object = None

    @property
    def by_heading(self):
        return {
            _clean_heading(heading): column
            for column in self.columns for heading in column.headings
        }


class Row:
    """ One row: its typed values by column name, and where they stand. """
    __slots__ = ('sheet', 'number', 'values', 'is_valid')

    def __init__(self, sheet, number, values, is_valid):
        self.sheet = sheet
        self.number = number
        self.values = values
        self.is_valid = is_valid

    def get(self, name):
        return self.values.get(name)

    def issue(self, severity, code, name=None, /, **values):
        """ An issue about this row, or about one of its cells. """
        column = self.sheet.letters.get(name)
        return Issue(
            severity, code, self.sheet.title, self.number,
            column=self.sheet.headings.get(name, ''),
            cell=f'{column}{self.number}' if column else '', values=values)


@dataclass
class Sheet:
    spec: SheetSpec
    title: str
    letters: dict  # column name: letter
    headings: dict  # column name: heading as typed
    rows: list = field(default_factory=list)
    is_readable: bool = True


class Workbook:
    """ What was read: the sheets, and what is wrong with them. """

    def __init__(self):
        self.titles = []  # of all sheets, in the order of the file
        self.sheets = []  # those that are known
        self.issues = []
        self.left_out = 0
        self.notes_left_out = 0
        self._room = {False: MAX_ISSUES, True: MAX_NOTES}  # for issues, for notes

    def add(self, issue):
        notes = issue.severity == INFO
        if self._room[notes]:
            self._room[notes] -= 1
            self.issues.append(issue)
        elif notes:
            self.notes_left_out += 1
        else:
            self.left_out += 1

    def rows(self, feed):
        """ The rows that describe an object, in the order of the file. """
        for sheet in self.sheets:
            if feed in sheet.spec.feeds:
                yield from sheet.rows

    @property
    def sorted_issues(self):
        """ The gravest first, then as they stand in the file. """
        places = {title: index for index, title in enumerate(self.titles)}
        return sorted(self.issues, key=lambda issue: (
            SEVERITIES.index(issue.severity), places.get(issue.sheet, -1), issue.row,
            len(issue.cell), issue.cell))

    @property
    def row_count(self):
        return sum(len(sheet.rows) for sheet in self.sheets)

    @property
    def has_errors(self):
        return any(issue.severity == ERROR for issue in self.issues)

    @property
    def unread_feeds(self):
        """ The objects of which some are unknown, since a sheet with them could not be read. """
        return {
            feed for sheet in self.sheets if not sheet.is_readable for feed in sheet.spec.feeds}


def read_workbook(stream, specs, on_progress=lambda fraction: None):
    """ Read the sheets that the specs know.

    :param stream: a seekable binary file
    :param on_progress: called now and then with the part that is read, 0 to 1
    """
    book = Workbook()
    try:
        code = _get_file_fault(stream)
        if code:
            book.add(Issue(ERROR, code))
        else:
            _read_sheets(book, stream, specs, on_progress)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, EOFError, OSError,
            SyntaxError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        # zipfile and openpyxl raise any of these on a file that is damaged inside (a ParseError is
        # a SyntaxError).
        book.add(Issue(ERROR, 'damaged', values={'detail': str(error)[:200]}))
    return book


def _get_file_fault(stream):
    """ The code of what keeps the file from being opened, if anything. """
    stream.seek(0)
    start = stream.read(8)
    stream.seek(0)
    if not start:
        return 'empty_file'
    if start.startswith(OLE_MAGIC):
        return 'old_or_encrypted'
    if not zipfile.is_zipfile(stream):
        return 'not_a_workbook'
    stream.seek(0)
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        if 'xl/workbook.xml' not in {member.filename for member in members}:
            return 'not_a_workbook'
        strings = sum(
            member.file_size for member in members
            if not member.filename.startswith(('xl/worksheets/', 'xl/media/')))
        # A member never unpacks to more than the size that it declares: zipfile stops there.
        if sum(member.file_size for member in members) > MAX_UNPACKED or strings > MAX_STRINGS:
            return 'too_big'
        for member in members:
            if member.filename.endswith(('.xml', '.rels')):
                with archive.open(member) as part:
                    if b'<!DOCTYPE' in part.read(4096):
                        return 'not_a_workbook'  # entities have no place in a workbook
    stream.seek(0)


def _read_sheets(book, stream, specs, on_progress):
    values = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    formulas = None
    book.titles = values.sheetnames
    found = []
    for worksheet in values.worksheets:
        row_count = worksheet.max_row  # only an estimate, for the progress
        worksheet.reset_dimensions()  # some programs write wrong ones, and rows would be missed
        sheet, header_row, issues = _find_header(worksheet, specs)
        if sheet is None:
            book.add(Issue(INFO, 'unknown_sheet', worksheet.title))
            continue
        for issue in issues:
            book.add(issue)
        sheet.is_readable = not any(issue.severity == ERROR for issue in issues)
        if sheet.is_readable:
            found.append((worksheet, sheet, header_row, row_count))
        book.sheets.append(sheet)
    if not book.sheets:
        book.add(Issue(ERROR, 'no_known_sheet', values={
            'titles': sorted({title for spec in specs for title in spec.titles})}))
    for index, (worksheet, sheet, header_row, row_count) in enumerate(found):
        formula_sheet = None
        if _has_formulas(worksheet):
            formulas = formulas or openpyxl.load_workbook(stream, read_only=True)
            formula_sheet = formulas[worksheet.title]
        _read_rows(
            book, sheet, header_row, worksheet, formula_sheet,
            lambda number, index=index, row_count=row_count: on_progress(
                (index + min(1, number / (row_count or MAX_ROWS))) / len(found)))
    if not book.has_errors and not book.row_count:
        book.add(Issue(ERROR, 'no_rows'))


def _has_formulas(worksheet):
    """ Whether the sheet has a formula: only then it is read a second time. """
    tail = b''
    with worksheet._get_source() as source:
        while chunk := source.read(1 << 20):
            if FORMULA_TAG.search(tail + chunk):
                return True
            tail = chunk[-32:]
    return False


def _clean_heading(value):
    return HEADING_NOTE.sub('', str(value)).strip().lower()


def _find_header(worksheet, specs):
    """ The spec of a worksheet by its title, else by its headings; its header row; its issues.

    The headed block is the unbroken run of headings: what stands right of a gap is a note.
    """
    title = worksheet.title.strip().lower()
    candidates = [
        spec for spec in specs if title in {known.lower() for known in spec.titles}]
    by_title = bool(candidates)
    rows = []
    for cells in worksheet.iter_rows(max_row=HEADER_ROWS, values_only=True):
        rows.append(cells)
    best = (0, None, 0, {})
    for spec in candidates or specs:
        known = spec.by_heading
        for number, cells in enumerate(rows, start=1):
            block = _get_block(cells)
            matched = {known[word].name for word, _index in block if word in known}
            # Without a known title the headings decide, so they must leave no doubt.
            is_sure = by_title or len(matched) >= 3 and all(
                column.name in matched
                for column in spec.columns if column.required or column.expected)
            if len(matched) > best[0] and is_sure:
                best = (len(matched), spec, number, block)
    _count, spec, header_row, block = best
    if spec is None:
        if not by_title:
            return None, 0, []
        spec = candidates[0]
        return Sheet(spec, worksheet.title, {}, {}), 0, [Issue(
            ERROR, 'no_header', worksheet.title,
            values={'headings': [column.headings[-1] for column in spec.columns]})]
    return _build_sheet(worksheet.title, spec, header_row, block, rows[header_row - 1])


def _get_block(cells):
    """ The headings of a row up to the first gap, as (word, index). """
    block = []
    for index, value in enumerate(cells):
        if value in (None, ''):
            if block:
                break
            continue
        block.append((_clean_heading(value), index))
    return block


def _build_sheet(title, spec, header_row, block, cells):
    known = spec.by_heading
    sheet = Sheet(spec, title, {}, {})
    issues = []
    for word, index in block:
        letter = get_column_letter(index + 1)
        where = {'sheet': title, 'row': header_row, 'column': str(cells[index]),
                 'cell': f'{letter}{header_row}'}
        column = known.get(word)
        if column is None:
            issues.append(Issue(INFO, 'unknown_column', **where))
        elif column.name in sheet.letters:
            issues.append(Issue(ERROR, 'column_twice', **where, values={
                'other': f'{sheet.letters[column.name]}{header_row}'}))
        else:
            sheet.letters[column.name] = letter
            sheet.headings[column.name] = str(cells[index])
    for column in spec.columns:
        if column.name in sheet.letters:
            for name in (*column.parts, *column.tells):
                sheet.letters[name] = sheet.letters[column.name]
                sheet.headings[name] = sheet.headings[column.name]
        elif column.required or column.expected:
            issues.append(Issue(
                ERROR, 'missing_column', title, header_row, column=column.headings[-1],
                values={'headings': list(dict.fromkeys(column.headings))}))
    return sheet, header_row, issues


def _read_rows(book, sheet, header_row, worksheet, formula_sheet, on_progress):
    columns = [
        (column, column_index_from_string(sheet.letters[column.name]) - 1,
         column.words)
        for column in sheet.spec.columns if column.name in sheet.letters]
    seen = {}
    first = header_row + 1
    formula_rows = None
    if formula_sheet is not None:
        formula_sheet.reset_dimensions()
        formula_rows = formula_sheet.iter_rows(min_row=first)
    for number, cells in enumerate(worksheet.iter_rows(min_row=first), start=first):
        formula_cells = next(formula_rows, ()) if formula_rows else ()
        if number % 1000 == 0:
            on_progress(number)
        if number - header_row > MAX_ROWS:
            book.add(Issue(ERROR, 'too_many_rows', sheet.title, number,
                           values={'limit': MAX_ROWS}))
            return
        row = _read_row(book, sheet, number, columns, cells, formula_cells)
        if row is None:
            continue
        sheet.rows.extend(_expand_row(book, row))
        key = tuple(row.get(name) for name in sheet.spec.key)
        if any(part is not None for part in key):
            if key in seen:
                name = next(name for name in sheet.spec.key if row.get(name) is not None)
                book.add(row.issue(
                    ERROR, 'duplicate', name, key=' / '.join(
                        str(part) for part in key if part is not None), first=seen[key]))
                row.is_valid = False
            seen.setdefault(key, number)


def _expand_row(book, row):
    expand = row.sheet.spec.expand
    if not expand or not row.is_valid:
        return [row]
    values_list, faults = expand(row.values)
    for severity, code, column, details in faults:
        book.add(row.issue(severity, code, column, **details))
        row.is_valid = row.is_valid and severity != ERROR
    return [Row(row.sheet, row.number, values, row.is_valid) for values in values_list]


def _read_row(book, sheet, number, columns, cells, formula_cells):
    """ The typed row, or None where the headed block is empty. """
    width = len(cells)
    values = dict(sheet.spec.constants)
    is_empty = True
    faults = []
    for column, index, words in columns:
        if index >= width:
            continue
        cell = cells[index]
        raw = cell.value
        if raw is None:
            # A formula that no program has calculated; '' as the result of one is fine.
            if (index < len(formula_cells) and formula_cells[index].data_type == 'f'
                    and cell.data_type != 'str'):
                is_empty = False
                faults.append((column, 'formula_without_value', {}))
            continue
        if cell.data_type == 'e':
            is_empty = False
            faults.append((column, 'formula_error', {'value': raw}))
            continue
        if isinstance(raw, str):
            raw = raw.strip().replace('\x00', '')
            if not raw:
                continue
        is_empty = False
        text = to_text(raw)
        if text in column.none:
            continue
        value, fault = convert(column, raw, text, words)
        if fault:
            faults.append((column, fault, {
                'value': text, 'choices': [label[-1] for label in column.choices.values()]}))
        elif column.parts:
            values.update(zip(column.parts, value, strict=True))
        else:
            values[column.name] = value
    if is_empty:
        return None
    row = Row(sheet, number, values, is_valid=not faults)
    faulty = {column.name for column, _code, _values in faults}
    for column, code, details in faults:
        book.add(row.issue(ERROR, code, column.name, **details))
    for column, _index, _words in columns:
        names = column.parts or (column.name,)
        if column.required and names[0] not in values and column.name not in faulty:
            book.add(row.issue(ERROR, 'missing_value', column.name))
            row.is_valid = False
    if sheet.spec.derive:
        sheet.spec.derive(values)
    return row


def to_text(value):
    """ A cell as the text that its writer meant: 1011 and 1011.0 are 1011. """
    if isinstance(value, bool):
        return 'TRUE' if value else 'FALSE'
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float):
        return format(value, '.15g')  # what Excel shows of 12.340000000000001
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value).strip()


def convert(column, raw, text, words):
    """ (value, code of what is wrong with it). """
    if column.kind == 'text':
        if isinstance(raw, (int, float)) and abs(raw) >= MAX_EXACT:
            return None, 'digits_lost'
        return text, None
    if column.kind in ('number', 'integer'):
        return convert_number(column, raw)
    if column.kind == 'path':
        parts = [part.strip() for part in text.split('-', len(column.parts) - 1)]
        if len(parts) < len(column.parts) or not all(parts):
            return None, 'not_a_path'
        return parts, None
    if column.kind == 'date':
        return convert_date(raw)
    word = text.lower()
    if word not in words:
        return None, 'not_a_choice' if column.kind == 'selection' else 'not_yes_or_no'
    return words[word], None


def convert_number(column, raw):
    """ (the number, rounded to the column's digits; code of what is wrong with it). """
    if not isinstance(raw, (int, float, str)) or isinstance(raw, bool) or '_' in str(raw):
        return None, 'not_a_number'  # to Decimal, 1_0 is 10
    try:
        number = Decimal(repr(raw) if isinstance(raw, (int, float)) else raw)
    except ArithmeticError:
        return None, 'not_a_number'
    if not number.is_finite():
        return None, 'not_a_number'
    if abs(number) > column.maximum:
        return None, 'too_large'
    if column.minimum is not None and number < column.minimum:
        return None, 'negative' if not column.minimum else 'too_small'
    if column.kind == 'integer':
        if number != number.to_integral_value():
            return None, 'not_an_integer'
        return int(number), None
    return float(number.quantize(Decimal(1).scaleb(-column.digits), ROUND_HALF_UP)), None


def convert_date(raw):
    """ A real date, its serial number, or a text such as 2020-6-10 or 2020年6月10日. """
    if isinstance(raw, datetime):
        return raw.date(), None
    if isinstance(raw, date):
        return raw, None
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        # 1 January 1950 to 31 December 2199: other numbers are slips, e.g. a year.
        if not 18264 <= raw <= 109574:
            return None, 'not_a_date'
        return from_excel(raw).date(), None
    match = DATE_TEXT.fullmatch(str(raw))
    if not match:
        return None, 'not_a_date'
    try:
        return date(*map(int, match.groups())), None
    except ValueError:
        return None, 'no_such_date'


def write_workbook(sheets):
    """ A workbook of (title, headings with their notes, rows), streamed to a file. """
    book = openpyxl.Workbook(write_only=True)
    bold = Font(bold=True)
    for title, headings, rows in sheets:
        worksheet = book.create_sheet(title)
        worksheet.freeze_panes = 'A2'
        for index, (heading, _note) in enumerate(headings, start=1):
            worksheet.column_dimensions[get_column_letter(index)].width = max(
                12, 2 * len(heading))
        header = []
        for heading, note in headings:
            cell = WriteOnlyCell(worksheet, heading)
            cell.font = bold
            if note:
                cell.comment = Comment(note, '', width=240, height=120)
            header.append(cell)
        worksheet.append(header)
        for row in rows:
            worksheet.append([
                _get_safe_cell(worksheet, value) if isinstance(value, str) else value
                for value in row])
    return book


def _get_safe_cell(worksheet, text):
    text = ILLEGAL_CHARACTERS_RE.sub('', text)
    if not text.startswith('='):
        return text
    cell = WriteOnlyCell(worksheet, text)
    cell.data_type = 's'  # somebody's name, not a formula
    return cell
