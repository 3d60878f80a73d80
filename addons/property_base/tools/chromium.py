""" Print HTML by Chromium, driven over DevTools: bytes in, bytes out, no Odoo.

The browser is spoken to over a pipe. It opens no port that another user of the machine could reach,
and it ends by itself when the process that started it does.
"""
import base64
import contextlib
import copy
import fcntl
import io
import json
import os
import re
import resource
import selectors
import signal
import subprocess
import tempfile
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

import lxml.html
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

MM_PER_INCH = 25.4
PX_PER_INCH = 96

SWITCHES = (
    '--headless',
    '--remote-debugging-pipe',
    '--disable-background-networking',
    '--disable-breakpad',
    '--disable-component-update',
    '--disable-crash-reporter',
    '--disable-dev-shm-usage',  # small in containers
    '--disable-extensions',
    '--disable-gpu',
    '--disable-sync',
    '--hide-scrollbars',
    '--host-resolver-rules=MAP * ~NOTFOUND',  # everything a page needs is handed to it
    '--no-default-browser-check',
    '--no-first-run',
)

# The page is as wide as the paper, whatever the breakpoint, and lets what lies beneath shine
# through.
STYLE = """<link rel="icon" href="data:,"/><style>
html, body { background: transparent !important; }
body.container, .property_stamp { max-width: none !important; }
.property_body + .property_body { break-before: page; }
</style>"""
STAMP_STYLE = """<link rel="icon" href="data:,"/><style>
html, body { height: auto !important; margin: 0 !important; padding: 0 !important; }
body { overflow: visible !important; }
.property_sheet { position: relative; overflow: hidden; break-after: page; }
.property_sheet:last-child { break-after: auto; }
.property_stamp { position: absolute; margin: 0 !important; box-sizing: border-box; }
</style>"""

# What Odoo renders around each body is the same for all of them.
BODY = re.compile(r'(?P<before>.*<body[^>]*>)(?P<content>.*)(?P<after></body>.*)', re.DOTALL)
ANCHOR = 'property_body'

# A ToUnicode map: `<glyph> <code>`, or `<first glyph> <last glyph> <first code>`.
SINGLE = re.compile(rb'^(<[0-9A-F]+>) <([0-9A-F]{4})>\n', re.MULTILINE)
RANGE = re.compile(rb'^<([0-9A-F]+)> <([0-9A-F]+)> <([0-9A-F]{4})>\n', re.MULTILINE)
RADICALS = (0x2E80, 0x2FDF)
# Those that Unicode's own normalization does not know, or takes for the traditional character.
CHARACTERS = str.maketrans(
    '⼾⺂⺃⺅⺉⺋⺏⺐⺒⺓⺔⺕⺖⺘⺙⺛⺞⺟⺠⺡⺣⺤⺦⺨⺭⺯⺰⺱⺳⺹⺺⺾⻂⻅⻆⻈⻉⻋⻌⻐⻑⻒⻓⻔⻖⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻮⻯⻰⻱⻲⻳',
    '户乛乚亻刂㔾尣尢巳幺彑彐忄扌攵旡歺母民氵灬爫丬犭礻糹纟罓㓁耂肀艹衤见角讠贝车辶钅長镸长门阝青韦页风飞食飠饣马骨鬼鱼鸟卤麦黄黾斉齐齿竜龙龜亀龟')

Fetch = Callable[[str], tuple[int, str, bytes]]


class ChromiumError(Exception):
    """ Chromium could not be started, or failed at its work. """


@dataclass(frozen=True, slots=True)
class Paper:
    """ A sheet in millimetres. The header begins `header_spacing` above the text.

    :param scale: how large a CSS pixel of 1/96 inch is printed
    """
    width: float = 210
    height: float = 297
    margin_top: float = 10
    margin_bottom: float = 10
    margin_left: float = 10
    margin_right: float = 10
    header_spacing: float = 0
    scale: float = 1


