"""Names made by chance from parts: none is meant to be anybody's. They try what software gets wrong: rare characters, characters
outside the Basic Multilingual Plane, compound surnames, and long names with a dot.
"""

from __future__ import annotations

from random import Random

# Roughly by how common they are; the first of these lines is drawn most often.
_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗",
    "郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹",
    "段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申耿关兰焦俞左柳甘祝包宁尚符",
    "逄亓仝乜昝缑晁郄阚谌仉佴甯粟冼蔺佘麦禤訾",
)
_WEIGHTS = (50, 34, 14, 2)
_COMPOUND = ("欧阳", "上官", "皇甫", "诸葛", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯", "东方", "澹台", "濮阳", "赫连")
_HERS = "婷雪颖慧琳萱怡欣佳玥琪雯静萍蕊莹洁悦岚薇茜芸蓉婕妍彤菲媛晗宁"
_HIS = "浩宇轩杰涛博文俊豪鑫磊强鹏凯毅航峰旭阳晨哲铭睿泽恒鸿楷昊辰帆"
_EITHER = "子雨思嘉梓一可乐天明春秋瑞安平晓清云书言知立新远景永世家国中和正成"
_RARE = "喆犇骉龘堃淼垚赟翀璟瑀曌昉翯頔彧祎燊炜昶煜晔晟珩琮玘翾翊"
_BEYOND_GBK = "䶮㛃㸆𬭎𫖯𬱖𣲗𬀩𬸪𬍡"
_HER_GIVEN = (
    "阿依努尔", "古丽扎尔", "热依罕古丽", "帕提古丽", "吉克阿果", "阿支么", "诺日布措", "其其格玛", "央金措姆", "阿茹娜",
    "玛依拉古丽",
)  # fmt: skip
_HIS_GIVEN = (
    "艾合买提江", "吐尔逊", "阿卜杜热合曼", "买买提依明", "木乃约布", "俄木拉且", "丹增诺布", "格桑多吉", "巴特尔苏和",
    "乌力吉那", "伊力哈木江",
)  # fmt: skip
_FATHERS = (
    "买买提", "吐尔洪", "阿卜力孜", "喀迪尔江", "依布拉音", "阿卜杜克里木", "玉素甫江", "沙木沙克", "艾尼瓦尔江", "阿卜杜吾普尔江",
)  # fmt: skip


def name(random: Random, female: bool) -> str:
    """A name of 2 to 15 characters."""
    kind = random.random()
    if kind < 0.025:
        return f"{random.choice(_HER_GIVEN if female else _HIS_GIVEN)}·{random.choice(_FATHERS)}"
    surname = random.choice(_COMPOUND) if kind < 0.04 else random.choice(random.choices(_SURNAMES, _WEIGHTS)[0])
    return surname + _given(random, female)


def _given(random: Random, female: bool) -> str:
    usual = _HERS if female else _HIS
    kind = random.random()
    if kind < 0.01:
        return random.choice(_EITHER) + random.choice(_BEYOND_GBK)
    if kind < 0.06:
        return random.choice(("", random.choice(_EITHER))) + random.choice(_RARE)
    if kind < 0.10:
        return random.choice(_RARE)
    return random.choice(_EITHER + usual) + random.choice(usual)
