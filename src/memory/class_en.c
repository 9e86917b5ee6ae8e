/* What English has for silence and for its end (class_en_world.c: for speaking about the world). A line holds one kind of wording, so that a new
 * one is a new line. Not written down here is what only tone tells. */
#include "memory/class_private.h"

/* Whom one must not tell: anybody but the two who talk, and not what "tell" may also take. */
#define NOT_US                                                                                                         \
    "(?!me\\b|you\\b|us\\b|yourself\\b|if\\b|whether\\b|lies\\b|a lie\\b|jokes?\\b|stories\\b|time\\b|the time\\b)"
#define NEVER                                                                                                          \
    "\\b(?:don't|dont|do not|never|mustn't|must not|must never|shouldn't|should not|should never|can't|cannot|can "    \
    "not|"                                                                                                             \
    "not to|to not|won't|will not|will never|wouldn't|not gonna|not going to|better not|rather not|let's not|not "     \
    "allowed to|wouldn't want to|"                                                                                     \
    "rather you didn't|rather you not|needn't) "                                                                       \
    "(?:you dare |you ever |ever |even |please |go |go and |just |you |yet |want to |start |be )*"
#define US                                                                                                             \
    "(?:you and me|you and i|us|us two|us girls|us boys|ourselves|the two of us|the both of us|these (?:four "         \
    ")?walls)\\b"

/* Somebody else as the subject of a sentence. */
#define THEY                                                                                                           \
    "\\b(?:he|she|they|nobody|no one|no-one|everyone|everybody|people|others|(?:the|my|his|her|their|our) "            \
    "(?!only\\b|own\\b)(?:\\w+ )?\\w+|"                                                                                \
    "none of (?:them|us|my \\w+|the "                                                                                  \
    "\\w+)|(?-i:(?!(?:You|We|It|There|This|That|What|Who|When|Why|How|And|But|So|If|Now|Then|The|Do|Don|Did|Have|Is|"  \
    "Are|Was|Can|Will|Would|Should|Could|Please|Just|Maybe|Well|Oh|Yes|No|Still|Also|Really|Let|Not|In|At|On)\\b)[A-"  \
    "Z][a-z]+))"
#define NOT_YET                                                                                                        \
    "(?:don't|doesn't|didn't|not|never|won't|can't|cannot|couldn't|mustn't|shouldn't|hasn't|haven't|hadn't|isn't|"     \
    "aren't|"                                                                                                          \
    "wasn't|wouldn't|needn't)"
#define THIS                                                                                                           \
    "(?:this|it|that|any of (?:this|it|that)|the (?:news|story|truth|rumou?r|thing|matter)|word|news|stuff like this)"
#define SPREADS                                                                                                        \
    "(?:get|gets|getting|go|goes|going|come|comes|coming|be|become|becomes|spread|spreads|spreading|leak|leaks|"       \
    "leaking|travel|reach|reaches)"
#define OUT                                                                                                            \
    "(?:around|round|about|out|public|beyond|any further|further|known|common knowledge|back to|the rounds|viral|the " \
    "papers?|the ears|light)"

static const char *const idiom[] = {
    "\\b(?:can|could)(?:n't| not) you tell\\b(?! (?:him|her|them|any))",
    "\\b(?:don't|do not) mention it\\b(?! to\\b| in front| around| when| at)",
    "\\b(?:i|you|we|they|he|she|one|who|it) (?:can't|cannot|couldn't|could not|can never|could never|can hardly) "
    "(?:really |quite |always |even |yet |exactly |honestly )*tell "
    "(?:if|whether|what|how|why|where|which|who|when|that|it's|he's|she's|the (?:difference|time|two|twins)|(?:\\w+ "
    "){1,3}apart|apart|from|by|yet|any ?more|much|either|one|for sure)\\b",
    "\\b(?:i|we|they|he|she|one) (?:can't|cannot|couldn't|can never) (?:really |quite |even |yet )?tell(?=[.,;!?]|$)",
    "\\b(?:i|we|they|you) (?:don't|never|can't|won't|would never|shouldn't) (?:like to )?tell "
    "(?:people|others|anyone|anybody|everyone|my kids|customers|kids|children) (?:how|what|where|when|whom) "
    "(?:to|they)\\b",
    "\\bthey (?:don't|never|won't) tell (?:people|customers|you|tourists|anyone)\\b",
    "\\b(?:no|hardly a|not a|not really a|isn't a|isn't really a|wasn't a|never a|not exactly a|hardly any) (?:big "
    "|great )?secret\\b",
    "\\bopen secrets?\\b|\\bbest[- ]kept secrets?\\b|\\bvictoria's secret\\b|\\bsecret santa\\b",
    "\\bsecret "
    "(?:handshake|ingredient|recipe|agent|service|services|garden|police|weapon|sauce|menu|passage|passages|ballot|"
    "society|societies|admirer|level|levels|door|doors|tunnel|tunnels|code|codes|history|santa|army|room|rooms|beach|"
    "key|keys|life of)s?\\b",
    "\\b(?:the|a|real|big|whole|little|one|my|her|his|grandma's|their) secrets? (?:to|of|behind|for) (?!my |our |his "
    "|her |me)",
    "\\bthe (?:real |whole )?secret(?: is|'s|:) (?:to|in|a |an "
    "|not|lots|plenty|cold|hot|slow|good|fresh|time|patience)",
    "\\b(?:my|her|his) secret (?:is|was) (?:to|a "
    "(?:pinch|bit|little|spoon|dash|splash|drop|squeeze)|lots|plenty|vinegar|butter)\\b",
    "\\b(?:nobody|no one|no-one) (?:really |actually |quite |exactly |even )?knows? (?:for sure |for certain |exactly "
    ")?(?:how|what|why|where|when|whether|if|who|which)\\b(?![^.!?;]*\\b(?:i|i'm|i've|i'd|i'll|me|my|we|we're|our|us|"
    "he|she|him|her|his)\\b)",
    "\\b(?:nobody|no one|no-one) knows? (?:better|the answer|for sure|for certain|the (?:exact|real) "
    "(?:age|number|reason|date|origin))\\b",
    "\\b(?:difference|differences|distance|gap|wall|walls|table|thing|things|wrong|chemistry|problem|problems|anything|"
    "nothing|trouble|tension|peace|argument|fight|match|bond|trust|connection|ocean|space|contract|everything|okay|"
    "fine|good|better|going on|happened|over|sits|sat|stood|stands|seat|score) (?:that )?(?:was |is |are |were "
    ")?between (?:you and me|you and i|us|the two of us)\\b",
    "\\b(?:split|share|divide|divided|shared|decide) (?:it |that |the \\w+ )?between (?:us|you and me|the two of "
    "us)\\b",
    "\\bkeep (?:your|his|her|their|those|the) (?:\\w+ "
    ")?(?:hands?|opinions?|comments?|feet|jokes?|advice|germs|elbows|paws?) to\\b",
    "\\b(?:grow|grew|grown|growing|gain|gained|lacking|lack|rise|increase|drop|crisis|loss) in confidence\\b|\\bin "
    "confidence intervals?\\b",
    "\\b(?:lets?|letting) slip (?:away|through|by)\\b",
    "\\bi swear i\\b|\\bi swear (?:by|to god)\\b",
    "\\bdon't let (?:him|her|them|it|anyone|anybody|that|[a-z]+) (?:know(?:s)? best|get (?:you|to you)|see you "
    "(?:cry|sweat))\\b",
    "\\bin (?:the|that|this|my favou?rite) (?:new |last |first |second "
    ")?(?:film|movie|novel|book|series|show|episode|song|game|play|opera|story)\\b(?![^.!?;]*\\b(?:don't|please|i|i'm|"
    "i've|we|our|my)\\b)[^.!?;]*",
    "\\b(?:the|a) (?:film|movie|novel|series|show|book|song|play|game)(?:'s)? (?:is |was )?(?:about|called|where|in "
    "which)\\b(?![^.!?;]*\\b(?:don't|please|i|i'm|we|our|my)\\b)[^.!?;]*",
    "\\bnot to mention\\b(?! (?:it|this|that|any|to)\\b)",
    "\\bneedless to say\\b|\\bsay nothing of\\b|\\bnot to say\\b(?! "
    "(?:anything|a|it|this|that|so|who|where|what|nothing)\\b)|\\bto say nothing of\\b",
    "\\b(?:can't|couldn't|cannot|don't) keep quiet\\b(?! about)|\\bkeep quiet during\\b",
    "\\bhide(?:s)? (?:it |them |their \\w+ |the \\w+ |[a-z]+ )?from (?:predators|the sun|the rain|the light|the "
    "cold|view|the wind|the cat|the dog)\\b",
    "\\b(?:never|don't|not) (?:to )?repeat (?:yourself|myself|the same|a year|that mistake|the mistake|history)\\b",
    "\\b(?:password|secret) key\\b|\\bclient[- ]secret\\b|\\bsecret sharing\\b",
    "\\btell (?:that|this|it) to\\b(?= the (?:judge|hand|marines))",
    "\\b(?:only )?(?:god|heaven|time) (?:only )?(?:knows|will tell)\\b",
    NULL,
};

