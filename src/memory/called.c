#include "memory/called.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_FORM 64 /* bytes */

void called_init(struct called *c) { *c = (struct called){ .n = 0 }; }

void called_finish(struct called *c)
{
    for (size_t i = 0; i < c->n; i++)
        mem_free(c->list[i].text);
    mem_free(c->list);
    mem_free(c->texts);
    mem_free(c->people);
    called_init(c);
}

static int add(struct called *c, const char *text, size_t n, int64_t person, bool name)
{
    if (!n)
        return ANIMA_OK;
    struct called_form *list = mem_grow(c->list, c->n, &c->max, sizeof(*list));
    if (!list)
        return ANIMA_E_NOMEM;
    c->list = list;
    list[c->n] = (struct called_form){ mem_strndup(text, n), person, name };
    return list[c->n].text ? (c->n++, ANIMA_OK) : ANIMA_E_NOMEM;
}

/* ---- in Latin letters ---- */

/* Names that stand for each other, with commas between them: the long one first. What is a word of its own ("bill", "will", "rob", "sue", "nan",
 * "pen", "tabby") is not here: it would be taken for somebody wherever it stands. */
static const char *const english[] = {
    "alexander,alex,sasha",
    "alexandra,alex,sandra,lexi,sasha",
    "alfred,alf,alfie,fred",
    "amanda,mandy",
    "andrea,andie",
    "andrew,andy",
    "anthony,tony",
    "antonia,toni",
    "barbara,babs",
    "benjamin,ben,benny,benji",
    "catherine,cathy,cath,kate,katie",
    "charles,charlie",
    "charlotte,charlie,lottie",
    "christina,chris,chrissie,tina",
    "christine,chris,chrissie",
    "christopher,chris",
    "daniel,dan,danny",
    "danielle,dani",
    "david,dave,davey",
    "deborah,deb,debbie,debs",
    "dominic,dom",
    "dorothy,dottie,dolly",
    "edward,eddie,ed,ted,ned",
    "eleanor,ellie,nell,nellie,nora",
    "elizabeth,liz,lizzie,lizzy,beth,betty,eliza,libby,bess",
    "emily,emmy",
    "florence,flo,flossie",
    "frances,fran,frannie",
    "francis,frankie",
    "frederick,fred,freddie",
    "gabriel,gabe",
    "gabrielle,gabby",
    "geoffrey,geoff",
    "gerald,gerry",
    "gregory,greg",
    "harold,harry,hal",
    "harriet,hattie",
    "henry,harry,hank",
    "isabella,bella,izzy,isa",
    "isabelle,izzy,belle",
    "jacob,jake",
    "jacqueline,jackie",
    "james,jim,jimmy,jamie",
    "jeffrey,jeff",
    "jennifer,jen,jenny,jenna",
    "jeremy,jem",
    "jessica,jess,jessie",
    "joanna,jo,joanne",
    "john,johnny",
    "jonathan,jon,jonny",
    "joseph,joe,joey",
    "josephine,josie,jo",
    "joshua,josh",
    "judith,judy",
    "julia,jules",
    "katherine,kate,katie,kathy,kat,kath",
    "kathleen,kathy,kath",
    "kenneth,ken,kenny",
    "kimberly,kim",
    "lawrence,larry,laurie",
    "leonard,len,lenny,leo",
    "lillian,lil,lily",
    "louisa,lou",
    "louise,lou,lulu",
    "madeleine,maddie,maddy",
    "madison,maddie,maddy",
    "margaret,maggie,meg,peggy,greta,madge,marge",
    "martha,marty,mattie",
    "martin,marty",
    "matilda,tilly,tilda",
    "matthew,matt",
    "megan,meg",
    "melanie,mel,mellie",
    "melissa,mel,lissa",
    "michael,mike,mikey,mick",
    "mildred,millie",
    "natalie,nat",
    "natasha,tasha,nat",
    "nathaniel,nate,nat",
    "nathan,nate,nat",
    "nicholas,nicky,nico",
    "nicola,nicky,nikki",
    "nicole,nicky,nikki",
    "oliver,ollie",
    "olivia,liv,livvy",
    "pamela,pam",
    "patricia,tricia",
    "peter,pete",
    "philip,phil",
    "phillip,phil",
    "rachel,rach",
    "raymond,raymie",
    "rebecca,becky,becca",
    "reginald,reggie",
    "richard,rick,ricky,richie",
    "robert,bob,bobby,robbie,bert",
    "roberta,bobbie",
    "ronald,ron,ronnie",
    "rosemary,rosie",
    "russell,russ",
    "samantha,sam,sammy",
    "samuel,sam,sammy",
    "sarah,sally,sadie",
    "sebastian,seb,bas",
    "sophia,sophie",
    "stephanie,steph",
    "stephen,steve,stevie",
    "steven,steve,stevie",
    "stuart,stu",
    "susan,susie,suzy",
    "susanna,susie,suzy",
    "teresa,terry,tess,tessa",
    "theodore,theo,ted",
    "theresa,terry,tess,tessa",
    "thomas,tom,tommy",
    "timothy,tim,timmy",
    "valerie,val",
    "victoria,vicky,tori",
    "vincent,vince,vinnie",
    "virginia,ginny",
    "vivian,viv",
    "walter,walt,wally",
    "wilhelmina,mina,minnie",
    "william,willie,billy",
    "winifred,winnie",
    "zachary,zach,zack",
};

