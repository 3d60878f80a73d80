""" Printing by Chromium: real PDFs, read back. """
import io
import os
import stat
import tempfile
from pathlib import Path

import pytest
from pypdf import PdfReader

from ...tools.browsers import find_chromium
from ...tools.chromium import ChromiumError, Paper, print_pdf

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not find_chromium(), reason="needs Chromium"),
]

PAPER = Paper(margin_top=40, header_spacing=40, margin_bottom=30, scale=0.8)


def body(number, lines):
    paragraphs = ''.join(f'<p>第{number}户第{line}行</p>' for line in range(lines))
    return (
        '<!DOCTYPE html><html style="height: 0;"><head></head><body class="container">'
        f'<div class="article" data-oe-lang="zh_CN"><h2>账单{number}</h2>{paragraphs}</div>'
        '</body></html>')


def stamps(kind, texts):
    children = ''.join(f'<div class="{kind}">{text}</div>' for text in texts)
    return (
        '<html><head></head><body class="container" style="background: white">'
        f'<div id="minimal_layout_report_{kind}s">{children}</div></body></html>')


def refuse(url):
    return 404, 'text/plain', b''


def print_bills(*lines, fetch=refuse, **options):
    """ The pages of a print of several bills, each of as many lines as given. """
    content = print_pdf(
        find_chromium(), [body(number, count) for number, count in enumerate(lines, 1)],
        paper=PAPER, base_url='http://printed.example', fetch=fetch, **options)
    return PdfReader(io.BytesIO(content))


def test_each_page_has_its_own_letterhead_and_number():
    """ [B14] Bills of different companies in one print keep their letterheads. """
    pdf = print_bills(
        3, 60,
        header=stamps('header', ['绿城物业', '万科物业']),
        footer=stamps('footer', ['<span class="page"></span> / <span class="topage"></span>'] * 2))
    texts = [page.extract_text() for page in pdf.pages]
    assert len(texts) == 4
    assert [('绿城物业' in text, '万科物业' in text) for text in texts] == (
        [(True, False)] + [(False, True)] * 3)
    assert [number in text for text, number in zip(
        texts, ('1 / 1', '1 / 3', '2 / 3', '3 / 3'), strict=True)] == [True] * 4
    assert '第1户第2行' in texts[0] and '第2户第59行' in texts[3]


def test_the_outline_names_the_first_page_of_each_body():
    """ Odoo splits a print by record with it. """
    root = print_bills(60, 3, 40).trailer['/Root']
    node, pages = root['/Outlines']['/First'], []
    while node:
        pages.append(root['/Dests'][node['/Dest']][0])
        node = node.get('/Next')
    assert pages == [0, 3, 4]


def test_a_bill_can_be_searched_for_its_words():
    """ Fonts draw 户 and 行 by the same glyph as a radical, which nobody types. """
    html = body(1, 1).replace('<p>', '<p>人民银行账户 页 车 门 见 风 龙 贝 长<br/>')
    content = print_pdf(
        find_chromium(), [html], paper=PAPER, base_url='http://printed.example', fetch=refuse)
    text = PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert '人民银行账户 页 车 门 见 风 龙 贝 长' in text


def test_a_fragment_is_printed_like_a_document():
    content = print_pdf(
        find_chromium(), ['<p>第一张</p>', body(2, 1), '<p>第三张</p>'], paper=PAPER,
        base_url='http://printed.example', fetch=refuse)
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    assert len(texts) == 3
    assert '第一张' in texts[0] and '账单2' in texts[1] and '第三张' in texts[2]


def test_paper_is_as_large_as_asked():
    content = print_pdf(
        find_chromium(), [body(1, 1)], paper=Paper(width=241, height=140),
        base_url='http://printed.example', fetch=refuse)
    box = PdfReader(io.BytesIO(content)).pages[0].mediabox
    assert [round(float(side) / 72 * 25.4) for side in (box.width, box.height)] == [241, 140]


def test_only_the_origin_is_asked_and_no_script_runs():
    """ What people typed into a record is printed, so it may neither call out nor run. """
    asked = []

    def fetch(url):
        asked.append(url)
        return 200, 'text/css', b'p { font-size: 20px }'

    html = body(1, 1).replace('</head>', (
        '<link rel="stylesheet" href="/web/style.css"/>'
        '<link rel="stylesheet" href="http://elsewhere.example/style.css"/></head>'
    )).replace('<p>', '<script>document.write("written by a script")</script><p>')
    content = print_pdf(
        find_chromium(), [html, html], paper=PAPER, base_url='http://printed.example', fetch=fetch)
    assert asked == ['http://printed.example/web/style.css']
    assert 'written' not in PdfReader(io.BytesIO(content)).pages[0].extract_text()


def test_nothing_is_left_behind(monkeypatch, tmp_path):
    """ No profile, no open descriptor. """
    print_bills(1)
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    before = os.listdir('/proc/self/fd')
    print_bills(1)
    assert os.listdir('/proc/self/fd') == before
    assert not list(tmp_path.glob('chromium_*'))


def fake_browser(tmp_path, script):
    path = Path(tmp_path, 'browser')
    path.write_text(f'#!/bin/sh\n{script}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(('script', 'message'), [
    ('echo no usable sandbox >&2; exit 1', 'no usable sandbox'),
    ('sleep 60', 'no answer within 1 seconds'),
    ('exit 0', 'ended without a word'),
])
def test_a_browser_that_fails_is_reported(tmp_path, script, message):
    with pytest.raises(ChromiumError, match=message):
        print_pdf(
            fake_browser(tmp_path, script), [body(1, 1)], paper=PAPER,
            base_url='http://printed.example', fetch=refuse, timeout=1)


def test_a_configured_browser_is_the_only_one_taken(tmp_path):
    path = fake_browser(tmp_path, 'exit 0')
    assert find_chromium(path) == path
    assert find_chromium(str(tmp_path / 'missing')) is None