#define CLAUSE "(?:^|[,.;:!?-] ?|\\b(?:and|so|but|then|now|well|ok|okay|yes|sure|fine|alright|right) )"
#define START "(?:(?:^|[,.;:!?-] ?)(?:(?:and|so|go ahead|but|then|now|well|ok|okay|yes|sure|fine|alright|right),? )*)"
#define MAY                                                                                                            \
    "(?:by the way |of course |actually |i think |i guess |from now on )?(?:you (?:can|may|could|are allowed to|are "  \
    "free to|are "                                                                                                     \
    "welcome to)|you're (?:free|allowed|welcome) to|feel free to|go ahead and|it's (?:fine|ok|okay|all "               \
    "right|alright) "                                                                                                  \
    "(?:to|if you)|it is (?:fine|ok|okay) to|i don't mind (?:if you|you))(?: now| freely| finally| totally| also| "    \
    "just| safely| openly| happily)*"
#define ALL                                                                                                            \
    "(?:everyone|everybody|anyone|anybody|whoever|people|the others|all of them|the world|the whole \\w+|all the "     \
    "world|who you like|whom you like)\\b"

static const char *const condition[] = {
    "\\b(?:once|when|whenever|after|as soon as|unless|until|till|before|tomorrow|next "
    "(?:week|month|year|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|in (?:a|two|three|four|six) "
    "(?:weeks?|days?|months?)|not yet|but not)\\b",
    "\\bif\\b(?! you (?:like|want|wish)| (?:it|that) (?:helps|comes up)| you tell| you mention| you share)",
    "\\b(?:said|says|saying|claims?|told me|thinks|thought|asked|asks|wish|whether|wonder|suppose|pretend|imagine|as "
    "if|wrote|writes|according|don't think|doubt|not sure)\\b",
    "\\?",
    "\\b(?:except|excluding|apart from|other than|save for|bar|with the "
    "exception)\\b|\\b(?:everyone|everybody|anyone|anybody|all|people|others) "
    "but\\b|\\b(?:never|didn\'t|don\'t|not|nobody|no one) (?:ever "
    ")?(?:say|said|saying|told|mean|meant|agree|agreed|promise|promised)\\b",
    NULL,
};

static const char *const lift[] = {
    CLAUSE MAY " (?:tell|telling|share (?:it|this|that) with|mention (?:it|this|that) to|talk about (?:it|this|that) "
               "(?:to|with)|let) " ALL "(?! (?:is|are|was|were|looks?|apart|except|but)\\b)",
    CLAUSE MAY " (?:tell|telling|share (?:it|this|that) with|mention (?:it|this|that) to|talk about (?:it|this|that) "
               "(?:to|with)) (?!me\\b|from\\b|by\\b|that\\b|the "
               "difference|it\\b)(?:(?!(?:but|except|only|nobody|no|not|never|unless|nor)\\b)\\w+ ?){1,6}?(?: too| as "
               "well| now| about (?:it|this|that)| if you (?:like|want)| know|(?=[.,!;]| ?but\\b)|$)",
    CLAUSE MAY " (?:talk|speak) (?:about (?:it|this|that) )?(?:openly|freely)\\b|" CLAUSE MAY
               " talk about (?:it|this|that)(?: now| again)",
    "\\b(?:(?:it's|it is|that's|that is|this is|is) (?:no|not|no longer|not really)|isn't|it isn't|this isn't|that "
    "isn't) (?:a |any )?(?:secret|confidential|private)(?: thing)? ?(?:any ?more|any longer|now)\\b",
    "\\b(?:it's|it is|that's|that is|this is|is) no longer (?:a )?(?:secret|confidential|private|hush[- ]hush|under "
    "wraps)\\b",
    "\\b(?:you don't (?:have|need) to|you needn't|no need to|there's no need to|no reason to|you can stop) "
    "(?:keep|keeping|hide|hiding) (?:it|this|that|my secret)(?: a)?(?: secret| quiet| to yourself| from (?:\\w+ "
    "?){1,3}?)?(?: any ?more| any longer| now)",
    "\\bno need to keep (?:it|this|that) (?:a )?(?:secret|quiet|to yourself)\\b",
    START "(?:please |do |just )?(?:tell|let) (?!me\\b|us\\b)(?:my |the )?\\w+(?: (?:and|or) (?:my |the )?\\w+)?(?: "
          "know)? (?:too|as well|about (?:it|this|that)(?: too)?)\\b",
    CLAUSE "(?!nobody|no one|none|no-one|neither|not|only|i\\b|you\\b|we\\b|who\\b)(?:my |the )?\\w+(?: (?:and|or) "
           "(?:my |the )?\\w+)? (?:can|may|is allowed to|are allowed to|is welcome to) (?:all )?(?:know|hear "
           "(?:it|about it|this|about this)|be told)\\b",
    NULL,
};

