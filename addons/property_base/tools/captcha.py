""" A picture of a few characters that a person reads and a simple program does not. """
import io

from PIL import Image, ImageDraw, ImageFont

# Without what looks alike: 0 O, 1 I, 2 Z, 5 S, 8 B.
CHARACTERS = 'ACDEFGHJKLMNPQRTUVWXY34679'
LENGTH = 4
WIDTH, HEIGHT = 140, 48
_CELL = WIDTH // LENGTH


def choose(random):
    """ The characters of a new picture. """
    return ''.join(random.choice(CHARACTERS) for _place in range(LENGTH))


def draw(text, random):
    """ The picture as PNG: each character turned and moved, lines across.

    :param random: an instance of `random.Random`
    :rtype: bytes
    """
    picture = Image.new('RGB', (WIDTH, HEIGHT), 'white')
    font = ImageFont.load_default(size=32)
    for place, character in enumerate(text):
        layer = Image.new('L', (_CELL, HEIGHT), 0)
        ImageDraw.Draw(layer).text((6, 4), character, font=font, fill=255)
        layer = layer.rotate(random.uniform(-28, 28), resample=Image.Resampling.BICUBIC)
        ink = tuple(random.randrange(120) for _channel in range(3))
        picture.paste(ink, (place * _CELL, random.randint(-4, 4)), layer)
    pen = ImageDraw.Draw(picture)
    for _line in range(5):
        ends = [(side, random.randrange(HEIGHT)) for side in (0, WIDTH)]
        pen.line(ends, fill=tuple(random.randrange(90, 200) for _channel in range(3)), width=2)
    stream = io.BytesIO()
    picture.save(stream, 'PNG')
    return stream.getvalue()