/* Letters of one byte or two: Latin with its accents, Greek, Cyrillic. */
static bool is_lettered(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name >= 0xE0)
            return false;
    return true;
}

/* First words of names that are words of their own, or titles: by themselves they mean nobody. */
static bool is_word(const char *name, size_t n)
{
    static const char *const words[] = {
        "a",     "an",   "the",    "my",     "our",     "old",     "little",  "big",       "young",  "mr",
        "mrs",   "ms",   "miss",   "dr",     "sir",     "lady",    "prof",    "professor", "doctor", "captain",
        "saint", "st",   "uncle",  "aunt",   "auntie",  "cousin",  "brother", "sister",    "father", "mother",
        "mum",   "mom",  "dad",    "granny", "grandma", "grandpa", "can",     "will",      "may",    "mark",
        "bill",  "rob",  "sue",    "pat",    "art",     "grace",   "hope",    "faith",     "joy",    "rose",
        "april", "june", "august", "i",      "you",     "he",      "she",     "it",        "we",     "they",
    };
    n -= n && name[n - 1] == '.';
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strlen(words[i]) == n && strncasecmp(words[i], name, n) == 0)
            return true;
    return false;
}

/* The others of a list that has the name. */
static int add_equals(struct called *c, const char *list, const char *name, size_t n, int64_t person)
{
    bool has = false;
    for (const char *at = list; at && !has; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        has = strcspn(at, ",") == n && strncasecmp(at, name, n) == 0;
    int rc = ANIMA_OK;
    for (const char *at = list; has && !rc && at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strcspn(at, ",") != n || strncasecmp(at, name, n) != 0)
            rc = add(c, at, strcspn(at, ","), person, false);
    return rc;
}

static int add_english(struct called *c, const char *name, int64_t person)
{
    size_t n = strcspn(name, " ");
    bool first = name[n] && n > 1 && !is_word(name, n); /* of several */
    int rc = first ? add(c, name, n, person, false) : ANIMA_OK;
    for (size_t i = 0; i < sizeof(english) / sizeof(*english) && !rc; i++)
        rc = add_equals(c, english[i], name, n, person);
    return rc;
}

/* ---- in Chinese ---- */

#define MAX_HAN 4 /* characters of a name */

static const char surnames[] =
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴"
    "夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞柳殷鲁";
static const char *const before[] = { "老", "小", "阿" };
static const char *const behind[] = { "老师", "医生", "师傅", "阿姨", "叔叔", "伯伯", "大哥", "大姐", "哥",
                                      "姐",   "叔",   "姨",   "总",   "工",   "伯",   "爷爷", "奶奶" };
#define N_BEFORE (sizeof(before) / sizeof(*before))
#define N_BEHIND (sizeof(behind) / sizeof(*behind))
#define HAN 3 /* bytes of each of these */

static bool is_surname(const char *at)
{
    for (size_t i = 0; i + HAN < sizeof(surnames); i += HAN)
        if (memcmp(surnames + i, at, HAN) == 0)
            return true;
    return false;
}

/* Where the surname stands in a name of Han characters; NULL: it has none that is known. *given: what is behind it, if that is a name. */
static const char *find_surname(const char *name, size_t n, const char **given)
{
    *given = NULL;
    for (size_t i = 0; i < N_BEFORE; i++)
        if (n == 2 * HAN && memcmp(name, before[i], HAN) == 0)
            return is_surname(name + HAN) ? name + HAN : NULL;
    for (size_t i = 0; i < N_BEHIND; i++)
        if (strcmp(name + HAN, behind[i]) == 0)
            return is_surname(name) ? name : NULL;
    if ((n != 2 * HAN && n != 3 * HAN) || !is_surname(name))
        return NULL;
    *given = n == 3 * HAN ? name + HAN : NULL;
    return name;
}

static int add_chinese(struct called *c, const char *name, size_t n, int64_t person)
{
    const char *given, *surname = find_surname(name, n, &given);
    int rc = given ? add(c, given, strlen(given), person, false) : ANIMA_OK;
    char form[MAX_FORM];
    for (size_t i = 0; i < N_BEFORE && surname && !rc; i++) {
        int len = snprintf(form, sizeof(form), "%s%.*s", before[i], HAN, surname);
        rc = add(c, form, (size_t)len, person, false);
    }
    for (size_t i = 0; i < N_BEHIND && surname && !rc; i++) {
        int len = snprintf(form, sizeof(form), "%.*s%s", HAN, surname, behind[i]);
        rc = add(c, form, (size_t)len, person, false);
    }
    return rc;
}

static bool is_han(const char *name, size_t n)
{
    for (size_t i = 0, len; i < n; i += len)
        if (!utf8_is_han(utf8_decode(name + i, n - i, &len)) || len != HAN)
            return false;
    return n >= 2 * HAN && n <= MAX_HAN * HAN;
}

/* ---- all of them ---- */

int called_add_plain(struct called *c, const char *word, int64_t person)
{
    return add(c, word, strlen(word), person, true);
}

int called_add(struct called *c, const char *name, int64_t person)
{
    size_t n = name ? strlen(name) : 0;
    int rc = n ? add(c, name, n, person, true) : ANIMA_OK;
    if (!rc && n && is_lettered(name))
        return add_english(c, name, person);
    return !rc && n && utf8_valid(name, n) && is_han(name, n) ? add_chinese(c, name, n, person) : rc;
}

/* By their texts; of one text names first, then by people. */
static int by_text(const void *a, const void *b)
{
    const struct called_form *x = a, *y = b;
    int order = strcasecmp(x->text, y->text);
    if (order)
        return order;
    return x->name != y->name ? y->name - x->name : x->person < y->person ? -1 : x->person > y->person;
}

static int names_first(const void *a, const void *b)
{
    const struct called_form *x = a, *y = b;
    return x->name != y->name ? y->name - x->name : by_text(a, b);
}

/* Of the forms of one text, n of them in by_text's order, those that stay: names, each of another person; else the form, if it means one person
 * only. Returns how many; they come first. */
static size_t settle_one(struct called_form *forms, size_t n)
{
    size_t kept = 1;
    bool one = true;
    for (size_t i = 1; i < n; i++) {
        bool same = forms[i].person == forms[kept - 1].person;
        one = one && same;
        if (!forms[i].name || same)
            continue;
        struct called_form swapped = forms[kept];
        forms[kept++] = forms[i];
        forms[i] = swapped;
    }
    return forms[0].name ? kept : one;
}

int called_settle(struct called *c)
{
    size_t kept = 0;
    if (c->n)
        qsort(c->list, c->n, sizeof(*c->list), by_text);
    for (size_t i = 0, n; i < c->n; i += n) {
        for (n = 1; i + n < c->n && strcasecmp(c->list[i].text, c->list[i + n].text) == 0;)
            n++;
        size_t stay = settle_one(c->list + i, n);
        for (size_t k = stay; k < n; k++)
            mem_free(c->list[i + k].text);
        memmove(c->list + kept, c->list + i, stay * sizeof(*c->list));
        kept += stay;
    }
    c->n = kept;
    if (kept)
        qsort(c->list, kept, sizeof(*c->list), names_first);
    c->texts = mem_alloc((kept + 1) * sizeof(*c->texts));
    c->people = mem_alloc((kept + 1) * sizeof(*c->people));
    for (size_t i = 0; i < kept && c->texts && c->people; i++) {
        c->texts[i] = c->list[i].text;
        c->people[i] = c->list[i].person;
    }
    return c->texts && c->people ? ANIMA_OK : ANIMA_E_NOMEM;
}