static const char *const lift_all[] = {
    "\\b(?:everyone|everybody|anyone|anybody|whoever|people|the others|all of them|the world|whole|who you like|whom "
    "you like)\\b",
    "\\b(?:secret|confidential|private|hush[- ]hush|wraps|quiet|yourself|openly|freely|keep|keeping|hide|hiding)\\b(?! "
    "from)",
    "\\btalk about (?:it|this|that) (?:now|again)\\b",
    NULL,
};

static const char *const silence[] = {
    NEVER "(?:tell|telling)(?: |(?=[^\\x00-\\x7f]))" NOT_US "(?!\\W)",
    NEVER "(?:tell|telling)(?=[.,!?;:) ~-]*$|[,.;!?])",
    NEVER "(?:tell|telling|say|saying) (?:this|that|it|a thing|anything|a word|any of (?:this|that)|what i (?:\\w+ "
          "){1,4})(?:to|in front of|around|about) ",
    NEVER "(?:tell|telling) on (?:me|us|him|her)\\b",
    NEVER "(?:say|saying|breathe|breathing|utter|drop) (?:a|one|another|any) (?:single )?word\\b",
    NEVER "(?:say|saying|write|post|hint) (?:anything|something|so|it|that|this) (?:to|in front of|around|about|out "
          "loud|when|at|on|if) ?",
    NEVER "(?:mention|mentioning) (?:to )?(?!the word\\b|names)",
    NEVER "(?:bring|bringing) (?:it|this|that|him|her|the \\w+) up (?:with|in front of|around|to|at|when) ?",
    NEVER
    "(?:repeat|repeating|pass|passing|share|sharing|spread|spreading|leak|leaking|post|posting|forward|forwarding|"
    "publish|announce|reveal|disclose|divulge|discuss|show) (?:this|that|it|them|any of (?:this|that|it)|anything|what "
    "i (?:\\w+ ){1,4}|my \\w+|her \\w+|his \\w+|a word)\\b(?: on| around| to| with)?",
    NEVER "(?:repeat|share|spread|leak|discuss|reveal|betray|give "
          "away|spill|blab|gossip|squeal|snitch|rat)(?:[.,!?]|$| about| a thing| anything| to)",
    NEVER "let (?:it |this |that |anything )?(?:slip|get out|get around|leak|on|out)\\b",
    NEVER
    "let (?!me\\b|us\\b|you\\b)[\\w' ]{1,30}?(?:know|find out|find|see|hear|notice|get wind|in on|suspect|read)\\b",
    NEVER "(?:talk|speak|chat|gossip|speak a word) (?:to|with) (?!me\\b|us\\b|strangers)[\\w' ]{1,30}? about\\b",
    NEVER "(?:talk|speak|chat) about (?:this|that|it|any of (?:this|it)) (?:to|with|in front|outside|at|when|around)",
    NEVER "(?:go|come|make it|be made) public\\b|" NEVER
          "leave (?:this|these|the) (?:room|four walls|chat|conversation|table|house)\\b",
    NEVER "ever (?:leave|go beyond) ",
    "\\b(?:haven't|have not|hasn't|has not|hadn't|didn't|did not|never|couldn't|have never|not even|yet to|still have "
    "to|can't bring myself to|afraid to|scared to|too ashamed to|don't dare to?|dare not|not ready to) (?:yet |even "
    "|ever |actually |really )?(?:tell|told|told it to|confessed to|confess to|said anything to|mentioned it "
    "to|mentioned this to|come out to|informed) " NOT_US,
    "\\b(?:haven't|have not|hasn't|didn't|never) (?:yet |even |ever )?(?:shared|said|mentioned|told|spoken "
    "about|admitted|confessed|talked about) (?:this|that|it|any of this) (?:to|with|in front of|aloud|out "
    "loud|before|at)\\b",
    "\\btold (?:nobody|no one|no-one|only you|not a soul|just you|precisely one)\\b|\\bonly (?:ever )?told "
    "(?:you|my|him|her|\\w+)\\b|\\bonly telling you\\b|\\bonly tell(?:ing)? you\\b",
    "\\b(?:you're|you are) the (?:only|first) (?:one|person|soul|human)? "
    "?(?:i|who|that|to|in)\\b(?=[^.!?;]*\\b(?:tell|told|know|knows|hear|telling|confided|talked|trust)\\b)",
    "\\b(?:only|just) (?:the two of us|you and (?:me|i)|you|two people|\\w+ and i|\\w+ and me) "
    "(?:know|knows)\\b|\\bonly (?:\\w+ ){1,2}(?:can|may|should|is allowed to) know\\b",
    "\\bbut (?:nobody|no one|no-one) else\\b|\\b(?:nobody|no one|no-one) else(?:[.,!]|$)|\\band (?:nobody|no one) "
    "else\\b",
    "\\b(?:nobody|no one|no-one|none of (?:them|my \\w+|the \\w+)|not a soul|not even (?:\\w+ ?){1,3}?|hardly anyone) "
    "(?:else )?(?:\\w+ (?:\\w+ )?)?(?:knows?|knew|is (?:supposed|allowed|meant) to know|should know|must know|can "
    "know|may know|needs to know|has to know|will know|has heard|has been told|suspects?|can ever know|must ever "
    "know|(?:can|must|may|should|will|ever) (?:ever )?(?:finds? out|hears?|hear about it|see (?:this|it))|finds "
    "out|hears about|gets to know)\\b",
    "\\b(?!(?:i|you|we|one|who|it|still|really|just|also|honestly|simply|truly|people|scientists|experts|historians|"
    "science|dogs|cats|google|world|universe)\\b)[a-z']+ (?:still )?(?:doesn't|does not|didn't|don't|do "
    "not|hasn't|haven't|isn't|aren't) (?:yet |even |have a clue |have any idea |have the faintest |allowed to "
    "|supposed to |meant to |got a clue )?(?:know|heard|found out|suspect|noticed|aware|find "
    "out|learn|realise|realize)?(?:(?: a thing| anything)? (?:yet|about (?:it|this|that|us|me|the|my|our|his|her)|that "
    "(?:i|we|he|she|it)\\b|of (?:it|this|us)|i\\b|i'm|i've|i'd|we\\b|we're|we've|he's|she's|anything about|any of "
    "(?:this|it)|a thing|it\\b)|(?<=know)(?=[.,!;]|$))",
    "\\b(?:they|parents|kids|children|boys|girls|friends|colleagues|folks|others|family) (?:still )?don't know "
    "(?:yet|about|that i|i\\b|i'm|i've|we|it|a thing)",
    "\\b(?!(?:i|you|we|one|it)\\b)[a-z']+ (?:can't|cannot|can not|can never|mustn't|must not|must "
    "never|shouldn't|should not|should never|may not|may never|isn't to|is never to|(?:isn't|is not|aren't|wasn't|are "
    "not) (?:supposed|allowed|meant) to|better not|doesn't need to|don't need to|doesn't have to|needn't|won't|will "
    "never|never has to|has no right to) (?:ever |even )?(?:know|find out|found out|hear "
    "(?:about|of|this|it|any)|learn (?:about|of|this)|see (?:this|these|it|that)|read (?:this|it)|get wind|catch "
    "wind|be told|suspect)\\b(?! (?:how|what|the difference|better))",
    "\\bif (?!i\\b|you\\b|we\\b)[\\w' ]{1,20}? (?:finds?|found|ever finds?|ever found) out\\b|\\b(?:before|until|till) "
    "(?!i\\b|you\\b|we\\b)[\\w']+(?: \\w+)? (?:finds?|found) out\\b",
    "\\bdon't want (?!me\\b|you\\b|to\\b)[\\w' ]{1,30}? to (?:know|find out|hear|learn|see "
    "(?:this|it)|worry|suspect|get wind)\\b|\\bwouldn't want (?!me\\b|you\\b|to\\b)[\\w' ]{1,25}? to (?:know|find "
    "out|hear)\\b|\\bwant (?:no one|nobody) to (?:know|find out|hear)\\b|\\bdidn't want (?!me\\b|you\\b|to\\b)[\\w' "
    "]{1,25}? to (?:know|find out)\\b",
    "\\bwithout (?:even |ever )?(?:telling|letting) (?!me\\b|you\\b|us\\b)|\\bwithout "
    "(?:him|her|them|anyone|anybody|my \\w+|the \\w+|\\w+) (?:ever )?(?:knowing|finding out|noticing|hearing)\\b",
    "\\bbehind (?:his|her|their|my \\w+'s|\\w+'s|everyone's) backs?\\b",
    "\\b(?:keep|keeping|kept|leave|leaving) (?:it|this|that|these|them|all (?:of )?(?:this|that|it)|everything|what "
    "(?:i|he|she|we) (?:\\w+ ){1,5}|(?:the|my|her|his|our|their) (?:\\w+ ){1,3}|\\w+'s (?:\\w+ ){1,2}|things|matters)? "
    "?(?:strictly |just |all |very |really |completely )?(?:to (?:yourself|yourselves|ourselves|myself)|between " US
    "|a secret|secret|quiet|hidden|private|confidential|under (?:your hat|wraps)|on the (?:quiet|down ?low|dl|qt)|off "
    "the (?:record|group chat|books)|in the family|in this room|safe with you|hush[- ]hush)\\b",
    "\\b(?:keep|keeping|kept|hide|hiding|hid|hidden|conceal|concealing) "
    "(?:it|this|that|these|them|things|something|the truth|everything|(?:the|my|her|his|our) \\w+(?: \\w+)?|all of "
    "(?:it|this)|secrets)? ?(?:hidden |secret )?from (?!\\w+ing\\b|getting|me\\b)",
    "\\b(?:keep|keeping|stay|staying|be|remain) (?:quiet|silent|mum|schtum|shtum|discreet|tight-lipped) "
    "(?:about|on)\\b|\\bkeep (?:your|my|our) (?:mouth|mouths|lips|trap) (?:shut|sealed|closed)\\b|\\bkeep "
    "(?:mum|schtum)\\b|\\b(?:please |just )?be discreet\\b|\\bdiscretion\\b",
    "\\bkeep (?:a|my|his|her|our|the|this|that|their) (?:\\w+ )?secrets?\\b",
    "\\b(?:just|strictly|only|stays?|staying|remains?|is|it's|that's|this's|lies|purely|entirely|all) (?:just "
    "|strictly |only |purely )?between " US,
    "(?:^|[,.;:!?(-] ?)(?:and |but |so |well,? |okay,? |look,? |listen,? )?between " US
    "(?! (?:is|are|was|were|there|lies|stands|has|had|it's)\\b)",
    "\\bbetween you and me\\b",
    "\\bstays? (?:in here|right here|here|in this room|in the room|in the family|within these walls|with us)\\b(?! "
    "(?:for|until|tonight))|\\bgoes no further\\b|\\bgo no further\\b|\\bwon't go any further\\b|\\bdoesn't go any "
    "further\\b|\\bdoesn't leave (?:this|these|the)\\b|\\btake (?:it|this|that) to (?:the|your|my) grave\\b",
    "\\boff[- ]the[- ]record\\b|\\bnot for (?:publication|public|others|anyone else|other ears)\\b|\\bin "
    "(?:strict|strictest|complete|total|full|the strictest|absolute)? ?confidence\\b(?! "
    "in)|\\bconfidential(?:ly)?\\b|\\bconfide\\b|\\bconfided\\b|\\bhush[- ]hush\\b|\\bon the (?:down "
    "?low|dl|qt|quiet)\\b|\\btop[- ]secret\\b|\\b(?:eyes|ears) only\\b|\\bunder "
    "(?:embargo|nda|wraps)\\b|\\bembargoed\\b",
    "\\bsecret(?:s|ly)?\\b|\\bsecrecy\\b",
    "\\bmum's the word\\b|\\blips are sealed\\b|\\bzip (?:it|your lips)\\b|\\bnot a (?:single )?word\\b|\\bno word "
    "to\\b|\\bshh+\\b|\\bpsst\\b|\\bloose lips\\b|\\bcat out of the bag\\b|\\blet (?:it )?slip\\b",
    "\\b(?:shouldn't|should not|not supposed to|wasn't supposed to|not allowed to|not meant to|ought not to|really "
    "shouldn't) (?:really |even )?(?:be telling|have told|be saying|have said|tell you|say this|say that|be "
    "talking|say anything|talk about|tell anyone|know this|know that|know about)\\b",
    "\\byou (?:didn't|did not|never) (?:hear|get|read|see) (?:it|this|that|anything)? ?(?:from me|from "
    "us)\\b|\\bforget i (?:said|told|mentioned)\\b|\\bi never (?:said|told you) (?:this|that|anything|so)\\b|\\bnever "
    "had this (?:conversation|talk|chat)\\b|\\b(?:conversation|talk|chat) (?:never|didn't) (?:happened|happen|took "
    "place)\\b|\\bdon't quote me\\b|\\bnever happened\\b(?=.*\\b(?:ok|okay|right|agreed|deal)\\b)",
    "\\b(?:pretend|act|acting|pretending) (?:you|like you|as if you|that you) (?:don't|didn't|know "
    "nothing|never|haven't)|\\bact surprised\\b|\\bplay dumb\\b|\\blook surprised\\b|\\bcover for (?:me|him|her|us)\\b",
    "\\b(?:sworn|swear|swearing|swore) (?:him |her |me |them |us |you )?(?:to secrecy|not to|you won't|you'll "
    "never|never to|to keep|to silence|on your|on my)\\b|\\bvow of silence\\b",
    "\\bpromised? (?:me )?(?:(?:that )?you (?:won't|will not|will never|'ll never) "
    "(?:tell|say|mention|breathe|repeat|talk)|not to (?:tell|say|mention|breathe|repeat|talk)|to keep "
    "(?:it|this|quiet|my|her|his))\\b",
    "\\b(?:isn't|not|hasn't been|haven't|not been|won't be|yet to be) (?:yet )?(?:public|official|announced|out)(?: "
    "yet| knowledge)?(?=[^a-z]|$)(?<!not out)|\\bbefore (?:it's|it is|we) (?:official|announced?|go public|public)\\b",
    "\\bsurprise (?:birthday|party|proposal|baby shower|bridal shower|farewell|trip|gift|present|visit|for "
    "(?:him|her|them|my|the|\\w+'s))\\b|\\bspoil the surprise\\b|\\bruin the surprise\\b|\\bit's a surprise\\b",
    "\\b(?:refrain from|avoid|stop|quit|careful not to|instead of) "
    "(?:tell|telling|mention|mentioning|talking|sharing|posting|repeating|spreading) "
    "(?!me\\b|you\\b|us\\b|lies\\b|jokes\\b|stories\\b|to me\\b)",
    "\\b(?:stay|stays|remain|remains|be kept|is kept|kept|staying|be|keep) (?:strictly |just |completely |totally |all "
    ")?(?:private|secret|confidential|hidden|anonymous|in-house|internal|under the radar|low-key)\\b",
    "\\bthe (?:fewer|less) (?:people|folks|others|of them|who)? ?(?:that |who )?(?:know|knows|hear|heard)\\b",
    "\\b(?:if|in case|before|until|once|when|should) (?:word|this|it|that|the news|the truth|the story|anything) "
    "(?:ever )?(?:gets?|got|leaks?|leaked|comes?|came|goes|went) (?:out|around|round|back to|public|to light)\\b",
    "\\b(?:word|this|it|that|news|the news|the truth|none of (?:this|it)) "
    "(?:must|can|should|may|could|will|does|do)(?:n\'t| not| never|not) (?:ever )?(?:get (?:out|around|to)|leak|come "
    "out|leave|be known|go (?:beyond|any|public)|be repeated|be mentioned|be shared|be public)\\b",
    "\\b(?:i|i\'ve|i have)(?: been)? (?:lied|lying) to (?!you\\b|myself\\b)",
    "\\b(?!(?:i|you|we|i\'ve|you\'ve|we\'ve|they\'d|who|still|really|also|honestly|absolutely)\\b)[\\w\']+ (?:still "
    "|really |honestly )?(?:has|have|had|haven\'t got|hasn\'t got) (?:no|a|any|absolutely no|not the faintest|not a) "
    "(?:idea|clue|inkling)\\b(?! (?:for|how to|what to))|\\bin the dark\\b(?= about|[.,!;]|$)|\\bnone the "
    "wiser\\b|\\bunbeknownst\\b",
    "\\b(?:leave|keep) (?:my|her|his|our|the) names? out\\b|" NEVER
    "(?:use|name|identify|quote|drop|give|mention) (?:my name|me|her name|his name|names|any "
    "names)\\b|\\banonymous(?:ly)?\\b",
    "\\b(?:delete|burn|destroy|erase) (?:this|it|that|the (?:message|chat|letter|mail))\\b|\\bafter reading\\b|" NEVER
    "screenshot\\b",
    "\\b(?:this|it|that)(?:\'s| is) (?:just |only |strictly )?(?:for|about) (?:you|us|your (?:eyes|ears)|the two of "
    "us)(?: alone| only|,? (?:nobody|no one))|\\b(?:this|it|that|which)(?:\'s| is) (?:very |strictly |a bit |kind of "
    "|quite |really |still |extremely )?(?:private|sensitive|confidential|delicate|classified)\\b|\\bneed[- ]to[- "
    "]know\\b",
    NEVER "bring (?:it|this|that|him|her) up\\b|" NEVER
          "(?:give|blow) (?:it|this|me|my cover|the game) ?(?:away|up)?\\b|" NEVER
          "(?:ruin|spoil) (?:it|the surprise)|" NEVER
          "(?:put|write|enter|send|stick) (?:this|it|that|any of (?:this|it)|me|anything) (?:in|on|into|online|to)\\b",
    NEVER "say (?:that )?(?:i|it was me|it\'s me|you (?:heard|know|got|saw)|where|who|who it)\\b|" NEVER
          "let (?:[\\w\' ]{1,20})overhear\\b|" NEVER "make (?:this|it|that) (?:public|known)\\b",
    "\\b(?:hold|bite) your tongue\\b|\\bseal(?:ed)? (?:your|my) lips\\b|\\bno gossip(?:ing)?\\b|\\bnot for "
    "sharing\\b|\\bkeep (?:it|this|that) (?:down|low|in house|in-house|locked)\\b|\\bsssh+\\b",
    "\\b(?:nobody|no one|no-one|none of (?:them|my \\w+))(?: \\w+){0,3} (?:is to|are to|to|should|must|may|has to|have "
    "to|needs to|can)? ?(?:be told|ever learns?|learns?|guess(?:es|ed)?|has a clue|have a clue|has any idea|has "
    "noticed|noticed|figured|has been told|overhears?)\\b",
    "\\b(?:haven\'t|have not|never|didn\'t|hasn\'t) (?:yet |ever |even )?(?:spoken|talked|spoke|talk|speak|written) "
    "(?:to|with) (?!you\\b|me\\b|us\\b)[\\w\' ]{1,24} about\\b|\\bfirst time (?:that )?i(?:\'m|\'ve| have| am)? "
    "(?:ever )?(?:tell|telling|told|say|saying|said|talk|talking|talked|admit|admitting)\\b|\\bhaven\'t (?:yet "
    ")?broken (?:it|the news) to\\b",
    "\\bcan i trust you\\b(?! (?:to (?!keep|not)|with the (?:keys|car|kids|dog|cat|cooking)))|\\btrust(?:ing)? you "
    "with (?:this|that|it|something)\\b|\\btrust you to keep\\b|\\btrust you not to\\b|\\bcount on your "
    "silence\\b|\\byour silence\\b",
    "\\byou (?:never|didn\'t) (?:heard|got|saw|hear|see|get) (?:this|that|it|anything|nothing)\\b|\\byou "
    "(?:heard|saw|know) nothing(?=[.,!;]|$)",
    "\\bif (?!i\\b|you\\b|we\\b|it\\b)[\\w\' ]{1,20}? (?:ever )?(?:knew|heard|hears?|caught me|catches me|got "
    "wind|gets wind|learns?|learned|discovers?|discovered|saw (?:this|these|us))\\b(?! how)",
    "\\b(?:want to|wanted to|like to|need to|have to|\'ll|will|going to|let me|should|rather) (?:be the one (?:to|who) "
    "tells?|tell (?!you\\b)(?:him|her|them|[\\w\']+(?: [\\w\']+)?) (?:myself|first|in person|face to face)|be the "
    "first to tell)\\b|\\bhears? it from me\\b|\\btell (?:him|her|them) myself\\b",
    "\\b(?:haven\'t|not|until|before|hasn\'t|aren\'t|isn\'t|will be|we\'ll|they\'ll|to be|is being) (?:yet |we |they "
    "|even )?(?:been )?(?:announc\\w+|reveal(?:ed|ing)|gone public|going public|made public|made it public|told the "
    "(?:team|press|family|others|kids|children))\\b|\\bnon-?disclosure\\b|\\bnda\\b",
    "\\bas far as (?!i\\b|you\\b|we\\b)[\\w\']+(?: \\w+)? (?:knows?|is aware)\\b|\\bonly (?:my |the )?(?:\\w+ "
    "){1,2}knows?\\b(?! (?:how|what))|\\b(?:aren\'t|weren\'t|wasn\'t) (?:yet "
    ")?(?:public|official|announced|out)\\b|\\bfor my eyes\\b|\\b(?:isn\'t|not) (?:common|public) knowledge\\b|\\bnot "
    "(?:yet )?widely known\\b",
    "\\b(?:doesn\'t|didn\'t|do not|does not|did not|don\'t) want (?!me\\b|you\\b|to\\b)[\\w\' ]{1,30}? (?:to "
    "(?:know|find out|hear|learn|see (?:this|it)|worry|suspect|get wind|be told|notice)|knowing|told|finding "
    "out|hearing)\\b|\\b(?:prefer|like|want|wish|rather|happier) (?:it )?(?:if )?(?:nobody|no "
    "one|they|he|she|people|others) (?:didn\'t|never|don\'t|doesn\'t)? ?(?:knew|know|found out|heard|hear)\\b",
    "\\b" THIS " (?:\\w+ ){0,3}?" NOT_YET " (?:ever |even |really )?" SPREADS "(?:,|\\.|$| (?:all )?" OUT "\\b)",
    "\\b(?:don\'t|didn\'t|do not|wouldn\'t|not) (?:really )?(?:want|like|need) " THIS " (?:to )?" SPREADS
    "(?: (?:all )?" OUT "\\b|[.,!]|$)|\\b(?:don\'t|wouldn\'t) want (?:people|others|everyone|them|the whole "
    "\\w+|anyone|anybody|him|her)(?: \\w+)? (?:to "
    ")?(?:talk|talking|gossip|gossiping|whisper|whispering|asking|ask|staring)\\b",
    THEY " (?:still |really |honestly |obviously )*(?:have |has |had |do |does |must |can |should |may |will )?" NOT_YET
         " (?:have |ever |even |yet |actually |really |be |been |supposed to |allowed to |meant to |need to |want to "
         "|to )*(?:notice|noticed|suspect|suspects|suspected|realise|realised|realize|realized|find out|found "
         "out|finding out|discover|discovered|guess|guessed|aware|hear that|heard that|hear it|heard it|hear of|hear "
         "about|heard about|heard of|figured it out|figured out|told(?! (?:me|us|you)\\b)|know (?:that|it|yet|about "
         "(?:it|this|that|my|our|his|her|me|us))|learn of|learn about|learn that|see this|see these|read this|in on "
         "it|catch on|caught on)\\b(?! (?:how|what (?:to|time)))",
    THEY " (?:have|has|had|ever)?(?: \\w+){0,3} (?:not |n\'t |yet )?(?:no idea|no clue|no inkling)\\b(?! (?:how|what) "
         "to)|\\b(?:nobody|no one|no-one|none of them)(?: \\w+){0,3} "
         "(?:notices|noticed|suspects|suspected|realises|realised|realizes|realized|found out|finds out|caught on|has "
         "a clue|guesses|guessed)\\b",
    "\\b(?:i|we|i\'ve|we\'ve|i\'d|we\'d|i\'ll|we\'ll|he|she|he\'s|she\'s|they|they\'ve|and|but)(?: have| has| had)? "
    "(?:still )?(?:haven\'t|have not|hasn\'t|not|never|won\'t|will "
    "not|didn\'t|don\'t|doesn\'t|can\'t|couldn\'t|wouldn\'t|cannot|aren\'t)(?: \\w+){0,4}? "
    "(?:admit|admitted|admitting|confess|confessed|own up|owned up|come clean|came "
    "clean|announce|announced|announcing|disclose|disclosed|reveal|revealed|let on|fess up|fessed up|fessing up|out "
    "myself|made it public|make it public|going public|go public|gone public|brought it up|bring it up|breathed a "
    "word|said a word|spoken of it|speak of it|share it|shared it|shared this|told anyone|told a soul|tell anyone|tell "
    "a soul)\\b",
    "\\b(?:still|always|all) (?:thinks?|believes?|assumes?|believe) (?:that )?(?:i|i\'m|i\'ve|we|we\'re|it "
    "was|it\'s|he|she|he\'s|she\'s)\\b|\\bthinks? i(?:\'m| am|\'ve| was| went| have|) [^.!?;]{1,40}?,? but "
    "(?:really|actually|in fact|in truth|in reality|the truth)|\\bofficially\\b[^.!?;]{1,60}?\\bbut\\b|\\bi(?:\'ve)? "
    "(?:told|tell|keep telling) (?!you\\b|myself\\b)[^.!?;]{1,60}?\\bbut (?:really|actually|in fact|in truth|in "
    "reality|the truth|secretly|that\'s a lie|it\'s a lie|that\'s not true|it\'s not true)\\b|\\bi made up "
    "(?:an|some|the) (?:excuse|story)\\b",
    "\\byou (?:haven\'t|have not|never|didn\'t) (?:seen?|saw|met|talked to|spoken to|heard from) (?:me|us)(?: here| "
    "today| tonight)?(?=[.,!;]|$)|\\bi was never here\\b|\\byou were never here\\b|\\bi wasn\'t here\\b|\\bif "
    "(?:anyone|anybody|somebody|someone|he|she|they|\\w+) (?:asks?|calls?|rings?|wants to "
    "know)\\b(?=[^.!?;]*\\b(?:don\'t|not|never|no|nothing|say|tell|i was|we were|i\'m|haven\'t|sick|ill|home)\\b)",
    "\\bno (?:hints?|hinting|gossip|leaks?|whisper|whispers|mention of|peep|slip-?ups?|talking|telling|loose "
    "talk)\\b|\\bnot (?:a|one|so much as a) (?:peep|whisper|hint|sound|syllable|soul|living soul)\\b|\\bpretend "
    "(?:this|that|it|we|nothing|you|i)\\b[^.!?;]{0,25}?\\b(?:never|didn\'t|nothing|not|don\'t|haven\'t)\\b|\\bnever "
    "happened\\b",
    "\\b(?:walls have ears|wouldn\'t tell (?:just )?any(?:one|body)|wouldn\'t say this to|not something i "
    "(?:tell|share|say)|hardly (?:tell|told) any(?:one|body)|people (?:can\'t|mustn\'t|shouldn\'t|must not) "
    "(?:know|learn|find)|for (?:your|our) ears|strict silence|silence about|shut up about|shtum|hidden "
    "(?:from|life|account|phone)|double life|cover[- ]?up|covering up|cover story|alibi|fake name|under a false "
    "name)\\b",
    "\\b(?:sneak|sneaked|snuck|sneaking) (?:out|off|away|around|into|money|him|her)\\b|\\bon the sly\\b|\\bunder the "
    "table\\b|\\bin secrecy\\b|\\bclandestine\\w*\\b|\\bincognito\\b|\\bi (?:always |still )?hide "
    "(?:it|this|that|them|my)\\b|\\bhiding (?:it|this|that|something|my|the)\\b",
    "\\b(?:keep|keeping|kept|keeps) (?:it|this|that|all (?:of )?(?:this|it)|everything|the (?:\\w+ ){1,3}|what (?:\\w+ "
    "){1,5}|her \\w+ |his \\w+ |their \\w+ |these \\w+ |things )? ?(?:\\w+ )?(?:to "
    "(?:themselves|himself|herself|themself)|(?:just |only |strictly )?between (?:them|themselves|the two|the \\w+ of "
    "(?:them|us)))\\b(?<!keeps to himself)(?<!keeps to herself)(?<!kept to himself)(?<!kept to herself)",
    "\\bwithout (?:ever |having to |even "
    ")?(?:alerting|confessing|confess|telling|tell|revealing|reveal|disclosing|disclose|exposing|raising "
    "suspicion|blowing|admitting|admit|involving|informing|inform|notifying|getting caught|being "
    "(?:noticed|caught|seen)) ?(?!me\\b|you\\b|us\\b)",
    "\\bwithout (?!me\\b|you\\b|us\\b)(?:[\\w\']+ ){1,5}?(?:knowing|finding "
    "out|noticing|hearing|suspecting|realising|realizing|being told|the wiser|learning|catching on|discovering)\\b",
    "\\bonly (?:one|ones|person|people|human|soul) (?:who|that|in \\w+ \\w+ (?:who|that)|to)? ?(?:really |ever "
    ")?(?:knew|knows|know|has been told|was told|heard|hears|found "
    "out)\\b|\\b(?:confess|confessed|confesses|confiding|confides|came clean|opened up|owned up) (?:it |this "
    "|everything |all )?(?:only )?(?:to|about|in)\\b",
    "\\bonly (?:ever "
    ")?(?:shared|share|told|tell|discussed|discuss|talked|talk|spoke|confided|disclosed|revealed|mentioned|admitted|"
    "tells) (?!me\\b|us\\b|lies)(?:\\w+ ){0,4}?(?:with|to|about)\\b|\\bonly "
    "(?!i\\b|you\\b|we\\b|god\\b|time\\b)(?:[\\w\']+ ){1,4}?(?:knew|was privy|were privy|was aware|is aware|is "
    "privy)\\b|\\bonly known (?:by|to)\\b|\\bknown only to\\b",
    "\\bthe only (?:[\\w\']+ ){1,5}?(?:who|that|to) (?:really |ever )?(?:knew|knows|know|has been told|heard "
    "of)\\b|\\b(?:amongst|among) (?:themselves|ourselves|friends only)\\b|\\b(?:never|not|hardly) (?:ever "
    ")?(?:spoke|talked|spoken|talk|speak) (?:about|of) (?:it|this|that|what \\w+) (?:with|to|again|in front)\\b",
    "\\b(?:treat|treated|consider|considered|regard|regarded|handle|handled|take) (?:\\w+ ){1,4}?(?:as |in |with "
    ")?(?:strictly |highly )?(?:private|confidential|confidentially|sensitive|classified|a secret|confidence)\\b",
    "\\b(?:stay|stays|staying|stayed|remain|remains|kept|keep|left|belongs) (?:\\w+ "
    "){0,3}?(?:in|within|inside|among|amongst) (?:this|these|our|these four) "
    "(?:chat|room|house|car|circle|conversation|family|group|walls|four|team|office|kitchen|flat)\\b",
    "\\b(?:nobody|no one|no-one|not anyone|none of \\w+)(?:\'s| is| was| are| were|\'d)? (?:\\w+ "
    ")?(?:supposed|allowed|meant|entitled|to|needs|need|has|should|must|may|can)(?: to)? (?:ever )?(?:know|hear|find "
    "out|see (?:this|it)|learn|be told|talk|speak of)\\b",
    "\\b(?:haven\'t|hasn\'t|never|didn\'t|don\'t|doesn\'t|not|no|can\'t|couldn\'t|hadn\'t|lack|lacked|without)\\b[^.!?;"
    ",]{0,25}?\\b(?:courage|heart|nerve|guts|chance|strength|words|opportunity|ready|able|brave "
    "enough|dare|dared|manage|managed|brought myself|bring myself|know how|knows how|sure how|found a way|figured out "
    "how|get round|got round|got around|have it in me)[^.!?;,]{0,12}?\\b(?:to "
    ")?(?:tell|telling|break|confess|admit|come out|explain it to|explain to)\\b(?! (?:you|me|us)\\b)",
    "\\b(?:haven\'t|hasn\'t|never|didn\'t|don\'t|doesn\'t|hadn\'t|won\'t|wouldn\'t|can\'t|couldn\'t|not) "
    "(?:(?!(?:think|know|believe|remember|care|mind|sure|why|because|if|when|that|you|me)\\b)[\\w\']+ "
    "){1,4}?(?:tell|telling|told|inform|informed|alert) (?!me\\b|you\\b|us\\b|if\\b|whether\\b|lies\\b|the "
    "(?:time|difference|truth)\\b|that\\b|how\\b|what\\b|a (?:lie|joke|story)\\b|jokes\\b|stories\\b|apart\\b|them "
    "apart\\b)\\w",
    "\\b(?:pen name|pseudonym|different name|another name|alias|burner (?:phone|account)|second phone|secret "
    "account|fake account|double life)\\b|\\bgot away with\\b|\\bno one caught\\b|\\bnobody caught\\b|\\bhope "
    "(?:nobody|no one|he|she|they|it|this) (?:never|doesn\'t|don\'t|notices|finds|ever)\\b",
    "\\b(?:would|will|\'d|\'ll|might|could|is going to) (?:\\w+ )?(?:kill|fire|leave|disown|hate|murder|divorce|never "
    "forgive|skin|lose it|be (?:furious|devastated|mortified|heartbroken|fired|in "
    "trouble|dead|ruined|finished))[^.!?;]{0,20}?\\bif (?!i\\b|you don\'t)",
    "\\bunder (?:your|my|our) hats?\\b|\\bnot for (?:[\\w\']+ )?(?:ears|eyes)\\b|\\bfor (?:you|us|me|your eyes|your "
    "ears) (?:alone|only)\\b|\\bhides? (?:it|this|that|them|the \\w+|his \\w+|her \\w+|my \\w+) from\\b",
    "\\b(?:hate|dread|afraid|worried|terrified|scared|hope|fear)[^.!?;]{0,30}?\\b(?:learns? "
    "(?:of|about|it|this)|finds? out|found out|discovers?|gets? wind|hears? about)\\b|\\bbefore "
    "(?!i\\b|you\\b|we\\b)[\\w\']+(?: \\w+)? (?:notices?|noticed|realises?|realised|realizes?|realized|finds? "
    "out|found out)\\b",
    "\\b(?:i|we|i\'ve|we\'ve) (?:just |always |still )?(?:let|made|make|led) (?!me\\b|you\\b|us\\b)[\\w\' ]{1,24}? "
    "(?:to )?(?:believe|think)\\b|\\b(?:don\'t|doesn\'t|didn\'t|never|not) (?:ever "
    ")?(?:talk|speak|talked|spoken|mention) (?:about |of )?[^.!?;]{0,20}?\\b(?:outside|in front of|elsewhere|to "
    "strangers|with others)\\b",
    "\\b(?:nobody|no one|no-one|not a soul) (?:else )?(?:[\\w\']+ ){1,4}?(?:knows?|knew|suspects?|suspected)\\b(?! "
    "(?:how|what|why|where|when|whether|if|who|which|better|that (?:the|a)))|\\byou never (?:heard|saw|met|got|read) "
    "(?:of )?(?:his|her|my|their|this|that|it|him|me|them)\\b",
    "\\bonly tell (?!me\\b|us\\b)|\\btell only (?!me\\b|us\\b)|\\bjust tell \\w+,? (?:and )?(?:nobody|no one)\\b",
    NULL,
};

