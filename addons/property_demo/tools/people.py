""" Invented people, firms and plates: values only, always the same for the same seed and key.

None of them exists: mobile numbers are in 154, which no operator was ever given; identity numbers
have the region 99 and a wrong check digit; plates contain the letter I, which is not issued; the
city of the firms is on no map.
"""
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from odoo.addons.property_base.tools.identity import CHECK_DIGITS, get_check_digit

CITY = '安澜市'

_SURNAMES = (
    *'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎',
    '欧阳', '司马', '上官',
)
_GIVEN_MALE = '伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆志建国文海林东晨博瑞泽宏成'
_GIVEN_FEMALE = '芳娜敏静丽艳娟霞秀兰婷玲雪梅琳慧莹倩洁颖萍红燕雅晶欣怡佳蓉薇梦瑶思雨涵晓月'
_FIRM_NAMES = '恒远嘉禾瑞丰博雅卓越天成和信明德启航润泽新锐百川汇通景行致诚'
_FIRM_TRADES = (
    '贸易', '科技', '文化传媒', '餐饮管理', '商务咨询', '建筑设计', '医疗器械', '信息技术',
)
_BRANDS = ('比亚迪', '大众', '丰田', '本田', '吉利', '长安', '奇瑞', '哈弗', '别克', '日产')
_COLOURS = ('白色', '黑色', '灰色', '银色', '蓝色', '红色')
# Coprime with 10 ** 8, so that different numbers stay different.
_PHONE_STEP = 38_195_723


@dataclass(frozen=True, slots=True)
class Person:
    """ A resident, or a firm (`is_company`) without sex, birth and identity number. """
    name: str
    phone: str
    is_company: bool = False
    sex: str | None = None
    birth: date | None = None
    identity: str | None = None
    surname: str | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    plate: str
    brand: str
    colour: str


def get_rng(seed, *key):
    """ The generator of one thing: it does not depend on how many others there are. """
    return Random('/'.join(map(str, (seed, *key))))


def get_phone(number):
    return f'154{number * _PHONE_STEP % 10 ** 8:08d}'


def get_identity(birth, rng):
    """ An identity number of the right form that belongs to no one. """
    body = f'990{rng.randrange(100, 1000)}{birth:%Y%m%d}{rng.randrange(1000):03d}'
    right = CHECK_DIGITS.index(get_check_digit(body))
    return body + CHECK_DIGITS[(right + 1) % 11]


def get_person(seed, number, *, relative=None):
    """ The person with a number; a relative has the same surname. """
    rng = get_rng(seed, 'person', number)
    sex = rng.choice(('male', 'female'))
    given = _GIVEN_MALE if sex == 'male' else _GIVEN_FEMALE
    surname = rng.choice(_SURNAMES)
    if relative:
        surname = relative.surname
    birth = date(1950, 1, 1) + timedelta(days=rng.randrange(50 * 365))
    return Person(
        name=surname + ''.join(rng.sample(given, rng.choice((1, 2, 2)))),
        phone=get_phone(number),
        sex=sex,
        birth=birth,
        identity=get_identity(birth, rng),
        surname=surname,
    )


def get_firm(seed, number):
    """ The firm with a number. """
    rng = get_rng(seed, 'firm', number)
    pair = rng.randrange(0, len(_FIRM_NAMES), 2)
    other = rng.choice(_FIRM_NAMES)
    return Person(
        name=f'{CITY}{_FIRM_NAMES[pair:pair + 2]}{other}{rng.choice(_FIRM_TRADES)}有限公司',
        phone=get_phone(number),
        is_company=True,
    )


def get_vehicle(seed, number):
    """ The vehicle with a number below 100,000; no two have the same plate. """
    rng = get_rng(seed, 'vehicle', number)
    return Vehicle(
        plate=f'苏{"ABCDEFGHJK"[number // 10_000]}·I{number % 10_000:04d}',
        brand=rng.choice(_BRANDS),
        colour=rng.choice(_COLOURS),
    )
