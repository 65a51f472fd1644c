"""Everything that the rendered world can show, with its names in English and Chinese."""

from typing import NamedTuple


class Name(NamedTuple):
    """One thing's name in both languages."""

    en: str
    zh: str


SPECIES = {
    "cat": Name("cat", "猫"),
    "dog": Name("dog", "狗"),
    "bear": Name("bear", "熊"),
    "rabbit": Name("rabbit", "兔子"),
    "panda": Name("panda", "熊猫"),
    "frog": Name("frog", "青蛙"),
}

OBJECTS = {
    "ball": Name("ball", "球"),
    "apple": Name("apple", "苹果"),
    "fish": Name("fish", "鱼"),
    "cake": Name("cake", "蛋糕"),
    "gift": Name("gift", "礼物"),
    "book": Name("book", "书"),
    "flower": Name("flower", "花"),
    "cup": Name("cup", "杯子"),
}

PLACES = {
    "room": Name("in a room", "房间里"),
    "beach": Name("on a beach", "海滩上"),
    "forest": Name("in a forest", "森林里"),
    "city": Name("in a city", "城市里"),
    "snow": Name("in the snow", "雪地里"),
}

MOODS = {
    "happy": Name("happy", "开心"),
    "sad": Name("sad", "难过"),
    "angry": Name("angry", "生气"),
    "surprised": Name("surprised", "惊讶"),
    "calm": Name("calm", "平静"),
}

# What the character does by itself; each is to be seen in a single frame.
BODY_ACTIONS = {
    "stands": Name("stands still", "站着"),
    "sleeps": Name("sleeps", "睡觉"),
    "jumps": Name("jumps", "跳起来"),
    "waves": Name("waves", "挥手"),
    "cries": Name("cries", "大哭"),
    "dances": Name("dances", "跳舞"),
    "falls": Name("falls over", "摔倒"),
}

# What it does with the object.
OBJECT_ACTIONS = {
    "holds": Name("holds it", "拿着它"),
    "throws": Name("throws it", "扔出去"),
    "drops": Name("drops it", "掉在地上"),
    "eats": Name("eats it", "吃掉它"),
    "kicks": Name("kicks it", "踢飞它"),
    "balances": Name("balances it", "顶在头上"),
}

ACTIONS = BODY_ACTIONS | OBJECT_ACTIONS

TOPICS = {
    "agree": Name("agreeing", "同意"),
    "refuse": Name("refusing", "拒绝"),
    "joy": Name("joy", "快乐"),
    "sorrow": Name("sorrow", "悲伤"),
    "anger": Name("anger", "愤怒"),
    "sleep": Name("sleep", "困倦"),
    "food": Name("food", "食物"),
    "fear": Name("fear", "害怕"),
    "love": Name("love", "爱情"),
    "work": Name("work", "工作"),
}

# The closed vocabulary of captions: topic -> captions, per language.
CAPTIONS = {
    "en": {
        "agree": "OK|YES|SURE|DEAL|FINE|I AGREE|ME TOO|GOT IT|TRUE|OF COURSE|WHY NOT",
        "refuse": "NO|NOPE|NEVER|NO WAY|STOP IT|GO AWAY|NOT ME|PASS|LEAVE ME|DENIED|REJECTED",
        "joy": "YAY|HAHA|SO HAPPY|GREAT|WE WON|BEST DAY|LOL|GOOD NEWS|PARTY|LUCKY ME|SO NICE",
        "sorrow": "SO SAD|CRYING|BAD DAY|I LOST|ALONE|OH WELL|POOR ME|MY HEART|TEARS|GOODBYE|SOB",
        "anger": "GRRR|SO MAD|SHUT UP|HOW DARE|RAGE|ENOUGH|GET OUT"
        "|NOT COOL|HATE IT|WATCH IT|FURIOUS",
        "sleep": "SLEEPY|SO TIRED|GOOD NIGHT|NAP TIME|ZZZ|BED NOW"
        "|TOO EARLY|DREAM|YAWN|LAZY DAY|SNORE",
        "food": "HUNGRY|FOOD|YUMMY|LUNCH|PIZZA|FEED ME|SNACKS|MORE CAKE|DINNER|TASTY|SO FULL",
        "fear": "HELP|RUN|SCARY|GHOST|OH NO|DANGER|HIDE|MOMMY|SPIDER|TOO DARK|PANIC",
        "love": "LOVE|HUG ME|KISS|BE MINE|MY DEAR|SWEETIE|CUTE|CRUSH|MARRY ME|DARLING|XOXO",
        "work": "MONDAY|WORK|BOSS|OVERTIME|MEETING|DEADLINE|MY CODE|BUG FIX|PAYDAY|NO MONEY|OFFICE",
    },
    "zh": {
        "agree": "好的|没问题|同意|行吧|可以|收到|安排|说得对|我也是|听你的|成交",
        "refuse": "不行|我拒绝|不要|没门|想得美|别烦我|不可能|算了吧|免谈|走开|别找我",
        "joy": "太棒了|开心|哈哈哈|好耶|美滋滋|真高兴|笑死我|爽翻了|好运来|赢麻了|乐开花",
        "sorrow": "我哭了|好难过|心碎|太惨了|呜呜呜|想静静|扎心了|没人爱|委屈|泪目|别走",
        "anger": "气死我|生气了|滚开|你完了|找打|太过分|忍不了|火大|闭嘴|岂有此理|讨厌",
        "sleep": "困了|好累|想睡觉|晚安|不想动|没电了|躺平|起不来|熬夜中|累趴了|打哈欠",
        "food": "饿了|开饭|真香|好吃|吃瓜|喝奶茶|干饭|再来一碗|流口水|夜宵|馋了",
        "fear": "救命|好怕|吓死我|有鬼|快跑|别过来|慌了|发抖|不敢看|完蛋了|好可怕",
        "love": "爱你|抱抱|想你|亲一个|喜欢你|嫁给我|心动了|宝贝|牵手|我的最爱|么么哒",
        "work": "上班|加班|搬砖|开会|写代码|没钱了|发工资|改需求|老板好|下班|打工人",
    },
}

TOPIC_OF = {
    lang: {text: topic for topic, texts in topics.items() for text in texts.split("|")}
    for lang, topics in CAPTIONS.items()
}

# Letter strings and character strings that are no words: they can be read, but not guessed.
NON_WORDS = {
    "en": "FLIMP|GRONK|BLAFT|SKEEM|DRUSP|PLOIK|TRUND|VOSKY|ZIMBO|QUARF|JELTU|HOFRI",
    "zh": "的山巴|口天八|日水不|三手火|土木大|石田云|刀口几|马寸牛|白文王|衣禾耳|心巾弓|羽户片",
}


def captions(language: str) -> list[str]:
    """The closed caption vocabulary of one language ('en' or 'zh'), in a fixed order."""
    return list(TOPIC_OF[language])


def non_words(language: str) -> list[str]:
    """Captions that are no words, in a fixed order."""
    return NON_WORDS[language].split("|")