static const char *const announce[] = {
    "\\b(?:can|could|will|would) you keep (?:a|my|one|this)? ?(?:little |big )?secrets?\\b|\\bare you good at "
    "keeping\\b|\\bcan i trust you\\b|\\bcan you be discreet\\b|\\bcan you keep (?:something|this|a thing|quiet|your "
    "mouth)\\b",
    "\\b(?:i have|i've got|got|there's|tell you|here's|hear|want to know|wanna know|wanna hear|let you in "
    "on|share|want to hear|know) (?:\\w+ ){0,3}secret\\b",
    "\\b(?:i'll|i will|i'm going to|i'm gonna|let me|i want to|i wanted to|i wanna|i have to|i need to|i must|i've got "
    "to|i gotta|can i|may i|could i|i'd like to) "
    "(?:tell|confess|admit|share|trust|confide|let|ask)[^.!?;]{0,30}(?:something|a secret|one thing|a thing|this|in "
    "you|in confidence|in on|with you)\\b",
    "\\bwhat i(?:'m| am) (?:about to|going to|gonna) (?:tell|say|share)\\b|\\bwhat i (?:tell|say to) you "
    "(?:now|next)\\b|\\bif i (?:tell|told) you\\b|\\bbefore i (?:tell|say|start|go "
    "on|begin)\\b|\\b(?:promise|swear)(?: me)?(?: this)? first\\b|\\bwhat (?:follows|comes next)\\b|\\b(?:the )?next "
    "(?:thing|bit|part) (?:is|stays)?\\b|\\bwhat you(?:'re| are) about to hear\\b|\\bgot something to tell "
    "you\\b|\\bsomething (?:i )?(?:have|need|want) to tell you\\b|\\bthere's something\\b|\\bpsst\\b",
    "\\b(?:then|and|before) i(?:\'ll| will| can) (?:tell|show|explain)\\b|\\bgoes no further\\b(?=\\?)|\\bnever told "
    "(?:a soul|anyone|anybody)\\b(?=\\W*$)",
    "\\b(?:can|will|would|could) you (?:promise|swear)\\b|\\bi(?:\'ve| have) (?:got )?(?:some |big )?news\\b|\\bget "
    "something off my chest\\b",
    "\\bconfession to make\\b|\\bcome (?:closer|here)\\b|\\bthis next\\b|\\blean in\\b",
    NULL,
};