def print_pdf(
    executable: str, bodies: list[str], *, paper: Paper, base_url: str, fetch: Fetch,
    header: str = '', footer: str = '', timeout: float = 60,
) -> bytes:
    """ One PDF of all bodies, each beginning on a new page, with header and footer on each page.

    `header` and `footer` are documents whose element `minimal_layout_report_headers` or `_footers`
    has one child per body; elements of class `page` and `topage` in it become the number of the
    page in its body and their count. The outline has one entry per body, with its first page as
    destination, as Odoo expects when it splits a print by record.

    :param base_url: the origin that relative addresses of the bodies belong to
    :param fetch: answers an address of that origin with status, content type and content; nothing
        else is loaded, and no script is run
    :raises ChromiumError: the browser does not start, fails or takes too long
    """
    with Chromium(executable, base_url, fetch, timeout) as chromium:
        parts, counts = [], []
        for document, body_count in _gather(bodies):
            part = PdfReader(io.BytesIO(chromium.print_page(document, paper)))
            parts.append(part)
            counts += _count_pages(part, body_count)
        stamps = _prepare_stamps(header, footer, counts, [_lang(body) for body in bodies], paper)
        sheet = Paper(
            width=paper.width, height=paper.height, margin_top=0, margin_bottom=0, margin_left=0,
            margin_right=0, scale=paper.scale)
        stamp_pages = stamps and PdfReader(io.BytesIO(chromium.print_page(stamps, sheet))).pages

    writer = PdfWriter()
    for part in parts:
        writer.append(part, import_outline=False)
    if stamp_pages:
        if len(stamp_pages) != len(writer.pages):
            raise ChromiumError(
                f'{len(stamp_pages)} headers were printed for {len(writer.pages)} pages')
        for page, stamp in zip(writer.pages, stamp_pages, strict=True):
            page.merge_page(stamp, over=False)
    _add_outline(writer, counts)
    _mend_characters(writer)
    writer.compress_identical_objects(remove_unreferenced=True)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