static const char *const filler[] = {
    "\\b(?:sorry|forget|a|about|actually|again|all|also|am|an|and|any|anybody|anymore|anyone|anything|are|aren't|as|at|"
    "back|be|because|been|before|being|believe|but|by|can|can't|could|deal|did|didn't|do|does|doesn't|doing|don't|done|"
    "else|ever|every|everybody|everyone|everything|for|friend|from|get|girl|go|going|good|got|guys|had|hadn't|has|hasn'"
    "t|have|haven't|having|hear|heard|he|he'd|he'll|he's|hey|her|here|him|himself|his|honestly|how|i|i'd|i'll|i'm|i've|"
    "if|in|into|is|isn't|it|it's|its|just|keep|know|knows|let|like|listen|look|lot|make|man|matter|may|maybe|me|mean|"
    "might|more|much|must|my|need|never|no|nobody|not|nothing|now|of|off|oh|ok|okay|on|once|one|only|or|other|our|out|"
    "over|part|people|please|pretty|promise|promised|put|quite|really|right|said|say|secret|see|seriously|she|she'd|"
    "she'll|she's|should|so|some|somebody|someone|something|still|stuff|such|sure|swear|take|talk|tell|telling|than|"
    "thanks|thank|that|that's|the|their|them|then|there|there's|these|they|they're|thing|things|think|this|those|to|"
    "today|told|too|trust|understand|understood|until|up|us|very|want|was|wasn't|we|we're|we've|well|were|what|what's|"
    "when|where|which|while|who|why|will|with|without|won't|word|would|yeah|yes|yet|you|you'd|you'll|you're|you've|"
    "your|yourself)\\b",
    NULL,
};

const struct class_words class_words_en = { idiom,
                                            condition,
                                            lift,
                                            lift_all,
                                            silence,
                                            announce,
                                            filler,
                                            class_en_delicate,
                                            class_en_frame,
                                            class_en_person,
                                            class_en_world,
                                            class_en_aside,
                                            class_en_change,
                                            class_en_travel,
                                            class_en_pointing,
                                            class_en_service,
                                            class_en_tradesman,
                                            class_en_anchor,
                                            class_en_tip,
                                            class_en_generic,
                                            class_en_own };