class Chromium:
    """ One browser process with one page, from `__enter__` to `__exit__`. """

    def __init__(self, executable: str, base_url: str, fetch: Fetch, timeout: float):
        self._executable = executable
        self._base_url = base_url.rstrip('/')
        self._fetch = fetch
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._document_url = f'{self._base_url}/'
        self._document = b''
        self._answers: dict[str, tuple[int, str, bytes]] = {}
        self._session = None
        self._message_id = 0
        self._buffer = b''
        self._events: list[dict] = []

    # === PROCESS === #

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            profile = stack.enter_context(tempfile.TemporaryDirectory(
                prefix='chromium_', ignore_cleanup_errors=True))
            self._log = stack.enter_context(tempfile.TemporaryFile())
            stack.callback(self._stop)
            self._start(profile)
            self._open_page()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc_info):
        self._stack.close()

    def _start(self, profile: str):
        command = [self._executable, *SWITCHES, f'--user-data-dir={profile}']
        if os.geteuid() == 0:
            command.append('--no-sandbox')  # the sandbox refuses to work for root
        their_input, self._out = os.pipe()
        self._in, their_output = os.pipe()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._in, selectors.EVENT_READ)

        def prepare():
            # Chromium reserves more address space than Odoo's memory limit leaves to its children.
            hard_limit = resource.getrlimit(resource.RLIMIT_AS)[1]
            resource.setrlimit(resource.RLIMIT_AS, (hard_limit, hard_limit))
            # It reads from descriptor 3 and writes to 4. Ours may have these numbers already.
            source = fcntl.fcntl(their_input, fcntl.F_DUPFD, 5)
            target = fcntl.fcntl(their_output, fcntl.F_DUPFD, 5)
            os.dup2(source, 3)
            os.dup2(target, 4)

        try:
            self._process = subprocess.Popen(
                [*command, 'about:blank'],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._log,
                pass_fds=(3, 4), start_new_session=True, preexec_fn=prepare,
                env={**os.environ, 'XDG_CONFIG_HOME': profile, 'XDG_CACHE_HOME': profile},
            )
        except OSError as error:
            self._process = None
            raise ChromiumError(str(error)) from error
        finally:
            os.close(their_input)
            os.close(their_output)

    def _stop(self):
        if self._process:
            with contextlib.suppress(ChromiumError):
                self._deadline = time.monotonic() + 2
                self._session = None
                self._call('Browser.close')
        self._selector.close()
        os.close(self._out)
        os.close(self._in)
        if self._process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # also helpers that outlived it
            self._process.wait()

    # === DEVTOOLS === #

    def _call(self, method: str, **params) -> dict:
        """ Send a command, handle what happens meanwhile, return the result. """
        self._message_id = message_id = self._message_id + 1
        self._send(message_id, method, params)
        while True:
            message = self._receive()
            if message.get('id') == message_id:
                if 'error' in message:
                    raise ChromiumError(f'{method}: {message["error"]["message"]}')
                return message['result']

    def _send(self, message_id: int, method: str, params: dict):
        message = {'id': message_id, 'method': method, 'params': params}
        if self._session:
            message['sessionId'] = self._session
        data = memoryview(json.dumps(message).encode() + b'\0')
        try:
            while data:
                data = data[os.write(self._out, data):]
        except BrokenPipeError as error:
            raise ChromiumError(self._last_words()) from error

    def _receive(self) -> dict:
        """ The next message; requests of the page are answered on the way. """
        while b'\0' not in self._buffer:
            if not self._selector.select(max(0, self._deadline - time.monotonic())):
                raise ChromiumError(f'no answer within {self._timeout:g} seconds')
            chunk = os.read(self._in, 1 << 20)
            if not chunk:
                raise ChromiumError(self._last_words())
            self._buffer += chunk
        line, self._buffer = self._buffer.split(b'\0', 1)
        message = json.loads(line)
        if message.get('method') == 'Fetch.requestPaused':
            self._answer(message['params'])
        elif 'method' in message:
            self._events.append(message)
        return message

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors='replace').strip().splitlines()
        return '\n'.join(lines[-5:]) or 'the browser ended without a word'

    def _answer(self, paused: dict):
        """ Answer a request of the page: our documents, then what `fetch` finds, nothing else. """
        url = paused['request']['url']
        self._message_id += 1
        if not url.startswith(f'{self._base_url}/'):
            self._send(self._message_id, 'Fetch.failRequest', {
                'requestId': paused['requestId'], 'errorReason': 'AccessDenied'})
            return
        if url == self._document_url:
            status, content_type, content = 200, 'text/html; charset=utf-8', self._document
        else:
            if url not in self._answers:
                self._answers[url] = self._fetch(url)
            status, content_type, content = self._answers[url]
        self._send(self._message_id, 'Fetch.fulfillRequest', {
            'requestId': paused['requestId'],
            'responseCode': status,
            'responseHeaders': [{'name': 'Content-Type', 'value': content_type}],
            'body': base64.b64encode(content).decode(),
        })

    # === PAGES === #

    def _open_page(self):
        target = self._call('Target.createTarget', url='about:blank')['targetId']
        self._session = self._call(
            'Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        self._call('Page.enable')
        self._call('Fetch.enable', patterns=[{'urlPattern': '*'}])
        # What is printed holds text that people typed; no script in it is ours.
        self._call('Emulation.setScriptExecutionDisabled', value=True)

    def print_page(self, html: str, paper: Paper) -> bytes:
        """ The PDF of one HTML document. """
        # The same address for all, and the one that <base> says, or links inside it would not be.
        self._document = html.encode()
        self._events.clear()
        result = self._call('Page.navigate', url=self._document_url)
        if result.get('errorText'):
            raise ChromiumError(result['errorText'])
        while not any(event['method'] == 'Page.loadEventFired' for event in self._events):
            self._receive()
        self._call('Runtime.evaluate', expression='document.fonts.ready', awaitPromise=True)
        pdf = self._call(
            'Page.printToPDF',
            paperWidth=paper.width / MM_PER_INCH,
            paperHeight=paper.height / MM_PER_INCH,
            marginTop=paper.margin_top / MM_PER_INCH,
            marginBottom=paper.margin_bottom / MM_PER_INCH,
            marginLeft=paper.margin_left / MM_PER_INCH,
            marginRight=paper.margin_right / MM_PER_INCH,
            scale=paper.scale,
            printBackground=True,
            generateTaggedPDF=False,
        )
        return base64.b64decode(pdf['data'])


def _lang(body: str) -> str:
    """ The language of a body, as Odoo notes it on the article. """
    match = re.search(r'data-oe-lang="(\w+)"', body)
    return match[1].replace('_', '-') if match else ''


def _parse(body: str) -> re.Match:
    """ The parts of a body's document; a mere fragment, as other add-ons may print, gets one. """
    return BODY.fullmatch(body) or BODY.fullmatch(
        f'<!DOCTYPE html><html><head></head><body>{body}</body></html>')


def _gather(bodies: list[str]):
    """ Bodies that differ in nothing but their content as one document: yields it and their number.

    A style sheet is then read, and a font embedded, once for hundreds of bills. The links make
    Chromium note on which page each body begins.
    """
    matches = [_parse(body) for body in bodies]
    for (before, after), group in groupby(
        zip(matches, bodies, strict=True), lambda pair: pair[0].group('before', 'after'),
    ):
        sections, links = [], []
        for index, (match, body) in enumerate(group):
            sections.append(
                # The language makes the browser choose the right shapes of Chinese characters.
                f'<section id="{ANCHOR}{index}" class="{ANCHOR}" lang="{_lang(body)}">'
                f'{match["content"]}</section>')
            links.append(f'<a href="#{ANCHOR}{index}" hidden=""></a>')
        yield ''.join((
            before.replace('</head>', f'{STYLE}</head>', 1), *sections, *links, after,
        )), len(sections)


def _count_pages(pdf: PdfReader, body_count: int) -> list[int]:
    """ How many pages each body of a document has. """
    if body_count == 1:
        return [len(pdf.pages)]
    # Read by hand, since Odoo changes what pypdf's own methods return.
    destinations = pdf.trailer['/Root']['/Dests']
    numbers = {page.indirect_reference.idnum: number for number, page in enumerate(pdf.pages)}
    starts = [
        numbers[destinations[f'/{ANCHOR}{index}'][0].idnum] for index in range(body_count)
    ]
    return [
        end - start for start, end in zip(starts, [*starts[1:], len(pdf.pages)], strict=True)]


def _prepare_stamps(
    header: str, footer: str, counts: list[int], langs: list[str], paper: Paper,
) -> str:
    """ A document with one sheet per page: its header and footer, in place. Empty without any. """
    documents = [lxml.html.document_fromstring(text) for text in (header, footer) if text]
    headers, footers = (
        [node for document in documents for node in document.xpath(f'//*[@id="{name}"]/*')]
        for name in ('minimal_layout_report_headers', 'minimal_layout_report_footers')
    )
    if not headers and not footers:
        return ''
    body_class = documents[0].body.get('class', '')
    px_per_mm = PX_PER_INCH / MM_PER_INCH / paper.scale
    width = (paper.width - paper.margin_left - paper.margin_right) * px_per_mm
    # A hair less than the sheet, or rounding makes it two.
    sheet_style = (
        f'width: {paper.width * px_per_mm:.3f}px; height: {paper.height * px_per_mm - 1:.3f}px')
    positions = (
        (headers, (paper.margin_top - paper.header_spacing) * px_per_mm),
        (footers, (paper.height - paper.margin_bottom) * px_per_mm),
    )
    sheets = lxml.html.Element('body')
    for index, (count, lang) in enumerate(zip(counts, langs, strict=True)):
        for number in range(1, count + 1):
            sheet = lxml.html.Element('div', {
                'class': 'property_sheet', 'lang': lang, 'style': sheet_style})
            for nodes, top in positions:
                if index >= len(nodes):
                    continue
                stamp = lxml.html.Element('div', {
                    'class': f'{body_class} property_stamp',
                    'style': f'top: {top:.3f}px; width: {width:.3f}px; '
                             f'left: {paper.margin_left * px_per_mm:.3f}px',
                })
                node = copy.deepcopy(nodes[index])
                for name, value in (('page', number), ('topage', count)):
                    for element in node.find_class(name):
                        element.text = str(value)
                stamp.append(node)
                sheet.append(stamp)
            sheets.append(sheet)
    head = lxml.html.tostring(documents[0].head, encoding='unicode')
    return ''.join((
        '<!DOCTYPE html><html>',
        head.replace('</head>', f'{STYLE}{STAMP_STYLE}</head>', 1),
        lxml.html.tostring(sheets, encoding='unicode'),
        '</html>',
    ))


def _add_outline(writer: PdfWriter, counts: list[int]):
    """ The shape that Odoo reads: /Dests by name, each with the number of a page. """
    destinations = DictionaryObject()
    outline = DictionaryObject({NameObject('/Type'): NameObject('/Outlines')})
    outline_ref = writer._add_object(outline)
    nodes = []
    page = 0
    for index, count in enumerate(counts):
        name = f'record{index}'
        destinations[NameObject(f'/{name}')] = ArrayObject([
            NumberObject(page), NameObject('/XYZ'), FloatObject(0),
            FloatObject(writer.pages[page].mediabox.height), FloatObject(0)])
        nodes.append(DictionaryObject({
            NameObject('/Title'): TextStringObject(str(index + 1)),
            NameObject('/Dest'): NameObject(f'/{name}'),
            NameObject('/Parent'): outline_ref,
        }))
        page += count
    refs = [writer._add_object(node) for node in nodes]
    for node, following, ref, following_ref in zip(
        nodes, nodes[1:], refs, refs[1:], strict=False,
    ):
        node[NameObject('/Next')] = following_ref
        following[NameObject('/Prev')] = ref
    outline.update({
        NameObject('/First'): refs[0],
        NameObject('/Last'): refs[-1],
        NameObject('/Count'): NumberObject(len(refs)),
    })
    writer.root_object[NameObject('/Outlines')] = outline_ref
    writer.root_object[NameObject('/Dests')] = destinations


def _mend_characters(writer: PdfWriter):
    """ Let 户 and 行 be found and copied as such.

    Fonts draw a radical and the character that looks like it by one glyph, which Chromium then
    names after the radical (U+2F3E for 户), a code that nobody types.
    """
    for reference in range(1, len(writer._objects) + 1):
        font = writer.get_object(reference)
        if not isinstance(font, DictionaryObject) or '/ToUnicode' not in font:
            continue
        cmap = font['/ToUnicode'].get_object()
        mended = RANGE.sub(_spell_out_radicals, cmap.get_data())
        mended = SINGLE.sub(
            lambda match: b'%s <%s>\n' % (match[1], _without_radical(int(match[2], 16))), mended)
        if mended != cmap.get_data():
            cmap.set_data(mended)


def _without_radical(code: int) -> bytes:
    character = chr(code)
    if RADICALS[0] <= code <= RADICALS[1]:
        character = unicodedata.normalize('NFKC', character.translate(CHARACTERS))
    return character.encode('utf-16-be').hex().upper().encode()


def _spell_out_radicals(match) -> bytes:
    """ A range of radicals as the list of the characters they stand for. """
    first, last, code = (int(match[group], 16) for group in (1, 2, 3))
    if code > RADICALS[1] or code + last - first < RADICALS[0]:
        return match[0]
    characters = b' '.join(
        b'<%s>' % _without_radical(code + offset) for offset in range(last - first + 1))
    return b'<%s> <%s> [%s]\n' % (match[1], match[2], characters)
